import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { PASSWORD } from "../kit/client.ts";

/** The width of a small phone and of a laptop. */
export const PHONE = { width: 360, height: 740 };
export const LAPTOP = { width: 1440, height: 900 };

export interface PersonOptions {
  viewport: { width: number; height: number };
  colorScheme: "light" | "dark";
}

/** A user with a separate browser. */
export class Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the page. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async with(browser: Browser, options: PersonOptions): Promise<Person> {
    const context = await browser.newContext({ ...options, locale: "en-GB", timezoneId: "UTC" });
    return new Person(context, await context.newPage());
  }

  async signsUp(url: string, username: string, displayName: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole("textbox", { name: "Username" }).fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await this.page.getByRole("textbox", { name: "Display name" }).fill(displayName);
    await this.page.getByRole("button", { name: "Sign up" }).click();
    await this.page.getByRole("textbox", { name: "Username" }).waitFor({ state: "detached" });
  }

  /** @returns the path of the new room's page */
  async createsRoom(name: string): Promise<string> {
    await this.page.getByRole("button", { name: "New room" }).first().click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Room name" }).fill(name);
    await dialog.getByRole("button", { name: "Create room" }).click();
    await this.page.waitForURL(/\/r\//);
    return new URL(this.page.url()).pathname;
  }

  async joins(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole("button", { name: /^join room$/i }).click();
    await this.composer.waitFor();
  }

  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  /** Returns the given texts that are whole messages, from top to bottom. */
  async sees(texts: readonly string[]): Promise<string[]> {
    const shown = await this.page.getByRole("log").getByRole("article").allInnerTexts();
    return shown.flatMap((message) => texts.filter((text) => message.includes(text)));
  }
}
