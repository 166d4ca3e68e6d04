import type { Log } from "../../log/log.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";

/** The members of conversations whose presence is watched on this instance. */
export interface Rosters {
  /** Watches a conversation until `leave` is called. */
  watch(conversationId: string): WatchedRoster;
  /** The watched conversations of a user. */
  of(userId: string): string[];
}

export interface WatchedRoster {
  /** The members: a set that the log keeps current. */
  readonly members: Promise<ReadonlySet<string>>;
  leave(): void;
}

interface Roster {
  watchers: number;
  members: Set<string>;
  /** Changes that arrived while the members were being read; null after they are applied. */
  changesDuringRead: { userId: string; isMember: boolean }[] | null;
  ready: Promise<ReadonlySet<string>>;
}

export interface RostersOptions {
  conversations: ConversationService;
  log: Log;
  /** Called when a user joins a conversation with a watched roster. */
  onJoin: (conversationId: string, userId: string) => void;
}

export function makeRosters({ conversations, log, onJoin }: RostersOptions): Rosters {
  const rosters = new Map<string, Roster>();

  const change = (roster: Roster, userId: string, isMember: boolean): void => {
    if (isMember) roster.members.add(userId);
    else roster.members.delete(userId);
  };
  const apply = (conversationId: string, userId: string, isMember: boolean): void => {
    const roster = rosters.get(conversationId);
    if (roster === undefined) return;
    // The read may or may not include this change; applying it again in log order gives the same result.
    roster.changesDuringRead?.push({ userId, isMember });
    change(roster, userId, isMember);
    if (isMember) onJoin(conversationId, userId);
  };
  log.observe(({ authority }) => {
    for (const [userId, topic] of authority?.revoke ?? []) apply(topic, userId, false);
    for (const [userId, topic] of authority?.grant ?? []) apply(topic, userId, true);
  });

  const readMembers = async (
    conversationId: string,
    roster: Roster,
  ): Promise<ReadonlySet<string>> => {
    for (const userId of await conversations.memberIds(conversationId)) roster.members.add(userId);
    for (const { userId, isMember } of roster.changesDuringRead ?? [])
      change(roster, userId, isMember);
    roster.changesDuringRead = null;
    return roster.members;
  };
  const open = (conversationId: string): Roster => {
    const roster: Roster = {
      watchers: 0,
      members: new Set(),
      changesDuringRead: [],
      ready: Promise.resolve(new Set<string>()),
    };
    rosters.set(conversationId, roster);
    roster.ready = readMembers(conversationId, roster);
    roster.ready.catch(() => {
      // The next caller tries again.
      if (rosters.get(conversationId) === roster) rosters.delete(conversationId);
    });
    return roster;
  };

  return {
    watch: (conversationId) => {
      const roster = rosters.get(conversationId) ?? open(conversationId);
      roster.watchers += 1;
      let hasLeft = false;
      return {
        members: roster.ready,
        leave: () => {
          if (hasLeft) return;
          hasLeft = true;
          roster.watchers -= 1;
          if (roster.watchers === 0 && rosters.get(conversationId) === roster)
            rosters.delete(conversationId);
        },
      };
    },
    of: (userId) => [...rosters].flatMap(([id, { members }]) => (members.has(userId) ? id : [])),
  };
}
