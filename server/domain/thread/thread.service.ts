import type { Position } from "../../kernel/cursor.ts";
import { DeletedError, NotFoundError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { MessageRecord } from "../message/message.record.ts";
import { canRead, type ConversationService } from "../conversation/conversation.service.ts";
import type { MessageService } from "../message/message.service.ts";
import { threadFollowChanged } from "./thread.events.ts";
import { canFollowThread } from "./thread.policy.ts";
import type { ReplyPage, ThreadKey, ThreadPage, ThreadStore } from "./thread.store.ts";

export type { ReplyPage, ThreadKey, ThreadPage } from "./thread.store.ts";

/** The root message of a thread and its sort key in a list of threads. */
export interface ListedThread extends ThreadKey {
  root: MessageRecord;
}

export interface ThreadFollowResult {
  root: MessageRecord;
  position: Position;
}

export interface ThreadService {
  /**
   * A thread's replies, in order.
   *
   * @param rights the viewer's rights to the root message; null if the viewer may not read it
   * @throws NotFoundError
   */
  replies(rights: object | null, rootId: string, page: ReplyPage): Promise<MessageRecord[]>;
  /** A conversation's threads, last reply first; none for banned users. @throws NotFoundError */
  ofConversation(
    viewerId: string,
    conversationId: string,
    page: ThreadPage,
  ): Promise<ListedThread[]>;
  /** The threads that the viewer follows in the viewer's conversations, last reply first. */
  followedBy(viewerId: string, page: ThreadPage): Promise<ListedThread[]>;
  /** Whether a user follows threads, by root message; absent without a choice. */
  follows(userId: string, rootIds: readonly string[]): Promise<Map<string, boolean>>;
  /** Removes a user's choices about threads in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /**
   * Follows or unfollows a thread; repeating it has no effect. @throws NotFoundError NotAMemberError
   * DeletedError RateLimitedError
   */
  setFollowing(viewerId: string, rootId: string, following: boolean): Promise<ThreadFollowResult>;
}

export interface ThreadServiceOptions {
  store: ThreadStore;
  messages: MessageService;
  conversations: ConversationService;
  log: Log;
  rates: RateLimits;
}

export function makeThreadService({
  store,
  messages,
  conversations,
  log,
  rates,
}: ThreadServiceOptions): ThreadService {
  const listed = async (keys: readonly ThreadKey[]): Promise<ListedThread[]> => {
    const roots = await messages.find(keys.map(({ rootId }) => rootId));
    return keys.flatMap((key) => {
      const root = roots.get(key.rootId);
      return root === undefined ? [] : { ...key, root };
    });
  };

  /** Throws unless the viewer may follow the thread of this message. */
  const requireMember = async (viewerId: string, rootId: string, db?: Db): Promise<void> => {
    if (!canFollowThread(await messages.requireRights(viewerId, rootId, db)))
      throw new NotAMemberError();
  };

  return {
    replies: async (rights, rootId, page) => {
      if (rights === null) throw new NotFoundError("message");
      const ids = await store.replies(rootId, page);
      const replies = await messages.find(ids);
      return ids.flatMap((id) => replies.get(id) ?? []);
    },
    ofConversation: async (viewerId, conversationId, page) => {
      const access = await conversations.requireDiscoverable(viewerId, conversationId);
      if (!canRead(access)) return [];
      return listed(await store.ofConversation(conversationId, page));
    },
    followedBy: async (viewerId, page) => listed(await store.followedBy(viewerId, page)),
    follows: store.follows,
    eraseUser: (unit, userId) => store.removeAll(unit.tx, userId),
    setFollowing: async (viewerId, rootId, following) => {
      await requireMember(viewerId, rootId);
      const root = (await messages.find([rootId])).get(rootId);
      if (root === undefined || root.threadRootId !== null || root.kind !== "TEXT")
        throw new NotFoundError("thread");
      if (following && root.deletedAt !== null && root.thread === null) throw new DeletedError();
      await rates.take("FOLLOW", viewerId);
      const position = await log.write(async (unit) => {
        const choice = (await store.follows(viewerId, [rootId], unit.tx)).get(rootId);
        if ((choice ?? root.author.id === viewerId) === following) return log.head(unit.tx);
        const { conversationId } = root;
        const { position } = await unit.append(
          threadFollowChanged(viewerId, { conversationId, rootId, following }),
        );
        // Checks again under the lock: from here to COMMIT, the viewer cannot leave.
        await requireMember(viewerId, rootId, unit.tx);
        await store.setFollowing(unit.tx, viewerId, rootId, following);
        return position;
      });
      return { root, position };
    },
  };
}
