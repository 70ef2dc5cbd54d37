// Drives the pages in a browser and fails on the first thing that is not as it should be.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [pages, screenshots] = process.argv.slice(2).map((path) => resolve(path));
mkdirSync(screenshots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

const looks = [
  ["light", { width: 1280, height: 900 }, "light"],
  ["dark", { width: 1280, height: 900 }, "dark"],
  ["phone", { width: 390, height: 844 }, "light"],
  ["phone-dark", { width: 390, height: 844 }, "dark"],
];

/** Opens a page and collects everything it complains about or asks a network for. */
async function open(name, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  // Long enough for a machine that is busy with other things.
  page.setDefaultTimeout(300_000);
  const trouble = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => trouble.push(`dialog: ${dialog.message()}`));
  const url = pathToFileURL(join(pages, name)).href;
  page.on("request", (request) => {
    if (request.url() !== url) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, trouble, close: () => context.close() };
}

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const visible = (page) => page.locator(".person:not([hidden])").count();

for (const name of readdirSync(pages)) {
  const backgrounds = new Set();
  for (const [look, viewport, scheme] of looks) {
    const { page, trouble, close } = await open(name, viewport, scheme);
    backgrounds.add(await background(page));
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${name} ${look}: ${wide} pixels wide in ${room}`);
    if (!name.startsWith("large")) {
      for (const person of await page.locator(".person").all()) await person.locator("summary").click();
    }
    // What sticks to the top of the window would stand in the middle of the picture.
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(screenshots, `${name}-${look}.png`), fullPage: !name.startsWith("large") });
    assert.deepEqual(trouble, [], `${name} ${look}`);
    await close();
  }
  assert.equal(backgrounds.size, 2, `${name}: light and dark differ`);
}

{
  const { page, trouble, close } = await open("large.html", { width: 1280, height: 900 }, "light");
  const all = await visible(page);
  assert.equal(all, 5000);
  const count = page.locator(".count");
  assert.equal(await count.textContent(), "5,000 of 5,000 people");

  await page.fill("input[name=search]", "user0042");
  await page.waitForFunction(() => document.querySelectorAll(".person:not([hidden])").length === 1);
  assert.equal(await count.textContent(), "1 of 5,000 people");

  await page.fill("input[name=search]", "no such person");
  await page.waitForSelector(".empty:not([hidden])");
  assert.equal(await visible(page), 0);

  await page.fill("input[name=search]", "");
  await page.selectOption("select[name=action]", "update");
  await page.selectOption("select[name=account]", "Account 07");
  await page.selectOption("select[name=license]", "Partner Community");
  await page.waitForFunction(() => {
    const shown = [...document.querySelectorAll(".person:not([hidden])")];
    return (
      shown.length === 100 &&
      shown.every(({ dataset }) => dataset.action === "update" && dataset.account === "Account 07" && dataset.license === "Partner Community")
    );
  });
  assert.equal(await page.locator("section.people:not([hidden])").count(), 1, "empty sections are gone");
  await page.locator(".person:not([hidden]) summary").first().click();
  const before = await page.locator(".person[open] dl").first().innerText();
  assert.match(before, /Clerk → Head of/);
  await page.screenshot({ path: join(screenshots, "large-filtered.png") });
  assert.deepEqual(trouble, []);
  await close();
}

{
  const { page, trouble, close } = await open("hostile.html", { width: 1280, height: 900 }, "light");
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("script").count(), 1);
  assert.match(await page.title(), /^acme-intake/);
  await page.fill("input[name=search]", "<img src=x");
  await page.waitForFunction(() => document.querySelectorAll(".person:not([hidden])").length === 1);
  assert.deepEqual(trouble, []);
  await close();
}

await browser.close();
console.log(`${readdirSync(pages).length} pages in ${looks.length} looks: as they should be`);
