import { type FieldProblem } from "../../kernel/errors.ts";
import { UsernameTakenError } from "./user.errors.ts";
import { hasControlCharacters, isVisible } from "../../kernel/text.ts";
import type { ExportSection } from "../../kernel/export-section.ts";
import type { UserRecord } from "./user.record.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { UserStore } from "./user.store.ts";

export const USERNAME_MAX_LENGTH = 32;
const DISPLAY_NAME_MAX_LENGTH = 64;
const STATUS_MAX_LENGTH = 100;
/** Prefix of the usernames of deleted accounts, which no sign-up can use. */
const DELETED_PREFIX = "deleted~";
const DELETED_NAME = "Deleted account";

const USERNAME_PATTERN = /^[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?$/i;
/** Names that mention all members. */
const RESERVED = new Set(["here", "room"]);

export interface UserService {
  byId(id: string, db?: Db): Promise<UserRecord | null>;
  byIds(ids: readonly string[], db?: Db): Promise<UserRecord[]>;
  byUsername(username: string): Promise<UserRecord | null>;
  /** Adds a user. @throws UsernameTakenError */
  create(unit: Unit, user: UserRecord, passwordHash: string): Promise<void>;
  /** The profile, for the user's export. */
  readonly exportSection: ExportSection;
  /** Replaces everything that identifies the user. */
  anonymise(unit: Unit, user: UserRecord): Promise<UserRecord>;
}

export function makeUserService(store: UserStore): UserService {
  return {
    byId: store.findById,
    byIds: store.findByIds,
    byUsername: async (username) =>
      isUsername(username) ? store.findByKey(usernameKey(username)) : null,
    create: async (unit, user, passwordHash) => {
      if (!(await store.create(unit.tx, user, passwordHash))) throw new UsernameTakenError();
    },
    exportSection: {
      type: "profile",
      page: async (userId) => {
        const user = await store.findById(userId);
        return { items: user === null ? [] : [user], next: null };
      },
    },
    anonymise: async (unit, user) => {
      const left = asDeleted(user, new Date());
      await store.rename(unit.tx, left);
      return left;
    },
  };
}

/** Returns the key of a username: "Ada" and "ada" are the same user. */
export function usernameKey(username: string): string {
  return username.trim().toLowerCase();
}

/** Returns a deleted user: the id and an anonymous name. */
export function asDeleted(user: UserRecord, changedAt: Date): UserRecord {
  // The last 20 digits of an id are random.
  const username = `${DELETED_PREFIX}${user.id.replaceAll("-", "").slice(-20)}`;
  const nothing = { avatarId: null, statusText: null, changedAt };
  return { ...user, ...nothing, username, usernameKey: username, displayName: DELETED_NAME };
}

/** Whether the account of this user was deleted. */
export function isDeleted(user: Pick<UserRecord, "usernameKey">): boolean {
  return user.usernameKey.startsWith(DELETED_PREFIX);
}

/** Whether the text is a valid username, so that a look-up makes sense. */
export function isUsername(text: string): boolean {
  const username = text.trim();
  return username.length <= USERNAME_MAX_LENGTH && USERNAME_PATTERN.test(username);
}

/** Returns the problems of a new user's names; empty if they are valid. */
export function nameProblems(username: string, displayName: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (field: string, code: FieldProblem["code"], message: string): void => {
    problems.push({ field, code, message });
  };
  if (username.length === 0) add("username", "REQUIRED", "Choose a username.");
  else if (username.length > USERNAME_MAX_LENGTH) {
    add(
      "username",
      "TOO_LONG",
      `A username may have at most ${String(USERNAME_MAX_LENGTH)} characters.`,
    );
  } else if (!USERNAME_PATTERN.test(username)) {
    add(
      "username",
      "INVALID_FORMAT",
      "A username may contain letters a to z and digits, with . _ - between them.",
    );
  } else if (RESERVED.has(usernameKey(username))) {
    add("username", "INVALID_VALUE", "This name mentions all members. Choose another.");
  }
  return [...problems, ...displayNameProblems(displayName)];
}

/** Returns the problems of a display name; an empty name is valid. */
export function displayNameProblems(displayName: string): FieldProblem[] {
  return shownProblems("displayName", "A display name", displayName, DISPLAY_NAME_MAX_LENGTH);
}

/** Returns the problems of a status text; an empty text is valid. */
export function statusProblems(statusText: string): FieldProblem[] {
  return shownProblems("statusText", "A status", statusText, STATUS_MAX_LENGTH);
}

function shownProblems(
  field: string,
  what: string,
  text: string,
  maxLength: number,
): FieldProblem[] {
  const problem = (code: FieldProblem["code"], message: string): FieldProblem[] => [
    { field, code, message: `${what} ${message}` },
  ];
  if (text.length > maxLength) {
    return problem("TOO_LONG", `may have at most ${String(maxLength)} characters.`);
  }
  if (hasControlCharacters(text))
    return problem("INVALID_FORMAT", "must not contain control characters.");
  if (text !== "" && !isVisible(text))
    return problem("INVALID_FORMAT", "needs a visible character.");
  return [];
}
