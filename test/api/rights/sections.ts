import type { Cast } from "./cast.ts";
import {
  BETWEEN_PEOPLE,
  ON_SERVER,
  OWN_ACCOUNT,
  OWN_THINGS,
  WITHOUT_SESSION,
  type PrepareElsewhere,
} from "./elsewhere.ts";
import { IN_CONVERSATIONS } from "./in-conversations.ts";
import { IN_ROOMS } from "./in-rooms.ts";
import { DirectPlace, RoomPlace, type Place } from "./place.ts";
import type { CasesInPlaces } from "./prepare.ts";

/** Kinds of places: how to open one, and its cases. */
interface PlaceKind {
  open: (cast: Cast) => Promise<Place>;
  cases: CasesInPlaces;
}

/** Subjects that exist only in rooms: invites and system messages. */
const ONLY_ROOMS_HAVE = (mutation: string, what: string): boolean =>
  /Invite$/.test(mutation) || mutation === "revokeInviteLink" || what === "a note";

const pick = (
  cases: CasesInPlaces,
  isIn: (mutation: string, what: string, index: number) => boolean,
): CasesInPlaces =>
  Object.fromEntries(
    Object.entries(cases).map(([mutation, byWhat]) => [
      mutation,
      Object.fromEntries(
        Object.entries(byWhat).filter(([what], index) => isIn(mutation, what, index)),
      ),
    ]),
  );

const IN_ANY_ROOM: CasesInPlaces = { ...IN_ROOMS, ...IN_CONVERSATIONS };
/** For mutations of rooms, a direct conversation never exists, so one subject of each suffices. */
const IN_DIRECTS: CasesInPlaces = {
  ...pick(IN_ROOMS, (mutation, what, index) => index === 0 && !ONLY_ROOMS_HAVE(mutation, what)),
  ...pick(IN_CONVERSATIONS, (mutation, what) => !ONLY_ROOMS_HAVE(mutation, what)),
};

/** The sections of the table with a place. */
export const PLACES: Readonly<Record<string, PlaceKind>> = {
  "In a public room": { open: (cast) => RoomPlace.open(cast, "public"), cases: IN_ANY_ROOM },
  "In a private room": { open: (cast) => RoomPlace.open(cast, "private"), cases: IN_ANY_ROOM },
  "In an archived room": { open: (cast) => RoomPlace.open(cast, "archived"), cases: IN_ANY_ROOM },
  "In a direct conversation": {
    open: (cast) => DirectPlace.open(cast, "participant"),
    cases: IN_DIRECTS,
  },
  "In a direct conversation with a user who blocks them": {
    open: (cast) => DirectPlace.open(cast, "blocked"),
    cases: IN_DIRECTS,
  },
  "In a direct conversation with a user whom they block": {
    open: (cast) => DirectPlace.open(cast, "blocker"),
    cases: IN_DIRECTS,
  },
};

/** All other sections. */
export const ELSEWHERE: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, PrepareElsewhere>>>>>
> = {
  "Between users": BETWEEN_PEOPLE,
  "A user's own objects": OWN_THINGS,
  "The server": ON_SERVER,
  "A user's own account": OWN_ACCOUNT,
  "Without a session": WITHOUT_SESSION,
};
