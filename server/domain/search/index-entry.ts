import { quoted } from "./query.ts";
import { spanMarks } from "./position-windows.ts";
import { tokenize } from "./tokenizer.ts";

/**
 * Version of the rules in this folder that turn a message into index words. A new version makes the
 * server reindex all messages.
 */
export const RULES_VERSION = 2;

/** Features by which messages can be filtered. The keys are the values of the API's `MessageFeature`. */
export type Feature = "FILE" | "LINK" | "MENTION" | "PICTURE" | "PIN" | "REACTION" | "REPLY";

/** The columns read to index a message; the message's table is named `m`. */
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
  /** Whether search finds it: text messages that are not deleted. */
  isSearched: boolean;
  isReply: boolean;
  hasMentions: boolean;
  hasReactions: boolean;
  hasFiles: boolean;
  hasPictures: boolean | null;
  isPinned: boolean;
}

/** A message in the index. */
export interface IndexEntry {
  messageId: string;
  conversationId: string;
  position: number;
  createdAt: Date;
  /** Text of a tsvector. */
  words: string;
}

/** Maximum total bytes of different words kept for one message: a tsvector holds less than a mebibyte. */
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

/** Returns the mark under which an author's messages are indexed. */
export function authorMark(authorId: string): string {
  return `@${Buffer.from(authorId.replaceAll("-", ""), "hex").toString("base64url")}`;
}

/** Returns the mark under which messages with a feature are indexed. */
export function featureMark(feature: Feature): string {
  return `#${feature.toLowerCase()}`;
}

/** Builds the index entry of a message. */
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
