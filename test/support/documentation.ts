import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Something of a page that a reader would do: run commands, or save a file. */
export type Doing = { line: number } & ({ run: string; isSlow: boolean } | { file: string; content: string });

/** The README and the pages under docs, by their paths in the project. */
export function pages(root: string): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => relative(root, join(root, 'docs', name)))];
}

/**
 * What is marked in a page, in its order. Marks are comments, which nobody sees, before a block of code:
 * `<!-- run -->`, `<!-- run: slow -->`, `<!-- file: ours.yaml -->`.
 * @throws Error for a mark that is none of these, or that has no block
 */
export function doingsOf(page: string): Doing[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  return lines.flatMap((line, index): Doing[] => {
    const mark = /^<!-- (run|file)\b:? ?(.*?) -->$/.exec(line);
    if (!mark) return [];
    const [, kind, argument] = mark as unknown as [string, string, string];
    const first = lines.findIndex((text, i) => i > index && text !== '');
    const last = lines.findIndex((text, i) => i > first && text === '```');
    if (!lines[first]?.startsWith('```') || last < 0)
      throw new Error(`${page}:${index + 1}: no block of code follows the mark`);
    const content = `${lines.slice(first + 1, last).join('\n')}\n`;
    if (kind === 'file') return [{ line: index + 1, file: argument, content }];
    if (!['', 'slow'].includes(argument)) throw new Error(`${page}:${index + 1}: ${argument} is no mark`);
    return [{ line: index + 1, run: content, isSlow: argument === 'slow' }];
  });
}
