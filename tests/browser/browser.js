// Starts the system's Chromium and opens the pages that make_report wrote.
import { mkdtempSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

// Root has no sandbox; the other flags keep the browser itself from using the network.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** Writes the pages into a new folder; MAKE_REPORT is the built make_report. */
export function makePages() {
  const program = process.env.MAKE_REPORT;
  if (!program) throw new Error("MAKE_REPORT must be the path of the built make_report");
  const folder = mkdtempSync(join(tmpdir(), "milo-perf-report-"));
  execFileSync(program, [folder], { stdio: "inherit" });
  return folder;
}

/** Opens a page and collects what must not happen: console messages, errors, requests. */
export async function open(browser, folder, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { console: [], errors: [], requests: [] };
  page.on("console", (message) => seen.console.push(message.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.errors.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const address = pathToFileURL(join(folder, name)).href;
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) seen.requests.push(request.url());
  });
  await page.goto(address);
  return { page, seen, close: () => context.close() };
}
