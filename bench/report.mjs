// How quick the report of many documents is in a browser: until its figures are there, until the documents are,
// frames while it scrolls, the file's size. A document is several of the demo's, to be as long as those of the
// task (4,170 characters in the mean); the predictions are its gold with mistakes.
//
//     node bench/report.mjs [--documents 1500] [--rounds 3] [--json]
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { generateCorpus, randomFrom, reportHtml } from 'meddoprof/internal';
import { median, rounded } from './process.mjs';

const LENGTH = 3800;

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '1500' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'meddoprof-'));
const file = join(folder, 'report.html');
const documents = manyDocuments(Number(values.documents));
await writeFile(file, await reportHtml(summaryOf(documents), documents));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measure());
await browser.close();
const figure = (name) => rounded(median(rounds.map((round) => round[name])));
const result = {
  documents: documents.documents.length,
  characters: documents.documents.reduce((sum, { text }) => sum + text.length, 0),
  megabytes: rounded((await stat(file)).size / 1e6),
  secondsToDocuments: figure('seconds'),
  secondsToFilter: figure('filter'),
  secondsToNextError: figure('next'),
  longestFrame: figure('longest'),
  framesOver50ms: figure('slow'),
  frames: figure('frames'),
};
await rm(folder, { recursive: true });
process.stdout.write(
  values.json
    ? `${JSON.stringify(result, null, 2)}\n`
    : `${Object.entries(result)
        .map(([name, value]) => `${name.padEnd(20)} ${value}`)
        .join('\n')}\n`,
);

/** The demo's documents with mistakes, as the data of a report. */
function manyDocuments(count) {
  const { documents: notes } = generateCorpus({ seed: 1, documents: Math.max(2, count) });
  const random = randomFrom(1);
  const labels = { ner: new Set(), class: new Set() };
  const mistaken = (spans) =>
    spans.flatMap(([start, end, label]) => {
      const kind = random.int(10);
      return kind < 2 ? [] : [[kind < 4 ? Math.max(0, start - 3) : start, end, label]];
    });
  const all = Array.from({ length: count }, (_, i) => {
    let text = '';
    const gold = [[], []];
    for (let next = i; text.length < LENGTH; next = (next * 7 + 3) % notes.length) {
      const shift = [...text].length;
      Object.keys(labels).forEach((task, track) => {
        for (const { start, end, label } of notes[next].spans[task]) {
          labels[task].add(label);
          gold[track].push([start + shift, end + shift, label]);
        }
      });
      text += `${notes[next].text}\n`;
    }
    return { name: `case${i}`, text, gold, predicted: [gold.map(mistaken)] };
  });
  return {
    tracks: Object.entries(labels).map(([name, own]) => ({ track: name, labels: [...own] })),
    systems: ['run'],
    documents: all,
    concepts: {},
    codings: [],
  };
}

function summaryOf({ documents: all }) {
  return {
    kind: 'run',
    title: 'Many documents',
    version: '0',
    facts: [],
    published: [],
    documents: { training: 0, validation: all.length },
    tracks: [],
    intervals: { level: 0.95, resamples: 0 },
    learning: { epochs: [], steps: [] },
  };
}

/** Opens it, filters, goes to an error, scrolls for three seconds. */
async function measure() {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const clock = async (work) => {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
  };
  const seconds = await clock(async () => {
    await page.goto(`file://${file}`);
    await page.waitForSelector('html[data-ready] .document');
  });
  const filter = await clock(() => page.locator('#choose-errors').selectOption('missed'));
  const next = await clock(async () => {
    await page.keyboard.press('n');
    await page.waitForSelector('.cluster:focus');
  });
  const frames = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const times = [];
        let last = performance.now();
        const step = (now) => {
          times.push(now - last);
          last = now;
          scrollBy(0, 120);
          if (times.length < 180) requestAnimationFrame(step);
          else resolve(times.slice(1));
        };
        requestAnimationFrame(step);
      }),
  );
  await page.close();
  return {
    seconds,
    filter,
    next,
    frames: frames.length,
    longest: Math.max(...frames) / 1000,
    slow: frames.filter((time) => time > 50).length,
  };
}
