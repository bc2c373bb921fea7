/** White space as brat and Python know it: what `\s` has, the separators U+001C to U+001F, and U+0085. */
const white = '[\\s\\x1c-\\x1f\\x85]';

/** Tools differ in how they write white space inside a span: it does not count when texts are compared. */
export function evenSpaces(text: string): string {
  return text.replace(new RegExp(`${white}+`, 'g'), ' ');
}

export function isWhiteSpace(text: string): boolean {
  return new RegExp(`^${white}*$`).test(text);
}

/** A text that no reader takes for several lines or fields: tabs and whatever ends a line become spaces, as brat writes them. */
export function onOneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\t-\r\x1c-\x1e\x85\u2028\u2029]/g, ' ');
}
