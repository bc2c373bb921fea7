import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { RunEvaluation } from '../../src/run/evaluateRun.js';
import { describeInBrowser, soon, violations } from '../support/browser.js';
import { hostile, hostileReport, reportedRun } from '../support/reportedRun.js';

let root: string;
let file: string;
let evaluation: RunEvaluation;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const made = await reportedRun(root);
  file = made.file;
  evaluation = JSON.parse(readFileSync(join(made.run, 'evaluation.json'), 'utf8')) as RunEvaluation;
});
afterAll(() => rmSync(root, { recursive: true }));

const count = (page: Page) => page.locator('#documents .count').innerText();
const choose = (page: Page, label: string, value: string) =>
  page.locator('#documents').getByLabel(label, { exact: true }).selectOption(value);
const focused = (page: Page) => page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
const errorsOf = (task: string) => {
  const { correct: _, ...errors } = evaluation[task]!.errors.outcomes;
  return Object.values(errors).reduce((sum, each) => sum + each, 0);
};

describeInBrowser('the page of a report', (open) => {
  test('opens from disk without the network, and without a word on the console', async () => {
    const { page, requests, messages } = await open(file);
    expect(requests).toEqual([`file://${file}`]);
    expect(messages).toEqual([]);
    expect(await page.locator('h2').allInnerTexts()).toEqual(
      expect.arrayContaining([
        'Scores',
        'Learning',
        'Labels',
        'Probabilities',
        'Errors',
        'Setup',
        'Documents',
      ]),
    );
    expect(await page.locator('.headline strong').first().innerText()).toBe(
      evaluation.ner!.f1.toFixed(3).replace(/^0/, ''),
    );
  });

  test('shows what a corpus says as text, and does nothing of it', async () => {
    const { page, messages } = await open(await hostileReport(join(root, 'hostile')));
    await page.keyboard.press('n');
    const texts = await page.evaluate<string[]>(`[...document.querySelectorAll('.text')].map((text) => {
      const copy = text.cloneNode(true);
      for (const chip of copy.querySelectorAll('.chip')) chip.remove();
      return copy.textContent;
    })`);
    expect(texts).toEqual(hostile.texts);
    expect(await page.locator('.text .chip.gold').first().innerText()).toContain(hostile.label);
    expect(await page.locator('article h3').first().innerText()).toContain(hostile.name);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(messages).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing that axe-core finds wrong, %s', async (colorScheme) => {
    const { page } = await open(file, { colorScheme });
    await page
      .locator('figure details')
      .evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    await choose(page, 'Errors', 'error');
    await page.keyboard.press('n');
    expect(await violations(page)).toEqual([]);
  });

  test('has a theme that the system chooses, a button changes, and the browser remembers', async () => {
    const { page } = await open(file, { colorScheme: 'dark' });
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    await page.getByRole('button', { name: 'Light theme' }).click();
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    expect(await paper()).toBe(light);
  });

  test('goes from error to error by key, and round', async () => {
    const { page } = await open(file);
    const total = errorsOf('ner');
    const place = () => page.locator('.place').innerText();
    expect(await place()).toBe(`${total} in all`);
    await page.keyboard.press('n');
    await soon(place, (value) => expect(value).toBe(`1 of ${total}`));
    await soon(
      () => focused(page),
      (value) => expect(value).toMatch(/^(boundary|label|label and boundary|missed|invented), /),
    );
    await page.keyboard.press('p');
    await soon(place, (value) => expect(value).toBe(`${total} of ${total}`));
    await soon(
      () => page.locator(':focus').isVisible(),
      (value) => expect(value).toBe(true),
    );
    await page.keyboard.press('n');
    await soon(place, (value) => expect(value).toBe(`1 of ${total}`));
    await page.keyboard.press('/');
    await page.keyboard.type('n');
    expect(await place()).not.toBe(`2 of ${total}`);
  });

  test('filters by track, kind of error and label, with the counts of the evaluation', async () => {
    const { page } = await open(file);
    for (const [i, task] of ['ner', 'class', 'norm'].entries()) {
      await choose(page, 'Track', String(i));
      expect(await count(page)).toMatch(new RegExp(`, ${errorsOf(task)} errors?$`));
      await choose(page, 'Errors', 'missed');
      expect(await count(page)).toMatch(new RegExp(`, ${evaluation[task]!.errors.outcomes.missed} errors?$`));
      await choose(page, 'Errors', 'all');
    }
    await choose(page, 'Track', '0');
    await choose(page, 'Errors', 'boundary');
    await choose(page, 'Label', 'PROFESION');
    expect(await count(page)).toMatch(
      new RegExp(`, ${evaluation.ner!.errors.perLabel.PROFESION!.boundary} errors?$`),
    );
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await count(page)).toMatch(new RegExp(`, ${errorsOf('ner')} errors?$`));
  });

  test('finds documents by name, and words whatever their case and accents', async () => {
    const { page } = await open(file);
    const name = (await page.locator('article h3').first().innerText()).split(' ')[0]!;
    await page.locator('#documents').getByLabel('Document', { exact: true }).fill(name);
    await soon(
      () => count(page),
      (value) => expect(value).toMatch(/^1 document of/),
    );
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Text', { exact: true }).fill('MÉDICO');
    await soon(
      () => page.locator('.list mark').count(),
      (value) => expect(value).toBeGreaterThan(0),
    );
    for (const hit of await page.locator('.list mark').allInnerTexts())
      expect(hit.toLowerCase()).toMatch(/m[ée]dico/);
  });

  test('leads from a count of errors to the documents that have them', async () => {
    const { page } = await open(file);
    const missed = evaluation.class!.errors.outcomes.missed;
    await page.getByRole('button', { name: `${missed} missed, CLASS: show the documents` }).click();
    await soon(
      () => page.locator('.place').innerText(),
      (value) => expect(value).toBe(`1 of ${missed}`),
    );
    await soon(
      () => focused(page),
      (value) => expect(value).toContain('missed'),
    );
  });

  test('fits a phone', async () => {
    const { page } = await open(file, { viewport: { width: 375, height: 740 } });
    const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(await overflow()).toBe(0);
    await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    await page.keyboard.press('n');
    await soon(
      () => page.locator(':focus').count(),
      (value) => expect(value).toBe(1),
    );
    expect(await overflow()).toBe(0);
  });

  test('prints the documents, without what only a screen needs', async () => {
    const { page } = await open(file);
    await page.emulateMedia({ media: 'print' });
    const articles = page.locator('article');
    const documents = Number(/of (\d+)/.exec(await count(page))![1]);
    await soon(
      () => articles.count(),
      (value) => expect(value).toBe(documents),
    );
    for (const hidden of ['nav', '.filters', '.walk'])
      expect(await page.locator(hidden).first().isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await soon(
      () => page.locator('.item').count(),
      (value) => expect(value).toBeGreaterThan(0),
    );
  });
});
