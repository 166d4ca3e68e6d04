import { expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { describeWith } from "./needs.ts";

describeWith("browser", "the browser", () => {
  test("the kit's browser is a real browser, with isolated contexts", async () => {
    const browser = await launchBrowser();
    const [one, other] = [await browser.newContext(), await browser.newContext()];
    await one.addCookies([{ name: "who", value: "ada", url: "http://127.0.0.1/" }]);
    expect(await other.cookies()).toEqual([]);
    const page = await one.newPage();
    await page.setContent("<title>Parley</title><p>1 + 1 = <b></b></p>");
    await page.evaluate(`document.querySelector("b").textContent = 1 + 1`);
    expect(await page.textContent("p")).toBe("1 + 1 = 2");
  });
});
