import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
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
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const faults = [...document.errors, ...document.warnings].map(
    (fault) => `${where(lines.linePos(fault.pos[0]).line)}: ${meaning(fault, text)}`,
  );
  if (faults.length > 0) throw new UsageError(listOf(faults, what));
  return toTree(document.contents, { document, where, lines }, 1, 0);
}

interface Reading {
  document: Document;
  where: (line: number) => string;
  lines: LineCounter;
}

function toTree(node: unknown, reading: Reading, line: number, depth: number): Tree {
  const where = reading.where(line);
  if (depth > 50) throw new UsageError(`${where}: the values are nested without end`);
  if (isAlias(node)) {
    const anchored = node.resolve(reading.document);
    if (anchored) return toTree(anchored, reading, line, depth + 1);
    throw new UsageError(
      `${where}: *${node.source} stands for nothing here; put text that begins with * in quotes`,
    );
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => toTree(item, reading, lineOf(item, reading) ?? line, depth + 1));
    return { where, value: items };
  }
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }): [string, Tree] => [
      String(isScalar(key) ? (key.source ?? key.value) : key),
      toTree(value, reading, lineOf(key, reading) ?? line, depth + 1),
    ]);
    return { where, value: new Map(entries) };
  }
  return { where, value: isScalar(node) ? (node.value as Tree['value']) : null };
}

function lineOf(node: unknown, { lines }: Reading): number | undefined {
  const range = (node as { range?: number[] } | null)?.range;
  return range && lines.linePos(range[0]!).line;
}

type Fault = Document['errors'][number] | Document['warnings'][number];

/** What people read of a fault in YAML. */
function meaning({ code, message, pos }: Fault, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^[^:\s]+/.exec(text.slice(pos[0]))?.[0] ?? 'this key';
    return `${key} stands twice in its section; keep one of them`;
  }
  const sentence = message.split('\n')[0]!;
  return sentences[code] ?? `this is not YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

const sentences: Partial<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents this line; YAML allows spaces only',
  MULTIPLE_DOCS: 'a second document begins here (---); a file is one document',
};
