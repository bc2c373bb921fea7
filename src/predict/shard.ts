import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reason } from '../files/reason.js';
import { writeOutput } from '../files/write.js';
import { InputError, UsageError } from '../errors.js';
import { normTable } from './normTable.js';
import { spanTable } from './spanTable.js';
import { sortedRows, wholeTable, type TableKind } from '../data/growingTable.js';

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

/** What `predict` writes one table of for all documents, or one for each shard. */
const tables = {
  norm: { extension: 'tsv', kind: normTable },
  spans: { extension: 'jsonl', kind: spanTable },
} as const;
type Table = keyof typeof tables;

/** Name of a table: of all documents, or of a shard. */
export function tableName(table: Table, shard?: Shard): string {
  const { extension } = tables[table];
  return `${table}${shard && shard.count > 1 ? `-${shard.index}-of-${shard.count}` : ''}.${extension}`;
}

export interface Merged {
  shards: number;
  /** Of each table that the shards have written, the codes first. */
  files: { file: string; rows: number }[];
}

/**
 * Makes `<out>/norm.tsv` of the tables of codes of all shards, and `<out>/spans.jsonl` of those of scores, in order of the
 * documents' names; the tables stay.
 * @throws InputError where there is neither, one is missing, or they are of different numbers of shards
 */
export async function mergeShards(out: string): Promise<Merged> {
  const names = await readdir(out).catch((error: unknown) => {
    throw new InputError(`The folder ${out} cannot be read: ${reason(error)}.`, { cause: error });
  });
  const found = names.flatMap((name) => {
    const [, table, index, count, extension] =
      /^(norm|spans)-([1-9]\d*)-of-([1-9]\d*)\.(tsv|jsonl)$/.exec(name) ?? [];
    if (!table || tables[table as Table].extension !== extension) return [];
    return [{ table: table as Table, index: Number(index), count: Number(count) }];
  });
  const [first] = found;
  if (!first)
    throw new InputError(
      `${out} has no table of a shard (norm-1-of-….tsv or spans-1-of-….jsonl): predict with --shard, and codes or --scores`,
    );
  const other = found.find(({ count }) => count !== first.count);
  if (other)
    throw new InputError(
      `${out} has tables of ${first.count} and of ${other.count} shards: remove those that are not wanted`,
    );
  const { count } = first;
  const merged = (Object.keys(tables) as Table[]).filter((wanted) =>
    found.some(({ table }) => table === wanted),
  );
  for (const wanted of merged) {
    const there = new Set(found.filter(({ table }) => table === wanted).map(({ index }) => index));
    let index = 1;
    while (there.has(index)) index++; // no list of the shards: a name may tell of a thousand million
    if (index <= count)
      throw new InputError(
        `${join(out, tableName(wanted, { index, count }))} is missing: go on with predict --resume ${wanted === 'spans' ? '--scores ' : ''}--shard ${index}/${count}`,
      );
  }
  const shards = Array.from({ length: count }, (_, i) => ({ index: i + 1, count }));
  const files: Merged['files'] = [];
  for (const table of merged)
    files.push(await mergeTables(tables[table].kind as TableKind<unknown>, out, table, shards));
  return { shards: count, files };
}

async function mergeTables<Row>(kind: TableKind<Row>, out: string, table: Table, shards: readonly Shard[]) {
  const rows: Row[] = [];
  for (const shard of shards)
    for (const row of await kind.read(join(out, tableName(table, shard)), { cut: false })) rows.push(row);
  const file = join(out, tableName(table));
  await writeOutput(file, wholeTable(kind, sortedRows(kind, rows)));
  return { file, rows: rows.length };
}
