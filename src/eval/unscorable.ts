import type { NormEntry } from './norm.js';
import { isMissing, strip } from './python.js';

/** Gold rows that the official scorer counts and that no prediction can equal, by why. */
export interface Unscorable {
  /** Without a file name, span or code, as a prediction must not be. */
  missing: number[];
  /** With white space around one of these, which predictions are stripped of. */
  space: number[];
  /** Without a text. */
  text: number[];
  /** With a code that counts in no prediction. */
  code: number[];
}

type Row = NormEntry & { span: string; line: number };

/** The lines of gold rows that no prediction can equal, each once. */
export function findUnscorable(rows: Iterable<Row>, validCodes?: ReadonlySet<string>): Unscorable {
  const found: Unscorable = { missing: [], space: [], text: [], code: [] };
  for (const { filename, text, span, code, line } of rows) {
    const compared = [filename, span, code];
    if (compared.some(isMissing)) found.missing.push(line);
    else if (compared.some((field) => strip(field) !== field)) found.space.push(line);
    else if (isMissing(text)) found.text.push(line);
    else if (validCodes?.has(code) === false) found.code.push(line);
  }
  return found;
}

/** A sentence for each reason, and how many of `rows` are left. `codesFile` has the valid codes. */
export function unscorableNotices(
  file: string,
  unscorable: Unscorable,
  rows: number,
  codesFile?: string,
): string[] {
  const why: Record<keyof Unscorable, string> = {
    missing: 'whose file name, span or code is empty or reads as "not available"',
    space: 'with white space around the file name, span or code, which predictions are stripped of',
    text: 'whose text is empty or reads as "not available"',
    code: `whose code is not in ${codesFile}`,
  };
  const notices = Object.entries(unscorable).flatMap(([kind, lines]: [string, number[]]) =>
    lines.length === 0
      ? []
      : [`${file}: gold rows ${why[kind as keyof Unscorable]}: ${lines.length} (${linesOf(lines)}).`],
  );
  if (notices.length === 0) return [];
  const lost = Object.values(unscorable).reduce((sum, { length }) => sum + length, 0);
  return [
    ...notices,
    `Gold rows that a prediction can equal: ${rows - lost} of ${rows}; the others are missed, whatever is predicted.`,
  ];
}

/** Lines are named up to so many. */
const NAMED = 5;

function linesOf(lines: number[]): string {
  const named = lines.slice(0, NAMED).join(', ');
  return `line ${named}${lines.length > NAMED ? ', …' : ''}`;
}
