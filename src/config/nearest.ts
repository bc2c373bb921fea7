import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped name most likely means, or nothing; case, - and _ count little. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const limit = name.length < 4 ? 1 : Math.max(2, Math.min(3, name.length / 3));
  let best: string | undefined;
  let least = limit + 0.5;
  for (const candidate of candidates) {
    const swapped = sorted(name) === sorted(candidate) ? 0.5 : 0; // scheduel is nearer to schedule than its distance
    const d = Math.min(distance(name, candidate), distance(bare(name), bare(candidate)) + 0.25) - swapped;
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

/** Characters of a name that somebody may have typed, a file's at most. */
const LONGEST = 255;

/** The config file in the same folder whose name is nearest to a missing one's, or ''. */
export async function neighbourOf(file: string): Promise<string> {
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const configs = names.filter((name) => /\.ya?ml$/.test(name));
  const stems = configs.map((name) => basename(name, extname(name)));
  const stem = nearest(basename(file).replace(/\.ya?ml$/, ''), stems);
  return stem === undefined ? '' : join(folder, configs[stems.indexOf(stem)]!);
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

function sorted(name: string): string {
  return [...name].sort().join('');
}
