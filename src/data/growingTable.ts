import { existsSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { compareStrings } from './document.js';
import { InputError } from '../errors.js';
import { syncFile, unwritable, writeAtomically, type Content } from '../files/write.js';

/** What a table's rows are, and how they stand in its file. */
export interface TableKind<Row> {
  /** The text of rows; at the beginning of the file with whatever stands there. */
  format(rows: readonly Row[], options: { atBeginning: boolean }): string;
  /** The rows of a file; of one that may be `cut` short, without what is no whole row at its end. */
  read(file: string, options: { cut: boolean }): Promise<Row[]>;
  documentOf(row: Row): string;
}

/** A file of rows that grows document by document. */
export interface GrowingTable<Row> {
  add(rows: readonly Row[]): Promise<void>;
  /** Sees to the disk what was added until now. */
  sync(): Promise<void>;
  /** Puts the table under its name, in order of the documents' names. */
  finish(): Promise<void>;
  /** Without `finish`: what was written stays, hidden, to go on with. */
  close(): Promise<void>;
}

/** Names of a table in a folder: of what is finished, and of what grows. */
export const tableNames = (name: string) => [name, `.${name}.part`] as const;

/**
 * Makes a table `<out>/<name>`: begun with the first rows, and under its name when it is finished, whole. With `written`
 * it goes on with the one of an earlier run, of whose rows it keeps those of documents that were `written`.
 * @throws InputError where documents were written, and no table of them is there
 */
export function growingTable<Row>(
  kind: TableKind<Row>,
  out: string,
  name: string,
  written?: ReadonlySet<string>,
): GrowingTable<Row> {
  const [file, unfinished] = tableNames(name).map((one) => join(out, one)) as [string, string];
  let handle: FileHandle | undefined;
  let last: string | undefined; // of the documents
  let isSorted = true;
  const follow = (rows: readonly Row[]) => {
    for (const document of rows.map(kind.documentOf)) {
      isSorted &&= last === undefined || compareStrings(last, document) <= 0;
      last = document;
    }
  };
  const begin = async () => {
    const kept = written ? await rowsBefore(kind, [unfinished, file], written) : [];
    follow(kept);
    await writeAtomically(unfinished, wholeTable(kind, kept));
    return open(unfinished, 'a');
  };
  const writing = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      throw unwritable(file, error);
    }
  };
  return {
    add: (rows) =>
      writing(async () => {
        handle ??= await begin();
        follow(rows);
        await handle.appendFile(kind.format(rows, { atBeginning: false })); // all of it, or an error
      }),
    sync: () => writing(async () => handle?.datasync()),
    finish: () =>
      writing(async () => {
        handle ??= await begin();
        await handle.sync();
        await handle.close();
        if (!isSorted) {
          const rows = sortedRows(kind, await kind.read(unfinished, { cut: false }));
          await writeAtomically(unfinished, wholeTable(kind, rows));
        }
        await rename(unfinished, file);
        await syncFile(out);
      }),
    async close() {
      await handle?.close().catch(() => {}); // closed already where it was finished
    },
  };
}

/** A whole table, written part by part: all of it may be more than a string can hold. */
export function wholeTable<Row>(kind: TableKind<Row>, rows: readonly Row[]): Content {
  return async (file) => {
    await file.appendFile(kind.format(rows.slice(0, ROWS_AT_ONCE), { atBeginning: true }));
    for (let at = ROWS_AT_ONCE; at < rows.length; at += ROWS_AT_ONCE)
      await file.appendFile(kind.format(rows.slice(at, at + ROWS_AT_ONCE), { atBeginning: false }));
  };
}

const ROWS_AT_ONCE = 10_000;

/** In order of the documents' names; of one document's rows the order stays. */
export function sortedRows<Row>({ documentOf }: TableKind<Row>, rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => compareStrings(documentOf(a), documentOf(b)));
}

async function rowsBefore<Row>(
  kind: TableKind<Row>,
  files: string[],
  written: ReadonlySet<string>,
): Promise<Row[]> {
  const last = files.find((file) => existsSync(file));
  if (last) return (await kind.read(last, { cut: true })).filter((row) => written.has(kind.documentOf(row)));
  if (written.size === 0) return [];
  throw new InputError(
    `${files.at(-1)!} is missing, though there are documents with predictions: predict them again, into another folder`,
  );
}
