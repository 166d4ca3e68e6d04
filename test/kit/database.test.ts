import { describe, expect, test } from "vitest";
import { createDatabase } from "./database.ts";

describe("a test database", () => {
  test("is migrated, empty and separate from the others", async () => {
    const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
    const insert = `INSERT INTO "User" (id, username, "usernameKey", "displayName")
      VALUES (gen_random_uuid(), 'Ada', 'ada', 'Ada')`;
    await one.query(insert);
    const names = `SELECT username FROM "User" WHERE "usernameKey" = 'ada'`;
    expect(await one.query(names)).toEqual([{ username: "Ada" }]);
    expect(await other.query(names)).toEqual([]);
  });

  test("no longer exists after `drop`", async () => {
    const [kept, dropped] = [await createDatabase(), await createDatabase()];
    await dropped.drop();
    const name = new URL(dropped.url).pathname.slice(1);
    const found = await kept.query("SELECT datname FROM pg_database WHERE datname = $1", [name]);
    expect(found).toEqual([]);
  });
});
