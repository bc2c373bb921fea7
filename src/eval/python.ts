/** What Python and pandas make of strings, where the official scorer depends on it. */

/** str.strip(): unlike trim() it takes the separators U+001C to U+001F and U+0085, and leaves U+FEFF. */
export function strip(text: string): string {
  let [start, end] = [0, text.length]; // no pattern for the end: it would begin anew at every blank
  while (start < end && space.test(text[start]!)) start++;
  while (end > start && space.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** The number that int() reads from a string, or undefined where it raises ValueError. */
export function parseInteger(text: string): number | undefined {
  const digits = strip(text);
  return /^[+-]?\d+(_\d+)*$/.test(digits) ? Number(digits.replaceAll('_', '')) : undefined;
}

/** Lines as a file opened in text mode has them: they end at LF, CR LF or CR. */
export function textLines(content: string): string[] {
  const lines = content.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Whether pandas' read_csv takes a field for missing (NaN), quoted or not. */
export function isMissing(field: string): boolean {
  return missing.has(field);
}

/** Whether read_csv takes a column, given without what is missing, for text: not all numbers, not all truth values. */
export function isTextColumn(fields: readonly string[]): boolean {
  return (
    !fields.every(isNumber) && !fields.every((field) => /^(True|TRUE|true|False|FALSE|false)$/.test(field))
  );
}

function isNumber(field: string): boolean {
  return (
    /^[\t-\r ]*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?[\t-\r ]*$/i.test(field) ||
    /^[+-]?inf(inity)?$/i.test(field)
  );
}

const spaces = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const space = new RegExp(spaces);

/** @see https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html, na_values */
const missing = new Set([
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>'],
  ...['N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
]);
