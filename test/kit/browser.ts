import { chromium, type Browser } from "playwright-core";
import { findBrowser } from "./programs.ts";
import { onRelease } from "./resources.ts";

/** Flags for Chromium without a screen, in a container, without background requests. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts the machine's Chromium, headless, with an empty profile.
 *
 * @throws if the machine has none: guard the suite with `describeWith("browser", …)`
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium on this machine");
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  onRelease(() => browser.close());
  return browser;
}
