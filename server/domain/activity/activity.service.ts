import { NotAMemberError } from "../../kernel/errors.ts";
import type { Log } from "../../log/log.ts";
import type { ActivitySignal } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";

/** What a domain has to tell of a conversation at this moment, to one person. */
export type ActivitySource = (
  conversationId: string,
  viewerId: string,
) => readonly ActivitySignal[] | Promise<readonly ActivitySignal[]>;

export interface ActivityService {
  /** Adds to what streams begin with. Changes are dispatched with the conversation's id as subject. */
  contribute(source: ActivitySource): void;
  /** Opens a stream of what moves in a conversation; it fails with NotFoundError or NotAMemberError. */
  open(viewerId: string, conversationId: string, sink: SignalSink): SignalStream;
  /**
   * For whoever cannot see a conversation as far as this instance knows: resolves when it knows better.
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
        present: async () =>
          (
            await Promise.all(sources.map(async (source) => source(conversationId, viewerId)))
          ).flat(),
        repeats: true,
        sink,
      }),
  };
}
