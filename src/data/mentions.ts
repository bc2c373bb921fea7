import { InputError } from '../errors.js';
import { readText } from '../files/text.js';
import { parseSpan } from './norm.js';
import { parseTable } from './tsv.js';

/** A mention of a file, whatever of a row of the NORM table the file has of it. */
export interface MentionRow {
  text: string;
  label?: string;
  filename?: string;
  span?: { start: number; end: number };
  code?: string;
  line: number;
}

const optional = ['label', 'filename', 'span', 'code'] as const;

/**
 * Reads mentions: a table with the column `text` and any of `label filename span code` (a NORM table is one),
 * or, in a file that does not end in .tsv, one mention a line.
 * @throws InputError for a file without mentions, an empty text, a span that is none or too short or long for
 * its text; white space may have been evened out in the text
 */
export async function readMentions(file: string): Promise<MentionRow[]> {
  const content = await readText(file);
  const rows = file.endsWith('.tsv') ? parseMentions(content, file) : linesOf(content);
  if (rows.length === 0) throw new InputError(`${file} has no mentions.`);
  const empty = rows.find(({ text }) => text.trim() === '');
  if (empty) throw new InputError(`${file}:${empty.line}: the text is empty; fill it in or delete the row.`);
  return rows;
}

function linesOf(content: string): MentionRow[] {
  const lines = content.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [{ text: line.trim(), line: i + 1 }]));
}

function parseMentions(content: string, file: string): MentionRow[] {
  const header = content.slice(0, content.search(/[\r\n]|$/));
  const present = optional.filter((column) =>
    new RegExp(`(^|[\\t"\\ufeff])${column}($|[\\t"])`).test(header),
  );
  const { records } = parseTable(content, file, ['text', ...present]);
  return records.map(({ fields, line }): MentionRow => {
    const { text, label, filename, span, code } = fields as Partial<Record<string, string>>;
    return {
      text: text!,
      line,
      label: label?.trim() || undefined,
      filename: filename || undefined,
      span: span === undefined ? undefined : spanOf(span, text!, `${file}:${line}`),
      code: code?.trim() || undefined,
    };
  });
}

function spanOf(written: string, text: string, where: string): { start: number; end: number } {
  const span = parseSpan(written);
  if (!span)
    throw new InputError(
      `${where}: the span ${JSON.stringify(written)} is not two whole numbers, start and end.`,
    );
  if (span.start >= span.end)
    throw new InputError(
      `${where}: the span ${written} ends where it starts or before; the end is exclusive.`,
    );
  const length = [...text].length;
  const fits = /\s/.test(text) ? length <= span.end - span.start : length === span.end - span.start;
  if (!fits)
    throw new InputError(
      `${where}: the span ${written} is ${span.end - span.start} characters long, and the text ${JSON.stringify(text)} has ${length}: correct one of them; offsets are code points, the end is exclusive.`,
    );
  return span;
}
