import type { FieldProblem } from "../../kernel/errors.ts";
import { hasControlCharacters, isVisible } from "../../kernel/text.ts";

export const ROOM_NAME_MAX_LENGTH = 80;
const TOPIC_MAX_LENGTH = 300;
const SLUG_MAX_LENGTH = 64;
/** Longest pause of slow mode: six hours. */
export const SLOW_MODE_MAX_SECONDS = 21_600;
const SLUG_PATTERN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:-[\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*$/u;
/** What is not seen would make two addresses that look the same. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Whether a room can have this address at all. */
export function isSlug(text: string): boolean {
  return SLUG_PATTERN.test(text) && text.search(UNSEEN) === -1;
}

/** An address as it is stored and looked for, from how somebody wrote it. */
export function toSlug(text: string): string {
  return text.trim().toLowerCase().normalize("NFC");
}

/** "Tea & Cake" becomes "tea-cake". */
export function slugOf(name: string): { slug: string; isCut: boolean } {
  const whole = toSlug(name)
    .replace(UNSEEN, "")
    // Marks belong to the letter before them; without one they go.
    .replace(/(?:[^\p{L}\p{M}\p{N}]\p{M}*)+/gu, "-")
    .replace(/^[-\p{M}]+|-+$/gu, "");
  return { slug: cut(whole, SLUG_MAX_LENGTH), isCut: whole.length > SLUG_MAX_LENGTH };
}

/** The same address with something behind it, for when it is taken. */
export function withSuffix(slug: string, suffix: string): string {
  return `${cut(slug, SLUG_MAX_LENGTH - suffix.length - 1)}-${suffix}`;
}

/** The cut may leave a dash, or half of a letter beyond the basic plane, at the end. */
function cut(slug: string, length: number): string {
  return slug.slice(0, length).replace(/[-\p{Cs}]+$/u, "");
}

/** A name as it is stored, from how somebody wrote it. */
export function toName(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

export function nameProblems(name: string): FieldProblem[] {
  if (name === "") return [{ field: "name", code: "REQUIRED", message: "Give the room a name." }];
  if (name.length > ROOM_NAME_MAX_LENGTH) {
    const message = `A room's name has at most ${String(ROOM_NAME_MAX_LENGTH)} characters.`;
    return [{ field: "name", code: "TOO_LONG", message }];
  }
  if (hasControlCharacters(name) || !isVisible(name)) {
    const message = "A room's name has letters that show, and no control characters.";
    return [{ field: "name", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function slugProblems(slug: string): FieldProblem[] {
  if (slug.length > SLUG_MAX_LENGTH) {
    const message = `A room's address has at most ${String(SLUG_MAX_LENGTH)} characters.`;
    return [{ field: "slug", code: "TOO_LONG", message }];
  }
  if (!isSlug(slug)) {
    const message = "A room's address has letters and digits, with single dashes between.";
    return [{ field: "slug", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function topicProblems(topic: string): FieldProblem[] {
  if (topic.length > TOPIC_MAX_LENGTH) {
    const message = `A topic has at most ${String(TOPIC_MAX_LENGTH)} characters.`;
    return [{ field: "topic", code: "TOO_LONG", message }];
  }
  if (/[\0\p{Cs}]/u.test(topic)) {
    const message = "A topic has neither NUL nor half characters.";
    return [{ field: "topic", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function slowModeProblems(seconds: number): FieldProblem[] {
  if (seconds >= 0 && seconds <= SLOW_MODE_MAX_SECONDS) return [];
  const message = `A pause has 0 to ${String(SLOW_MODE_MAX_SECONDS)} seconds.`;
  return [{ field: "slowModeSeconds", code: "INVALID_VALUE", message }];
}
