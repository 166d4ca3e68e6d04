import { quoted } from "./query.ts";
import { spanMarks } from "./position-windows.ts";
import { tokenize } from "./tokenizer.ts";

/**
 * Of the rules in this folder by which a message becomes the words of the index. Another number makes
 * the server read all messages again.
 */
export const RULES_VERSION = 2;

/** What a message may have that can be asked for. The keys are the values of the API's `MessageFeature`. */
export type Feature = "FILE" | "LINK" | "MENTION" | "PICTURE" | "PIN" | "REACTION" | "REPLY";

/** What is read of a message to index it; the message's table is called `m`. */
export const INDEXED_COLUMNS = `
  m.id, m."conversationId", m.position::float8 AS position, m."createdAt", m."authorId", m.body,
  m.kind = 'TEXT' AND m."deletedAt" IS NULL AS "isSearched",
  m."replyToId" IS NOT NULL AS "isReply", m.mentions IS NOT NULL AS "hasMentions",
  m.attachments IS NOT NULL AS "hasFiles", m.attachments @? '$[*].picture.width' AS "hasPictures",
  EXISTS (SELECT 1 FROM "Reaction" r WHERE r."messageId" = m.id) AS "hasReactions",
  EXISTS (SELECT 1 FROM "Pin" p WHERE p."messageId" = m.id) AS "isPinned"`;

/** A row of `INDEXED_COLUMNS`. */
export interface IndexedRow {
  id: string;
  conversationId: string;
  position: number;
  createdAt: Date;
  authorId: string;
  body: string;
  /** Whether it is found at all: somebody said it, and it is not deleted. */
  isSearched: boolean;
  isReply: boolean;
  hasMentions: boolean;
  hasReactions: boolean;
  hasFiles: boolean;
  hasPictures: boolean | null;
  isPinned: boolean;
}

/** A message as the index has it. */
export interface IndexEntry {
  messageId: string;
  conversationId: string;
  position: number;
  createdAt: Date;
  /** Text of a tsvector. */
  words: string;
}

/** Bytes of different words of one message that are kept: a tsvector holds less than a mebibyte. */
const WORD_BYTES = 500_000;

const LINK = /\bhttps?:\/\/[^\s/]/i;

const HAS: Readonly<Record<Feature, (row: IndexedRow) => boolean>> = {
  FILE: ({ hasFiles }) => hasFiles,
  LINK: ({ body }) => LINK.test(body),
  MENTION: ({ hasMentions }) => hasMentions,
  PICTURE: ({ hasPictures }) => hasPictures === true,
  PIN: ({ isPinned }) => isPinned,
  REACTION: ({ hasReactions }) => hasReactions,
  REPLY: ({ isReply }) => isReply,
};

/** What the messages of an author are indexed under. */
export function authorMark(authorId: string): string {
  return `@${Buffer.from(authorId.replaceAll("-", ""), "hex").toString("base64url")}`;
}

/** What messages with a feature are indexed under. */
export function featureMark(feature: Feature): string {
  return `#${feature.toLowerCase()}`;
}

/** A message as it is to be found. */
export function toIndexEntry(row: IndexedRow): IndexEntry {
  const places = new Map<string, number[]>();
  let bytes = 0;
  for (const { text, place } of tokenize(row.body)) {
    const known = places.get(text);
    if (known !== undefined) known.push(place);
    else if ((bytes += Buffer.byteLength(text)) > WORD_BYTES) break;
    else places.set(text, [place]);
  }
  const features = (Object.keys(HAS) as Feature[]).filter((feature) => HAS[feature](row));
  const marks = [
    authorMark(row.authorId),
    ...features.map(featureMark),
    ...spanMarks(row.position),
  ];
  const words = [
    ...marks.map(quoted),
    ...[...places].map(([text, at]) => `${quoted(text)}:${at.join(",")}`),
  ];
  const { id, conversationId, position, createdAt } = row;
  return { messageId: id, conversationId, position, createdAt, words: words.join(" ") };
}
