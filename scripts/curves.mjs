// Draws how runs learned: token-wise F1 on the training windows step by step, and word-wise F1 on validation
// after each epoch, a panel per task.
//
//     node scripts/curves.mjs --out FILE.svg NAME=RUN [NAME=RUN …]
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const WIDTH = 420;
const HEIGHT = 260;
const MARGIN = { left: 44, right: 20, top: 30, bottom: 40 };
const COLOURS = ['#0b6e99', '#c2410c', '#4d7c0f', '#7e22ce', '#525252'];
const LONGEST = 400; // points of a line; more are averaged

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
if (!values.out || positionals.length === 0) throw new Error('give --out FILE.svg and runs as NAME=FOLDER');
const runs = await Promise.all(positionals.map(readRun));
await writeFile(values.out, draw(runs));

async function readRun(argument) {
  const [, name, folder] = /^([^=]+)=(.+)$/.exec(argument) ?? [undefined, argument, argument];
  const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trim().split('\n').map(JSON.parse);
  return {
    name,
    steps: lines.filter(({ kind }) => kind === 'step'),
    epochs: lines.filter(({ kind }) => kind === 'epoch'),
  };
}

function draw(runs) {
  const tasks = Object.keys(runs[0].epochs[0].tasks);
  const legend = runs.map(({ name }, i) => {
    const x = MARGIN.left + i * 130;
    return (
      `<line x1="${x}" y1="14" x2="${x + 22}" y2="14" stroke="${COLOURS[i]}" stroke-width="2"/>` +
      `<text x="${x + 28}" y="18">${escape(name)}</text>`
    );
  });
  const key = `<text x="${tasks.length * WIDTH - MARGIN.right}" y="18" text-anchor="end">lines: by token, training · dots: by word, validation</text>`;
  const panels = tasks.map((task, i) => `<g transform="translate(${i * WIDTH} 24)">${panel(task, runs)}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${tasks.length * WIDTH} ${HEIGHT + 28}" font-family="sans-serif" font-size="11" fill="#222">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...legend,
    key,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function panel(task, runs) {
  const most = Math.max(...runs.flatMap(({ epochs }) => epochs.map(({ step }) => step)));
  const x = (step) => MARGIN.left + (step / most) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (f1) => HEIGHT - MARGIN.bottom - f1 * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const at = (...numbers) => numbers.map((number) => number.toFixed(1)).join(',');
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (f1) =>
      `<line x1="${x(0)}" y1="${y(f1)}" x2="${x(most)}" y2="${y(f1)}" stroke="#ddd"/>` +
      `<text x="${MARGIN.left - 6}" y="${y(f1) + 4}" text-anchor="end">${f1}</text>`,
  );
  const ticks = Array.from({ length: 5 }, (_, i) => Math.round((most * i) / 4)).map(
    (step) => `<text x="${x(step)}" y="${HEIGHT - MARGIN.bottom + 15}" text-anchor="middle">${step}</text>`,
  );
  const lines = runs.map(({ steps, epochs }, i) => {
    const points = thinned(steps.map(({ step, tokens }) => [step, tokens[task].f1]));
    const dots = epochs.map(
      ({ step, words }) =>
        `<circle cx="${x(step).toFixed(1)}" cy="${y(words[task].f1).toFixed(1)}" r="4" fill="${COLOURS[i]}"/>`,
    );
    const path = points.map(([step, f1]) => at(x(step), y(f1))).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${COLOURS[i]}" stroke-opacity="0.55"/>${dots.join('')}`;
  });
  return [
    `<text x="${MARGIN.left}" y="${MARGIN.top - 10}" font-weight="bold">F1, ${escape(task)}</text>`,
    ...grid,
    ...ticks,
    `<text x="${x(most / 2)}" y="${HEIGHT - 8}" text-anchor="middle">step</text>`,
    ...lines,
  ].join('\n');
}

function thinned(points) {
  const size = Math.ceil(points.length / LONGEST);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const some = points.slice(i * size, (i + 1) * size);
    const mean = (which) => some.reduce((sum, point) => sum + point[which], 0) / some.length;
    return [mean(0), mean(1)];
  });
}

function escape(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
