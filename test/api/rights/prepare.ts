import type { Variables } from "../../kit/socket.ts";
import type { Place } from "./place.ts";

/**
 * What somebody asks of a mutation in a place: makes what the row is about, while the place is open, and
 * answers the input. Null where there can be no such thing, which the tables write as a dash.
 */
export type Prepare = (place: Place, actor: string) => Promise<Variables | null>;

/** What a place can be asked: for each mutation, what it can be about. The first is the plainest. */
export type CasesInPlaces = Readonly<Record<string, Readonly<Record<string, Prepare>>>>;

/** The room or conversation itself, under the name that the mutation has for it. */
export const the =
  (field: "roomId" | "conversationId", more: Variables = {}): Prepare =>
  (place) =>
    Promise.resolve({ [field]: place.id, ...more });

/** A time that is to come, as the API writes it. */
export const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();
