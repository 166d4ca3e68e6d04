import { NotAMemberError } from "../conversation/conversation.errors.ts";
import type { Log } from "../../log/log.ts";
import type { ActivitySignal } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";

/** The current activity that a domain shows to one user in a conversation. */
export type ActivitySource = (
  conversationId: string,
  viewerId: string,
) => readonly ActivitySignal[] | Promise<readonly ActivitySignal[]>;

export interface ActivityService {
  /**
   * Adds a source of the initial state of streams. Changes are dispatched with the conversation's id as
   * subject.
   */
  contribute(source: ActivitySource): void;
  /** Opens a stream of a conversation's activity; it fails with NotFoundError or NotAMemberError. */
  open(viewerId: string, conversationId: string, sink: SignalSink): SignalStream;
  /**
   * Called when this instance finds that the viewer cannot see a conversation; resolves if the database
   * disagrees.
   *
   * @throws NotFoundError NotAMemberError
   */
  settle(viewerId: string, conversationId: string): Promise<void>;
}

export interface ActivityServiceOptions {
  signals: Signals;
  conversations: ConversationService;
  log: Log;
}

export function makeActivityService({
  signals,
  conversations,
  log,
}: ActivityServiceOptions): ActivityService {
  const sources: ActivitySource[] = [];
  const settle: ActivityService["settle"] = async (viewerId, conversationId) => {
    const access = await conversations.requireVisible(viewerId, conversationId);
    if (!access.isMember) throw new NotAMemberError();
    await log.catchUp();
  };
  return {
    contribute: (source) => {
      sources.push(source);
    },
    settle,
    open: (viewerId, conversationId, sink) =>
      signals.open({
        userId: viewerId,
        subjects: [conversationId],
        topic: conversationId,
        settle: () => settle(viewerId, conversationId),
        currentState: async () =>
          (
            await Promise.all(sources.map(async (source) => source(conversationId, viewerId)))
          ).flat(),
        resendsState: true,
        sink,
      }),
  };
}
