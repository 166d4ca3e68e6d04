import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { StaleDraftError } from "./draft.errors.ts";
import { newId } from "../../kernel/ids.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { SendService } from "../message/send.service.ts";
import { draftChanged } from "./draft.events.ts";
import { canKeepDraft, isUpToDate } from "./draft.policy.ts";
import { placeOf, type DraftPage, type DraftRecord, type DraftStore } from "./draft.store.ts";

export type { DraftPage, DraftRecord } from "./draft.store.ts";

export interface DraftRequest {
  conversationId: string;
  threadRootId: string | null;
  replyToId: string | null;
  /** Blank text clears the draft. */
  body: string;
  /** The version that the device edited, null if there was none; undefined replaces any version. */
  base: Position | null | undefined;
}

export interface DraftSaved {
  /** Null after the draft was cleared. */
  draft: DraftRecord | null;
  position: Position;
}

export interface DraftService {
  /** A user's drafts, for the user's export. */
  readonly exportSection: ExportSection;
  /** Removes all drafts of a user in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /** @throws InvalidInputError NotFoundError NotAMemberError StaleDraftError RateLimitedError */
  save(viewerId: string, request: DraftRequest): Promise<DraftSaved>;
  /** The current draft; null if it was cleared. The caller must be its author. */
  find(id: string): Promise<DraftRecord | null>;
  /** A user's drafts, by conversation or by root message of a thread. */
  of(userId: string, placeIds: readonly string[]): Promise<Map<string, DraftRecord>>;
  /** A user's drafts in the user's conversations, last changed first. */
  page(userId: string, page: DraftPage): Promise<DraftRecord[]>;
}

export interface DraftServiceOptions {
  store: DraftStore;
  sending: SendService;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeDraftService({
  store,
  sending,
  conversations,
  log,
  clock,
  rates,
}: DraftServiceOptions): DraftService {
  const isSame = (draft: DraftRecord | null, { body, replyToId }: DraftRequest): boolean =>
    draft === null ? body.trim() === "" : draft.body === body && draft.replyToId === replyToId;

  return {
    find: store.findById,
    of: store.of,
    page: store.page,
    eraseUser: (unit, userId) => store.removeAll(unit.tx, userId),
    exportSection: {
      type: "draft",
      page: async (userId, after, limit) =>
        exportPage(
          await store.ofUser(userId, after, limit + 1),
          limit,
          ({ id }) => id,
          ({ id: _, position: __, ...draft }) => draft,
        ),
    },
    save: async (viewerId, request) => {
      const { conversationId, threadRootId, replyToId, body, base } = request;
      const isBlank = body.trim() === "";
      if (!isBlank) sending.requireBody(body);
      rates.takeLocal("DRAFT", viewerId);
      if (!canKeepDraft(await conversations.requireVisible(viewerId, conversationId)))
        throw new NotAMemberError();
      await sending.requireWithin(conversationId, { replyToId, threadRootId });
      return log.write(async (unit) => {
        const current = await store.lock(unit.tx, viewerId, placeOf(request));
        if (!isUpToDate(base, current?.position ?? null)) throw new StaleDraftError();
        if (isSame(current, request)) return { draft: current, position: await log.head(unit.tx) };
        const id = current?.id ?? newId(clock.now());
        const draftId = isBlank ? null : id;
        const { position, at: updatedAt } = await unit.append(
          draftChanged(viewerId, { conversationId, threadRootId, draftId }),
        );
        if (isBlank) {
          await store.remove(unit.tx, id);
          return { draft: null, position };
        }
        const draft = { id, conversationId, threadRootId, replyToId, body, updatedAt, position };
        // Without a row to lock, another device may have stored a draft first.
        const mayReplace = current !== null || base === undefined;
        if (!(await store.put(unit.tx, viewerId, draft, mayReplace))) throw new StaleDraftError();
        return { draft, position };
      });
    },
  };
}
