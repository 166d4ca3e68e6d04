import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import * as documents from "./documents.ts";
import * as messageDocuments from "./message-documents.ts";
import { CREATE_INVITE_LINK, INVITE_TO_ROOM } from "./room-documents.ts";
import * as writingDocuments from "./writing-documents.ts";

const schema = buildSchema(
  await readFile(join(import.meta.dirname, "../../schema.graphql"), "utf8"),
);

test.for(
  Object.entries({
    ...documents,
    ...messageDocuments,
    ...writingDocuments,
    CREATE_INVITE_LINK,
    INVITE_TO_ROOM,
  }),
)("the kit's document %s is valid", ([, document]) => {
  expect(validate(schema, parse(document))).toEqual([]);
});
