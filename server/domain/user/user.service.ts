import { UsernameTakenError, type FieldProblem } from "../../kernel/errors.ts";
import { hasControlCharacters, isVisible } from "../../kernel/text.ts";
import type { ExportSection } from "../../kernel/export-section.ts";
import type { UserRecord } from "./user.record.ts";
import type { Db, Unit } from "../../log/unit.ts";
import type { UserStore } from "./user.store.ts";

export const USERNAME_MAX_LENGTH = 32;
const DISPLAY_NAME_MAX_LENGTH = 64;
const STATUS_MAX_LENGTH = 100;
/** What usernames of deleted accounts begin with: no sign-up can have such a name. */
const DELETED_PREFIX = "deleted~";
const DELETED_NAME = "Deleted account";

const USERNAME_PATTERN = /^[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?$/i;
/** What mentions call everyone with. */
const RESERVED = new Set(["here", "room"]);

export interface UserService {
  byId(id: string, db?: Db): Promise<UserRecord | null>;
  byIds(ids: readonly string[], db?: Db): Promise<UserRecord[]>;
  byUsername(username: string): Promise<UserRecord | null>;
  /** Adds a user. @throws UsernameTakenError */
  create(unit: Unit, user: UserRecord, passwordHash: string): Promise<void>;
  /** The profile, for the person's own export. */
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

/** What makes two spellings the same name: "Ada" and "ada" are one person. */
export function usernameKey(username: string): string {
  return username.trim().toLowerCase();
}

/** What is left of a person: an id, and a name that says nothing. */
export function asDeleted(user: UserRecord, changedAt: Date): UserRecord {
  // The last 20 digits of an id are its random ones.
  const username = `${DELETED_PREFIX}${user.id.replaceAll("-", "").slice(-20)}`;
  const nothing = { avatarId: null, statusText: null, changedAt };
  return { ...user, ...nothing, username, usernameKey: username, displayName: DELETED_NAME };
}

/** Whether the account of this person was deleted. */
export function isDeleted(user: Pick<UserRecord, "usernameKey">): boolean {
  return user.usernameKey.startsWith(DELETED_PREFIX);
}

/** Whether anybody can have this name, so that it makes sense to look for them. */
export function isUsername(text: string): boolean {
  const username = text.trim();
  return username.length <= USERNAME_MAX_LENGTH && USERNAME_PATTERN.test(username);
}

/** What is wrong with a new person's names; empty when nothing is. */
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
      `A username has at most ${String(USERNAME_MAX_LENGTH)} characters.`,
    );
  } else if (!USERNAME_PATTERN.test(username)) {
    add(
      "username",
      "INVALID_FORMAT",
      "A username has letters a to z, digits, and . _ - between them.",
    );
  } else if (RESERVED.has(usernameKey(username))) {
    add("username", "INVALID_VALUE", "This name calls everyone in a room. Choose another.");
  }
  return [...problems, ...displayNameProblems(displayName)];
}

/** What is wrong with a name that is shown; empty is not wrong. */
export function displayNameProblems(displayName: string): FieldProblem[] {
  return shownProblems("displayName", "A display name", displayName, DISPLAY_NAME_MAX_LENGTH);
}

/** What is wrong with what somebody says of how they are; empty is not wrong. */
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
    return problem("TOO_LONG", `has at most ${String(maxLength)} characters.`);
  }
  if (hasControlCharacters(text)) return problem("INVALID_FORMAT", "has no control characters.");
  if (text !== "" && !isVisible(text)) return problem("INVALID_FORMAT", "has something to see.");
  return [];
}
