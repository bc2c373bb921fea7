import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { UsageError } from '../errors.js';
import { listOf } from './problems.js';
import type { Tree } from './tree.js';

/**
 * The values of a YAML text, each with its place.
 * @param where names the place of a line: `configs/my.yaml:12`
 * @throws UsageError that lists every fault of the text.
 */
export function parseYaml(text: string, where: (line: number) => string, what = 'config'): Tree {
  const lines = new LineCounter();
  const document = documentOf(text, lines, where);
  const faults = [...document.errors, ...document.warnings].map(
    (fault) => () => `${where(lines.linePos(fault.pos[0]).line)}: ${meaning(fault)}`,
  );
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw nestedTooDeep(where(1));
  if (faults.length > 0) throw new UsageError(listOf(faults, what));
  const reading = { where, lines, anchored: anchoredBy(document), faults, values: 0 };
  const tree = toTree(document.contents, reading, 1, 0);
  if (faults.length > 0) throw new UsageError(listOf(faults, what));
  return tree;
}

function documentOf(text: string, lineCounter: LineCounter, where: (line: number) => string): Document {
  try {
    return parseDocument(text, {
      prettyErrors: false,
      lineCounter,
      uniqueKeys: false, // each key is compared with all; `entriesOf` does it faster
    });
  } catch (error) {
    // The parser goes deeper with each line that stands too far to the right.
    if ((error as Error).name === 'RangeError') throw nestedTooDeep(where(1));
    throw error;
  }
}

interface Reading {
  where: (line: number) => string;
  lines: LineCounter;
  /** What each alias stands for. */
  anchored: Map<Alias, unknown>;
  /** What was found to be wrong, a sentence each. */
  faults: (() => string)[];
  /** How many values there are so far, those behind aliases as often as they are named. */
  values: number;
}

const MOST_VALUES = 50_000;
const DEEPEST = 50;

function toTree(node: unknown, reading: Reading, line: number, depth: number): Tree {
  const where = reading.where(line);
  if (depth > DEEPEST) throw nestedTooDeep(where);
  if (++reading.values > MOST_VALUES)
    throw new UsageError(
      `${where}: more than ${MOST_VALUES.toLocaleString('en')} values, with those behind aliases (*); take some out`,
    );
  if (isAlias(node)) {
    const anchored = reading.anchored.get(node);
    if (anchored !== undefined) return toTree(anchored, reading, line, depth + 1);
    throw new UsageError(
      `${where}: *${node.source} stands for nothing here; put text that begins with * in quotes`,
    );
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => toTree(item, reading, lineOf(item, reading) ?? line, depth + 1));
    return { where, value: items };
  }
  if (isMap(node)) return { where, value: entriesOf(node, reading, line, depth) };
  const value = isScalar(node) ? node.value : null;
  if (typeof value !== 'object' || value === null) return { where, value: value as Tree['value'] };
  const tag = (node as Scalar).tag?.replace('tag:yaml.org,2002:', '!!');
  throw new UsageError(`${where}: the tag ${tag} is not known here; write plain text or a number`);
}

function entriesOf({ items }: YAMLMap, reading: Reading, line: number, depth: number): Map<string, Tree> {
  const entries = new Map<string, Tree>();
  for (const { key, value } of items) {
    const at = lineOf(key, reading) ?? line;
    if (key !== null && !isScalar(key))
      throw new UsageError(
        `${reading.where(at)}: a name of a value is a list, a mapping or an alias; write it as plain text`,
      );
    const name = String(key && (key.source ?? key.value));
    if (entries.has(name))
      reading.faults.push(
        () => `${reading.where(at)}: ${name} stands twice in its section; keep one of them`,
      );
    entries.set(name, toTree(value, reading, at, depth + 1));
  }
  return entries;
}

/** The node that each alias names: of those with its anchor the last before it. */
function anchoredBy(document: Document): Map<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const anchored = new Map<Alias, unknown>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) anchored.set(node, anchors.get(node.source));
      else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return anchored;
}

function nestedTooDeep(where: string): UsageError {
  return new UsageError(`${where}: the values are nested without end`);
}

function lineOf(node: unknown, { lines }: Reading): number | undefined {
  const range = (node as { range?: number[] } | null)?.range;
  return range && lines.linePos(range[0]!).line;
}

type Fault = Document['errors'][number] | Document['warnings'][number];

/** What people read of a fault in YAML. */
function meaning({ code, message }: Fault): string {
  const sentence = message.split('\n')[0]!;
  return sentences[code] ?? `this is not YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

const sentences: Partial<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents this line; YAML allows spaces only',
  MULTIPLE_DOCS: 'a second document begins here (---); a file is one document',
};
