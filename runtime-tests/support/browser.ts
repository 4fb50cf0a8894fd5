/**
 * A real Chromium, and windows in it that remember all that went wrong.
 * @module
 */
import bundled from "@sparticuz/chromium";
import { chromium, type Browser, type BrowserContext, type Page, type Request, type Response } from "playwright-core";

/** A window and what it complained of. */
export interface BrowserWindow {
  page: Page;
  context: BrowserContext;
  /** Faults of scripts, console errors, failed requests, violations of the CSP; empty: none. Expected ones are left out. */
  problems(): string[];
  /** Every address that was asked for, and every one that a page had. */
  addresses(): string[];
  /** Waits until everything has come that was asked for, and nothing holds a place any more. */
  settled(): Promise<void>;
  /** Takes answers of this kind for granted from now on. */
  expect(answer: ExpectedAnswer): void;
  close(): Promise<void>;
}

/** An answer that is no success and still as it should be. */
export interface ExpectedAnswer {
  status: number;
  /** Of the path. */
  path: RegExp;
}

/** How a window looks. */
export interface WindowLook {
  /** The gateway. */
  url: string;
  /** IANA. @default "UTC" */
  zone?: string;
  /** @default 1440 × 900 */
  viewport?: { width: number; height: number };
  /** @default "light" */
  colorScheme?: "light" | "dark";
}

/** Of a desktop. */
export const desktop: { width: number; height: number } = { width: 1440, height: 900 };
/** Of a phone. */
export const phone: { width: number; height: number } = { width: 390, height: 844 };

/** Starts it. TEST_CHROMIUM names another one than the one of npm, which is for Linux on x64. */
export async function startBrowser(): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath: process.env["TEST_CHROMIUM"] ?? (await bundled.executablePath()),
      // Containers have neither user namespaces nor a GPU.
      args: ["--no-sandbox", "--disable-gpu", "--headless=shell"],
    });
  } catch (error) {
    throw new Error("Chromium does not start here; TEST_CHROMIUM can name another one", { cause: error });
  }
}

/** Opens a window with cookies and storage of its own. */
export async function openWindow(browser: Browser, look: WindowLook): Promise<BrowserWindow> {
  const context = await browser.newContext({
    baseURL: look.url,
    timezoneId: look.zone ?? "UTC",
    viewport: look.viewport ?? desktop,
    colorScheme: look.colorScheme ?? "light",
    locale: "en-US",
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(15_000);
  const problems: string[] = [];
  const addresses = new Set<string>();
  const expected: ExpectedAnswer[] = [...usual];
  await context.exposeBinding("reportViolation", (_source, text: string) => problems.push(`CSP: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (globalThis as unknown as { reportViolation: (text: string) => void }).reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const open = new Set<Request>();
  context.on("request", (request) => {
    addresses.add(request.url());
    // The live tail never ends.
    if (request.resourceType() !== "eventsource") open.add(request);
  });
  context.on("requestfinished", (request) => open.delete(request));
  context.on("response", (response) => {
    if (response.status() >= 400 && !isExpected(response, expected))
      problems.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  context.on("requestfailed", (request) => {
    open.delete(request);
    if (!wasGivenUp(request)) problems.push(`${request.failure()?.errorText} ${request.url()}`);
  });
  context.on("console", (message) => {
    // An answer that is no success is judged above.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`script: ${error.error().stack ?? error.error().message}`));
  const page = await context.newPage();
  page.on("framenavigated", (frame) => addresses.add(frame.url()));
  return {
    page,
    context,
    problems: () => [...problems],
    addresses: () => [...addresses],
    async settled() {
      // What comes may ask for more: nothing must be open before and after it is drawn.
      for (let quiet = 0; quiet < 3; quiet = open.size === 0 ? quiet + 1 : 0) {
        await page.waitForFunction(() => document.querySelector(".skeleton, .spinner") === null);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
      }
    },
    expect: (answer) => expected.push(answer),
    close: () => context.close(),
  };
}

/** Everything of a page that a later reader of this browser could find: storage, cookies, address, document, fields. */
export async function visibleTexts(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map(({ value }) => value);
    const databases = await indexedDB.databases();
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      databases,
      document.cookie,
      location.href,
      history.state,
      document.documentElement.outerHTML,
      fields,
    ]);
  });
}

// --- helpers ---

/** Nothing was captured of a call; and a row that the playground asks for a moment before it is written. */
const usual: readonly ExpectedAnswer[] = [
  { status: 404, path: /^\/admin\/api\/v1\/calls\/[^/]+\/capture$/ },
  { status: 404, path: /^\/admin\/api\/v1\/calls\/[^/]+$/ },
];

function isExpected(response: Response, expected: readonly ExpectedAnswer[]): boolean {
  const { pathname } = new URL(response.url());
  return expected.some(({ status, path }) => status === response.status() && path.test(pathname));
}

/** A page that is left gives up what it asked for. */
function wasGivenUp(request: Request): boolean {
  return request.failure()?.errorText === "net::ERR_ABORTED";
}
