import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { beforeAll, expect, inject, it } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { startRedis } from "../kit/redis.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { LAPTOP, Person, PHONE } from "./people.ts";

const HEAL = { timeoutMs: 30_000 };

describeWith(["redis-server", "browser"], "two users in two browsers on two instances", () => {
  let first: TestServer;
  let second: TestServer;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = join(inject("root"), process.env["PARLEY_SCREENSHOTS"] ?? "test/e2e/output");
    await mkdir(folder, { recursive: true });
    const [database, redis] = await Promise.all([createDatabase(), startRedis()]);
    // The default setting: the history records joins.
    const env = { ANNOUNCE_MEMBERS_MAX: "200" };
    const options = { databaseUrl: database.url, redisUrl: redis.url, env };
    [first, second, browser] = await Promise.all([
      startServer(options),
      startServer(options),
      launchBrowser(),
    ]);
  });

  const picture = async (person: Person, name: string): Promise<void> => {
    await person.page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  };

  it("two users create and join a room, chat, lose the network, and see every message once and in order", async () => {
    const ada = await Person.with(browser, { viewport: LAPTOP, colorScheme: "light" });
    const linus = await Person.with(browser, { viewport: PHONE, colorScheme: "dark" });

    await ada.page.goto(first.url);
    await ada.page.getByRole("textbox", { name: "Username" }).waitFor();
    await picture(ada, "door-1440-light");
    await ada.signsUp(first.url, "ada", "Ada Lovelace");
    const path = await ada.createsRoom("Analytical Engine");

    await linus.page.goto(second.url);
    await linus.page.getByRole("textbox", { name: "Username" }).waitFor();
    await picture(linus, "door-360-dark");
    await linus.signsUp(second.url, "linus", "Linus");
    await linus.page.getByText("Lobby").first().waitFor();
    await picture(linus, "rooms-360-dark");
    await linus.joins(second.url + path);
    await ada.page.getByRole("log").getByText("Linus joined").waitFor();

    const said: string[] = [];
    const say = async (person: Person, text: string): Promise<void> => {
      said.push(text);
      await person.says(text);
      // The next user sends after this message has arrived.
      for (const listener of [ada, linus])
        await listener.page.getByText(text, { exact: true }).last().waitFor();
    };
    await say(ada, "The engine weaves algebraic patterns.");
    await say(linus, "As the loom weaves flowers and leaves?");
    await say(ada, "Just as the loom does.");
    await say(linus, "Then show me the notes, please.");
    for (const person of [ada, linus]) expect(await person.sees(said)).toEqual(said);
    await picture(ada, "room-1440-light");
    await picture(linus, "room-360-dark");

    await linus.context.setOffline(true);
    const missed = Array.from(
      { length: 30 },
      (_, index) => `Note ${String.fromCharCode(65 + (index % 26))}${String(index)}.`,
    );
    for (const text of missed) await ada.says(text);
    await eventually(async () => {
      expect(await ada.sees(missed)).toEqual(missed);
    }, HEAL);
    const offline = "I am in a tunnel.";
    await linus.says(offline);
    await linus.page
      .getByRole("status")
      .filter({ hasText: /reconnecting|offline/i })
      .waitFor();
    await picture(linus, "offline-360-dark");

    await linus.context.setOffline(false);
    const everything = [...said, ...missed, offline];
    for (const person of [ada, linus]) {
      await eventually(async () => {
        expect(await person.sees(everything)).toEqual(everything);
      }, HEAL);
    }
    await say(ada, "Welcome back.");
    everything.push("Welcome back.");
    for (const person of [ada, linus]) {
      expect(await person.sees(everything)).toEqual(everything);
      expect(person.complaints).toEqual([]);
    }

    await ada.page.emulateMedia({ colorScheme: "dark" });
    await picture(ada, "room-1440-dark");
    await linus.page.emulateMedia({ colorScheme: "light" });
    await picture(linus, "room-360-light");
    await ada.page.goto(`${first.url}/rooms`);
    await ada.page.getByText("Lobby").first().waitFor();
    await picture(ada, "rooms-1440-dark");
  });

  it("users who log out are warned of unsent messages, and leave no data in the browser", async () => {
    const grace = await Person.with(browser, { viewport: LAPTOP, colorScheme: "light" });
    await grace.signsUp(first.url, "grace", "Grace");
    await grace.createsRoom("Compilers");
    await grace.says("This one is sent.");
    await grace.page.getByText("This one is sent.").last().waitFor();
    await grace.context.setOffline(true);
    await grace.says("This one is not.");
    await grace.composer.fill("Nor is half a sen");
    const kept = (): Promise<string[]> =>
      grace.page.evaluate(() =>
        [localStorage, sessionStorage]
          .flatMap((storage) => Object.entries<string>(storage))
          .flatMap(([, text]) => (/This one|half a sen/.test(text) ? text : [])),
      );
    await eventually(async () => expect(await kept()).toHaveLength(2));
    const logOut = async (): Promise<void> => {
      await grace.page.getByRole("button", { name: "Profile: Grace" }).click();
      await grace.page.getByRole("menuitem", { name: "Log out" }).click();
    };
    await logOut();
    await grace.page
      .getByText("1 message hasn't been sent yet. Log out again to discard it.")
      .waitFor();
    await picture(grace, "unsent-1440-light");
    // The network is back, so the message is sent or discarded.
    await grace.context.setOffline(false);
    await logOut();
    await grace.page
      .getByRole("textbox", { name: "Username" })
      .waitFor({ timeout: HEAL.timeoutMs });
    expect(await kept()).toEqual([]);
    // A user who logged out needs no notice that the session has ended.
    expect(await grace.page.getByText("Your session ended").count()).toBe(0);
    expect(grace.complaints).toEqual([]);
  });
});
