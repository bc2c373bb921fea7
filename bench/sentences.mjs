import { readFile } from 'node:fs/promises';
import { marked } from 'meddoprof/internal';

/** The first `count` sentences with a marked span of a tab-separated file, line by line; from the start again where it has fewer. */
export async function markedSentences(file, count) {
  const cells = (await readFile(file, 'utf8')).split(/[\t\n]/).filter((cell) => cell.includes('['));
  return Array.from({ length: count }, (_, i) => marked(cells[i % cells.length]));
}
