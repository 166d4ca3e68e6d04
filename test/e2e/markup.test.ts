import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../kit/browser.ts";
import { client, PASSWORD, payload } from "../kit/client.ts";
import { createDatabase } from "../kit/database.ts";
import { SIGN_UP, type Room, type SignUpResult } from "../kit/documents.ts";
import { describeWith } from "../kit/needs.ts";
import { seedOn, type Actor } from "../kit/seed.ts";
import { startServer, type TestServer } from "../kit/server.ts";
import { sendsFiles, uploads } from "../kit/uploads.ts";
import { PLAYGROUND_TABS } from "../../server/http/playground.ts";
import { VECTORS } from "./vectors.ts";

/** Scripts that ran in a page, and problems that the browser reported. */
interface PageReport {
  /** Calls of `pwned()` and dialogs. */
  ran: string[];
  /** Actions that the browser blocked or failed. */
  complaints: string[];
}

const NAME_LIMIT = 64;

describeWith("browser", "markup in user content", () => {
  let server: TestServer;
  let browser: Browser;
  let room: Room;
  let reader: Actor;

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      startServer({
        databaseUrl: (await createDatabase()).url,
        env: { ANNOUNCE_MEMBERS_MAX: "200" },
      }),
      launchBrowser(),
    ]);
    const seed = seedOn(server);
    reader = seed.user("reader");
    const writer = seed.user("writer");
    const short = VECTORS.filter((vector) => vector.length <= NAME_LIMIT);
    const pick = (index: number): string => short[index % short.length] ?? "";
    const rename = (actor: Actor, displayName: string): Promise<unknown> =>
      actor.mutate(
        `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename ... on Error { message } } }`,
        { input: { displayName, statusText: pick(4) } },
      );
    expect(await rename(writer, pick(2))).toHaveProperty("__typename", "UpdateProfilePayload");
    room = await writer.createsRoom(pick(5), { slug: "markup", topic: VECTORS[4] ?? "" });
    await Promise.all([2, 7, 9].map((n) => writer.createsRoom(pick(n), { topic: pick(n + 1) })));
    await reader.joins(room);
    for (const vector of VECTORS) await writer.says(room, vector);
    const [first] = [await writer.says(room, "an answer is to come")];
    await reader.says(room, pick(3), { replyToId: first.id });
    const file = await uploads(
      writer,
      `<img src=x onerror=pwned()>.svg`,
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" onload="pwned()"><script>pwned()</script></svg>`,
      ),
    );
    await sendsFiles(writer, room, [file.id], { body: "a file" });
    // Four more users in the member list, and one log-in of the reader with a hostile name.
    for (const [index, vector] of [0, 8, 15, 19].map((n) => pick(n)).entries()) {
      const input = { username: `vector-${index}`, password: PASSWORD, displayName: vector };
      const { token } = payload(await client(server).mutate<SignUpResult>(SIGN_UP, { input }));
      await client(server)
        .as(token)
        .query(`mutation ($id: ID!) { joinRoom(input: { roomId: $id }) { __typename } }`, {
          id: room.id,
        });
    }
  });

  const visitor = async (
    options: { bypassCSP?: boolean } = {},
  ): Promise<{ context: BrowserContext; page: Page; deeds: PageReport }> => {
    const context = await browser.newContext({ ...options, locale: "en-GB" });
    const { token } = await reader.signsUp();
    await context.addCookies([
      { name: "parley_session", value: token, url: server.url, httpOnly: true },
    ]);
    const page = await context.newPage();
    const deeds: PageReport = { ran: [], complaints: [] };
    await context.exposeFunction("pwned", () => void deeds.ran.push(page.url()));
    await context.exposeFunction("violated", (what: string) => void deeds.complaints.push(what));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const { violated } = globalThis as unknown as { violated: (what: string) => void };
        violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    page.on("dialog", (dialog) => {
      deeds.ran.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("pageerror", (error) => deeds.complaints.push(error.message));
    return { context, page, deeds };
  };

  /** Visits all pages that show text of other users. */
  const visitsAllPages = async (page: Page): Promise<void> => {
    await page.goto(`${server.url}/rooms`);
    await page.getByText("onerror=pwned()").first().waitFor();
    await page.goto(`${server.url}/r/markup`);
    const log = page.getByRole("log");
    await log.getByText("a file").waitFor();
    // Scrolls up to the first message, so that all messages were in the page.
    const first = log.getByText(VECTORS[0] ?? "", { exact: true });
    for (let tries = 0; tries < 20 && (await first.count()) === 0; tries += 1) {
      await log.getByRole("article").first().scrollIntoViewIfNeeded();
    }
    await first.first().waitFor();
    for (const link of await log.getByRole("link").all()) {
      expect(await link.getAttribute("href")).toMatch(/^(?:https?:\/\/|\/)/);
    }
    // No text became an element, so none can run scripts later.
    const elements =
      "[onerror],[onload],[onbegin],[ontoggle],[onfocus],[onstart],iframe,object,embed,marquee,math,base,[src='x'],[href^='javascript:']";
    expect(await page.locator(elements).count()).toBe(0);
  };

  test("hostile markup is shown as text, within the content security policy", async () => {
    const { page, deeds, context } = await visitor();
    await visitsAllPages(page);
    expect(deeds).toEqual({ ran: [], complaints: [] });
    await context.close();
  });

  test("hostile markup would not run without the content security policy either", async () => {
    const { page, deeds, context } = await visitor({ bypassCSP: true });
    await visitsAllPages(page);
    expect(deeds).toEqual({ ran: [], complaints: [] });
    // Proves that the test detects an execution: here nothing blocks the markup.
    await page.evaluate(() => {
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=pwned()>");
    });
    await expect.poll(() => deeds.ran.length).toBe(1);
    await context.close();
  });

  test("hostile markup injected by a bug would not run, because the content security policy blocks it", async () => {
    const { page, deeds, context } = await visitor();
    await page.goto(`${server.url}/rooms`);
    await page.getByText("onerror=pwned()").first().waitFor();
    const refused = await page.evaluate(() => {
      const tried: string[] = [];
      const attempt = (name: string, act: () => void): void => {
        try {
          act();
        } catch (error) {
          tried.push(`${name}: ${error instanceof Error ? error.name : "?"}`);
        }
      };
      attempt("markup", () => {
        document.body.innerHTML = "<img src=x onerror=pwned()>";
      });
      attempt("frame", () => {
        document.createElement("iframe").srcdoc = "<script>parent.pwned()</script>";
      });
      attempt("script", () => {
        const script = document.createElement("script");
        script.text = "pwned()";
        document.body.append(script);
      });
      attempt("policy", () => {
        const { trustedTypes } = globalThis as unknown as {
          trustedTypes: { createPolicy(name: string, rules: object): unknown };
        };
        trustedTypes.createPolicy("default", { createHTML: (html: string) => html });
      });
      const image = document.createElement("img");
      image.setAttribute("src", "https://elsewhere.example/x");
      document.body.append(image);
      return tried;
    });
    expect(refused).toEqual([
      "markup: TypeError",
      "frame: TypeError",
      "script: TypeError",
      "policy: TypeError",
    ]);
    await expect
      .poll(() => deeds.complaints.join("\n"))
      .toContain("img-src https://elsewhere.example");
    expect(deeds.ran).toEqual([]);
    await context.close();
  });

  test("no file runs scripts when it is opened by its URL", async () => {
    const { page, deeds, context } = await visitor();
    const writer = seedOn(server).user("filer");
    await writer.joins(room);
    for (const [name, text] of [
      ["page.html", "<!doctype html><script>pwned()</script>"],
      ["drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>pwned()</script></svg>`],
    ] as const) {
      const upload = await uploads(writer, name, Buffer.from(text));
      const message = await sendsFiles(writer, room, [upload.id]);
      const address = server.url + (message.attachments[0]?.url ?? "");
      await page.goto(`${server.url}/health/live`);
      const download = page.waitForEvent("download");
      // Browsers report a page that becomes a download as a failed navigation.
      await page.goto(address).catch(() => undefined);
      expect((await download).suggestedFilename()).toBe(name);
    }
    expect(deeds.ran).toEqual([]);
    await context.close();
  });

  test("the playground works within its content security policy, and shows markup as text", async () => {
    const { page, deeds, context } = await visitor();
    const query = encodeURIComponent(`{ room(slug: "markup") { name topic } }`);
    await page.goto(`${server.url}/graphql?query=${query}`);
    await page.getByRole("button", { name: /execute query/i }).click();
    await page.locator(".result-window").getByText("onerror=pwned()").first().waitFor();
    expect(deeds).toEqual({ ran: [], complaints: [] });
    await context.close();
  });

  test("the playground has the same tabs again in a second window", async () => {
    const { page, context } = await visitor();
    const titles = async (shown: Page): Promise<string[]> => {
      await shown.getByRole("tab").first().waitFor();
      return shown.locator(".graphiql-tab").allInnerTexts();
    };
    await page.goto(`${server.url}/graphql`);
    const first = await titles(page);
    expect(first).toHaveLength(PLAYGROUND_TABS.length);
    const second = await context.newPage();
    await second.goto(`${server.url}/graphql`);
    expect(await titles(second)).toEqual(first);
    await page.reload();
    expect(await titles(page)).toEqual(first);
    await context.close();
  });
});
