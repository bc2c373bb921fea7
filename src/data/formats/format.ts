import type { Hash } from 'node:crypto';
import type { Document, Span } from '../document.js';
import type { Fault } from '../fault.js';
import type { Tasks } from '../folders.js';

/** A format of corpora: how its files become documents, and documents such files. `registry.ts` lists them. */
export interface CorpusFormat {
  /** What its files are, for people. */
  readonly description: string;
  /** How its files count offsets. Documents count code points, whatever it is. */
  readonly offsets: 'code points' | 'UTF-16 units' | 'tokens';
  /** How the names of its files end. */
  readonly endings: readonly string[];
  /** Whether the first record of a file of JSONL is one of its own. */
  claims?(record: object): boolean;
  /** Whether a file that begins so may be one of its own, where many have such a name. */
  begins?(head: string): boolean;
  /** What `write` makes. */
  readonly output: 'file' | 'folder';
  /**
   * The documents of a file or folder, in any order; every name once.
   * @throws InputError as `readCorpus`
   */
  read(corpus: string, reading: Reading): AsyncIterable<Document>;
  /**
   * Writes a file, or files into a folder that is there and empty. Half of it may be there where it throws.
   * @throws InputError for a document that its files cannot hold
   */
  write(out: string, documents: readonly Document[], tasks: Tasks): Promise<void>;
  /** What of a document its files cannot hold: numbers by what it is ("spans that overlap others"). */
  lost(document: Document, tasks: Tasks): Counted;
}

/** Numbers by what is counted, in the plural. */
export type Counted = Record<string, number>;

/** What a reader is asked for, and what it has to say. */
export interface Reading {
  tasks: Tasks;
  /** List errors among the faults and go on, instead of throwing at the first. */
  tolerant: boolean;
  faults: Fault[];
  /** Of the names and contents of all files that were read. */
  hash: Hash;
  /** Files whose annotations are not in order. */
  unsorted: string[];
  /** What documents have no place for: relations, notes, examples that were rejected. */
  passedOver: Counted;
}

/** What several formats pass over. */
export const IN_PARTS = 'spans in parts';
export const UNKNOWN_LABELS = 'spans of labels that no task lists';

/**
 * What files without tasks cannot hold: of which task a span is. Read again it is of all that list its label.
 */
export function lostByLabel({ spans }: Document, tasks: Tasks): Counted {
  const lost: Counted = {};
  for (const [task, { labels }] of Object.entries(tasks)) {
    const own = new Set(spans[task]!.map(keyOf));
    const others = Object.entries(spans).flatMap(([other, all]) => (other === task ? [] : all));
    const gained = others.filter((span) => labels.includes(span.label) && !own.has(keyOf(span)));
    count(lost, 'spans that are of one task, though another lists their label', gained.length);
  }
  return lost;
}

const keyOf = ({ label, start, end }: Span) => `${label} ${start} ${end}`;

/** Adds to numbers. */
export function count(counted: Counted, what: string, more: number | undefined = 0): void {
  if (more > 0) counted[what] = (counted[what] ?? 0) + more;
}
