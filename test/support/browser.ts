import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's Chromium, or the one that CHROMIUM names. */
export function findChromium(): string | undefined {
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['/usr/bin/chromium'];
  return places.find(existsSync);
}

/** Tests in a browser; skipped, with what they need, where there is none. */
export function describeInBrowser(title: string, tests: (open: OpenPage) => void): void {
  const executablePath = findChromium();
  if (!executablePath) {
    describe(title, () =>
      test.skip('needs Chromium in /usr/bin/chromium; CHROMIUM names another path', () => {}),
    );
    return;
  }
  describe(title, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());
    tests((file, options) => openPage(browser, file, options));
  });
}

export type OpenPage = (file: string, options?: BrowserContextOptions) => Promise<OpenedPage>;

export interface OpenedPage {
  page: Page;
  /** What the page asked of the network, and what it complained of. */
  requests: string[];
  messages: string[];
}

/** Opens a report from disk, with the network cut, and waits until it has drawn itself. */
async function openPage(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    offline: true,
    ...options,
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const messages: string[] = [];
  page.on('request', (request) => void requests.push(request.url()));
  page.on('console', (message) => void messages.push(message.text()));
  page.on('pageerror', (error) => void messages.push(error.message));
  await page.goto(`file://${file}`);
  await page.waitForSelector('html[data-ready]');
  return { page, requests, messages };
}

/** What is read, once the check no longer fails; after five seconds its failure. */
export async function soon<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  for (const end = Date.now() + 5000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const value = await read();
    if (Date.now() > end) return check(value);
    try {
      return check(value);
    } catch {
      // not yet
    }
  }
}

/** What axe-core finds wrong: nothing, as lines. */
export async function violations(page: Page): Promise<string[]> {
  const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(file, 'utf8'));
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations: found } = await checker.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}
