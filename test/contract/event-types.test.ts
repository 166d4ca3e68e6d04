import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isEnumType, isObjectType } from "graphql";
import { expect, test } from "vitest";
import { typeNameOf } from "../../server/domain/event/event-interface.schema.ts";
import { eventDefinitions } from "../../server/modules.ts";
import { schema } from "../../server/schema.ts";

const DOMAIN = join(import.meta.dirname, "../../server/domain");

const definedTypes = readdirSync(DOMAIN, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".events.ts"))
  .map((file) => readFileSync(join(DOMAIN, file), "utf8"))
  .flatMap((text) => [...text.matchAll(/^ {2}type: "([A-Z_]+)",$/gm)].map(([, type]) => type));

const registeredTypes = [...eventDefinitions.types];

test("every event that a slice defines is registered with the log", () => {
  expect(definedTypes.length).toBeGreaterThan(30);
  expect([...registeredTypes].sort()).toEqual([...definedTypes].sort());
});

test("streams can be filtered by every registered event", () => {
  const type = schema.getType("EventType");
  const values = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
  expect(values.sort()).toEqual([...registeredTypes].sort());
});

test.for(registeredTypes)("%s has an object type that implements Event", (type) => {
  const objectType = schema.getType(typeNameOf(type));
  const interfaces = isObjectType(objectType) ? objectType.getInterfaces() : [];
  expect(interfaces.map(({ name }) => name)).toContain("Event");
});
