import { GraphQLError } from "graphql";
import { decodeCursor, encodeCursor } from "../kernel/cursor.ts";
import { isUuid } from "../kernel/ids.ts";
import { builder } from "./builder.ts";

builder.scalarType("Cursor", {
  description:
    "A position in the log. Opaque: store it and pass it to `events(after:)` to resume there.",
  serialize: encodeCursor,
  parseValue: (value) => {
    const position = typeof value === "string" ? decodeCursor(value) : null;
    if (position === null) throw badValue("This is not a cursor of this server.");
    return position;
  },
});

builder.scalarType("DateTime", {
  description: 'A time in UTC, in ISO 8601 format: `"2026-11-21T09:30:00.000Z"`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = typeof value === "string" ? new Date(value) : null;
    // PostgreSQL cannot parse years with more or fewer than four digits.
    if (
      date === null ||
      Number.isNaN(date.getTime()) ||
      !/^(?!0000)\d{4}-/.test(date.toISOString())
    )
      throw badValue("This is not a date and time in ISO 8601 format.");
    return date;
  },
});

builder.scalarType("UUID", {
  description: 'A universally unique identifier: `"0198c0de-0000-7000-8000-000000000001"`.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== "string" || !isUuid(value)) throw badValue("This is not a UUID.");
    return value;
  },
});

function badValue(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}
