import type { Variables } from "../../kit/socket.ts";
import type { Place } from "./place.ts";

/**
 * Prepares the subject of a mutation while the place is open, and returns the input. Null for an
 * impossible case, which the tables show as a dash.
 */
export type Prepare = (place: Place, actor: string) => Promise<Variables | null>;

/** The cases of places: for each mutation, its possible subjects. The first is the simplest. */
export type CasesInPlaces = Readonly<Record<string, Readonly<Record<string, Prepare>>>>;

/** The room or conversation itself, under the mutation's name for it. */
export const the =
  (field: "roomId" | "conversationId", more: Variables = {}): Prepare =>
  (place) =>
    Promise.resolve({ [field]: place.id, ...more });

/** A future time, in the API's format. */
export const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();
