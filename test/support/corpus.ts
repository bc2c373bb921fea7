import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codePoints } from '../../src/data/codepoints.js';
import type { Document, Span } from '../../src/data/document.js';

/** Two tasks as the shared task has them, with labels A, B and X, Y. */
export const twoTasks = {
  ner: { folder: 'task1', labels: ['A', 'B'] },
  class: { folder: 'task2', labels: ['X', 'Y'] },
};

/** The span of the first place where `mention` stands in `text`. */
export function span(text: string, label: string, mention: string): Span {
  const index = text.indexOf(mention);
  if (index < 0) throw new Error(`${mention} is not in ${text}`);
  const { fromUtf16 } = codePoints(text);
  return { label, start: fromUtf16(index), end: fromUtf16(index + mention.length) };
}

/** A document; `spans` per task as [label, mention] pairs. */
export function document(
  name: string,
  text: string,
  spans: Record<string, [label: string, mention: string][]> = {},
): Document {
  return {
    name,
    text,
    spans: Object.fromEntries(
      Object.entries<[string, string][]>({ ner: [], class: [], ...spans }).map(([task, pairs]) => [
        task,
        pairs.map(([label, mention]) => span(text, label, mention)),
      ]),
    ),
    codes: [],
  };
}

/** Files by path; each given text also stands in the other task's folder, with an empty .ann beside it. */
export function corpusFiles(texts: Record<string, string>): Record<string, string | Uint8Array> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      ['task1', 'task2'].flatMap((folder) => [
        [`${folder}/${name}.txt`, text],
        [`${folder}/${name}.ann`, ''],
      ]),
    ),
  );
}

/** Writes files under `folder`, making folders as needed; null leaves one out. Returns `folder`. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array | null>): string {
  for (const [name, content] of Object.entries(files)) {
    if (content === null) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
