import type { FieldProblem } from "../../kernel/errors.ts";
import { hasControlCharacters, isVisible } from "../../kernel/text.ts";

export const ROOM_NAME_MAX_LENGTH = 80;
const TOPIC_MAX_LENGTH = 300;
const SLUG_MAX_LENGTH = 64;
/** Maximum slow mode: six hours. */
export const SLOW_MODE_MAX_SECONDS = 21_600;
const SLUG_PATTERN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:-[\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*$/u;
/** Invisible characters would make different addresses look equal. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Whether the text is a valid address of a room. */
export function isSlug(text: string): boolean {
  return SLUG_PATTERN.test(text) && text.search(UNSEEN) === -1;
}

/** Normalizes an entered address to its stored form. */
export function toSlug(text: string): string {
  return text.trim().toLowerCase().normalize("NFC");
}

/** Derives an address from a name: "Tea & Cake" becomes "tea-cake". */
export function slugOf(name: string): { slug: string; isCut: boolean } {
  const whole = toSlug(name)
    .replace(UNSEEN, "")
    // Marks belong to the letter before them; a mark without a letter is removed.
    .replace(/(?:[^\p{L}\p{M}\p{N}]\p{M}*)+/gu, "-")
    .replace(/^[-\p{M}]+|-+$/gu, "");
  return { slug: cut(whole, SLUG_MAX_LENGTH), isCut: whole.length > SLUG_MAX_LENGTH };
}

/** Appends a suffix to an address that is taken. */
export function withSuffix(slug: string, suffix: string): string {
  return `${cut(slug, SLUG_MAX_LENGTH - suffix.length - 1)}-${suffix}`;
}

/** The cut may leave a trailing dash or a lone surrogate. */
function cut(slug: string, length: number): string {
  return slug.slice(0, length).replace(/[-\p{Cs}]+$/u, "");
}

/** Normalizes an entered name to its stored form. */
export function toName(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

export function nameProblems(name: string): FieldProblem[] {
  if (name === "") return [{ field: "name", code: "REQUIRED", message: "Give the room a name." }];
  if (name.length > ROOM_NAME_MAX_LENGTH) {
    const message = `A room's name may have at most ${String(ROOM_NAME_MAX_LENGTH)} characters.`;
    return [{ field: "name", code: "TOO_LONG", message }];
  }
  if (hasControlCharacters(name) || !isVisible(name)) {
    const message =
      "A room's name needs a visible character and must not contain control characters.";
    return [{ field: "name", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function slugProblems(slug: string): FieldProblem[] {
  if (slug.length > SLUG_MAX_LENGTH) {
    const message = `A room's address may have at most ${String(SLUG_MAX_LENGTH)} characters.`;
    return [{ field: "slug", code: "TOO_LONG", message }];
  }
  if (!isSlug(slug)) {
    const message =
      "A room's address may contain letters and digits, with single dashes between them.";
    return [{ field: "slug", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function topicProblems(topic: string): FieldProblem[] {
  if (topic.length > TOPIC_MAX_LENGTH) {
    const message = `A topic may have at most ${String(TOPIC_MAX_LENGTH)} characters.`;
    return [{ field: "topic", code: "TOO_LONG", message }];
  }
  if (/[\0\p{Cs}]/u.test(topic)) {
    const message = "A topic must not contain NUL or lone surrogates.";
    return [{ field: "topic", code: "INVALID_FORMAT", message }];
  }
  return [];
}

export function slowModeProblems(seconds: number): FieldProblem[] {
  if (seconds >= 0 && seconds <= SLOW_MODE_MAX_SECONDS) return [];
  const message = `Slow mode can be 0 to ${String(SLOW_MODE_MAX_SECONDS)} seconds.`;
  return [{ field: "slowModeSeconds", code: "INVALID_VALUE", message }];
}
