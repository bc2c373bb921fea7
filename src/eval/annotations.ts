import { InputError } from '../errors.js';
import { noneLeftOut, type LeftOut } from './leftOut.js';
import { parseInteger, textLines } from './python.js';
import type { ScoredSpan } from './spans.js';

export interface OfficialAnnotations {
  /** In the order of the file, duplicates included. */
  spans: ScoredSpan[];
  /** Why the scorer drops the whole file, as a clause; it has no spans then. */
  dropped?: string;
  /** Labels in the file that are not scored. */
  otherLabels: Set<string>;
  /** Spans of scored labels that the file has beside these. */
  leftOut: LeftOut;
}

/**
 * Reads a brat file as the official scorer does, which is neither brat's reading nor that of a corpus:
 * a line without exactly three tab-separated fields (a blank one, too) or a span with `;` drops the whole
 * file; what a relation refers to is left out; offsets stay the strings that they are; a byte order mark
 * hides the first line.
 * @throws InputError where the scorer crashes: a line that begins with a tab, a relation without its two
 * arguments, offsets that are not two whole numbers.
 */
export function readOfficially(
  content: string,
  file: string,
  labels: readonly string[],
): OfficialAnnotations {
  const lines = textLines(content).map((line) => line.split('\t'));
  const otherLabels = new Set<string>();
  const leftOut = noneLeftOut();
  const isScored = (body = '') => labels.includes(splitOnce(body)[0]);
  const dropped = reasonToDrop(lines, file);
  if (dropped !== undefined) {
    const held = lines.filter(([mark, body]) => /^\ufeff?T/.test(mark!) && isScored(body));
    leftOut[dropped.why] = held.length;
    return { spans: [], dropped: dropped.reason, otherLabels, leftOut };
  }

  const related = relatedMarks(lines, file);
  const spans: ScoredSpan[] = [];
  for (const [index, [mark, body, text]] of (lines as [string, string, string][]).entries()) {
    if (index === 0 && mark.startsWith('\ufeffT') && isScored(body)) leftOut.byteOrderMark++;
    if (!mark.startsWith('T')) continue;
    if (related.has(mark)) {
      if (isScored(body)) leftOut.relations++;
      continue;
    }
    const [label, offsets] = splitOnce(body);
    if (labels.includes(label)) spans.push({ label, ...readOffsets(offsets, file, index + 1), text });
    else otherLabels.add(label);
  }
  return { spans, otherLabels, leftOut };
}

function reasonToDrop(
  lines: string[][],
  file: string,
): { why: 'fields' | 'parts'; reason: string } | undefined {
  for (const [index, fields] of lines.entries()) {
    const line = index + 1;
    if (fields.length !== 3)
      return {
        why: 'fields',
        reason: `line ${line} has ${fields.length} tab-separated fields, not three`,
      };
    const [mark, body] = fields as [string, string, string];
    if (mark === '')
      throw new InputError(
        `${file}, line ${line}: the line begins with a tab, at which the official scorer fails; give it a mark like T1.`,
      );
    if (mark.startsWith('T') && splitOnce(body)[1].includes(';'))
      return { why: 'parts', reason: `line ${line} has a span in parts` };
  }
  return undefined;
}

/** Marks that relations mention: the scorer ignores their annotations. */
function relatedMarks(lines: string[][], file: string): Set<string> {
  const marks = new Set<string>();
  for (const [index, [mark, body]] of lines.entries()) {
    if (!mark!.startsWith('R')) continue;
    for (const position of [1, 2]) {
      const argument = body!.split(' ')[position]?.split(':')[1];
      if (argument === undefined)
        throw new InputError(
          `${file}, line ${index + 1}: a relation without "Arg1:T1 Arg2:T2", at which the official scorer fails; complete it or remove it.`,
        );
      marks.add(argument);
    }
  }
  return marks;
}

function readOffsets(offsets: string, file: string, line: number) {
  const [start, end] = splitOnce(offsets).map(parseInteger);
  if (start === undefined || end === undefined)
    throw new InputError(
      `${file}, line ${line}: the offsets "${offsets}" are not two whole numbers; write them as "12 20".`,
    );
  return { start, end, offsets };
}

/** What is before the first space and what is after it. */
function splitOnce(text: string): [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}
