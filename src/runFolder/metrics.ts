import { appendFile } from 'node:fs/promises';
import { exists, readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { type LoggedLine, metricsFormat } from '../formats/metrics.js';
import { parseStored } from '../formats/stored.js';

export type LoggedStep = Extract<LoggedLine, { kind: 'step' }>;
export type LoggedEpoch = Extract<LoggedLine, { kind: 'epoch' }>;

/** Appends a line to metrics.jsonl. */
export async function appendMetrics(file: string, line: LoggedLine): Promise<void> {
  await appendFile(file, `${JSON.stringify(line)}\n`);
}

/** Drops what a cut-off run logged after the checkpoint that it goes on from. Returns the seconds spent. */
export async function cutMetrics(file: string, step: number, epoch: number): Promise<number> {
  const kept = (await readLines(file)).filter(({ line }) =>
    line.kind === 'epoch' ? line.epoch < epoch : line.step <= step,
  );
  await writeAtomically(file, kept.map(({ text }) => `${text}\n`).join(''));
  return kept.at(-1)?.line.seconds ?? 0;
}

/**
 * What a run has logged; nothing where there is no file. The half line that a killed process has left at the end is
 * passed over. @throws InputError for any other line that is damaged, with its number
 */
export async function readMetrics(file: string): Promise<LoggedLine[]> {
  return (await readLines(file)).map(({ line }) => line);
}

async function readLines(file: string): Promise<{ text: string; line: LoggedLine }[]> {
  if (!(await exists(file))) return [];
  const texts = (await readText(file)).split('\n');
  const last = texts.pop()!; // '' where the file is whole
  if (isJson(last)) texts.push(last);
  return texts.map((text, i) => ({ text, line: parseStored(text, `${file}:${i + 1}`, metricsFormat) }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
