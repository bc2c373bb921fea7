import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { compareStrings } from '../data/document.js';
import { formatNorm, parseNorm, type CodedRow } from '../data/norm.js';
import { InputError, UsageError } from '../errors.js';

/** A part of many documents: number `index` of `count`, from 1. */
export interface Shard {
  index: number;
  count: number;
}

/** @throws UsageError where it is not i/n with i from 1 to n */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!index || !count || index > count)
    throw new UsageError(`--shard ${text} is no part of a whole: write 1/8 to 8/8 for eight of them`);
  return { index, count };
}

/**
 * Whether a document is of a shard. Its name alone decides: every machine comes to the same answer, whatever
 * other documents there are.
 */
export function isOfShard(name: string, { index, count }: Shard): boolean {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % count === index - 1;
}

/** Name of the table of codes: of all documents, or of a shard. */
export function normName(shard?: Shard): string {
  return shard && shard.count > 1 ? `norm-${shard.index}-of-${shard.count}.tsv` : 'norm.tsv';
}

/**
 * Makes `<out>/norm.tsv` of the tables of all shards, in order of the documents' names; the tables stay.
 * @returns how many shards and rows there were
 * @throws InputError where there is none, one is missing, or they are of different numbers of shards
 */
export async function mergeShards(out: string): Promise<{ file: string; shards: number; codes: number }> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`The folder ${out} cannot be read (${error.code}).`, { cause: error });
  });
  const found = names.flatMap((name) => {
    const [, index, count] = /^norm-(\d+)-of-(\d+)\.tsv$/.exec(name) ?? [];
    return index ? [{ index: Number(index), count: Number(count) }] : [];
  });
  const [first] = found;
  if (!first)
    throw new InputError(`${out} has no table of a shard (norm-1-of-….tsv): predict with --shard, and codes`);
  const other = found.find(({ count }) => count !== first.count);
  if (other)
    throw new InputError(
      `${out} has tables of ${first.count} and of ${other.count} shards: remove those that are not wanted`,
    );
  const rows: CodedRow[] = [];
  for (let index = 1; index <= first.count; index++) {
    if (!found.some((shard) => shard.index === index))
      throw new InputError(
        `${join(out, normName({ ...first, index }))} is missing: go on with predict --resume --shard ${index}/${first.count}`,
      );
    for (const row of await readRows(join(out, normName({ ...first, index })))) rows.push(row);
  }
  const file = join(out, 'norm.tsv');
  await writeAtomically(file, formatNorm(sortedRows(rows)));
  return { file, shards: first.count, codes: rows.length };
}

/** In order of the documents' names; of one document's rows the order stays. */
export function sortedRows(rows: readonly CodedRow[]): CodedRow[] {
  return [...rows].sort((a, b) => compareStrings(a.filename, b.filename));
}

/**
 * The rows of a table that `predict` wrote; of one that a full disk or a kill may have `cut` short, without what
 * is no whole row at its end. @throws InputError for what is no table
 */
export async function readRows(file: string, { cut = false } = {}): Promise<CodedRow[]> {
  const text = await readText(file);
  const { rows } = cut ? parseCut(text, file) : parseNorm(text, file, { tolerant: true });
  return rows.flatMap(({ filename, text, span, code }) => (span ? [{ filename, text, span, code }] : []));
}

/** A cut may leave a row without its end, or within quotes, which may hold line ends. */
function parseCut(text: string, file: string): ReturnType<typeof parseNorm> {
  for (let end = text.lastIndexOf('\n') + 1; ; end = text.lastIndexOf('\n', end - 2) + 1) {
    try {
      return parseNorm(text.slice(0, end), file, { tolerant: true });
    } catch (error) {
      if (end === 0) throw error;
    }
  }
}
