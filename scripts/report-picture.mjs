// Takes the README's picture of a report: scores, labels, and a document at an error. Needs Chromium.
//
//     npm run demo && node scripts/report-picture.mjs runs/demo/run/report.html docs/report.png
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [report, picture] = process.argv.slice(2);
if (!report || !picture) throw new Error('give a report and the picture to make');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: 900, height: 900 }, colorScheme: 'light' });
await page.goto(`file://${resolve(report)}`);
await page.waitForSelector('html[data-ready]');
await page.locator('#choose-errors').selectOption('boundary');
await page.keyboard.press('n');
await page.waitForSelector('.cluster:focus');
await page.waitForTimeout(300); // what is measured is in its place
// one picture: the scores at a glance and the bars, above the document that holds the error
await page.evaluate(() => {
  const shown = (...elements) => elements.map((element) => element.cloneNode(true));
  const item = document.activeElement.closest('.item').firstElementChild;
  const board = document.createElement('main');
  board.id = 'board';
  board.style.padding = '0 24px 12px';
  const [title] = shown(document.querySelector('h1'));
  const labels = shown(document.querySelector('#figure-labels .chart'));
  const chips = shown(document.querySelector('#documents .legend'));
  const [about] = shown(document.querySelector('.walk'));
  about.style.position = 'static';
  board.append(
    title,
    ...shown(document.querySelector('.headline')),
    ...labels,
    ...chips,
    ...shown(item),
    about,
  );
  document.body.replaceChildren(board);
});
await page.waitForTimeout(100);
await page.locator('#board').screenshot({ path: picture });
await browser.close();
