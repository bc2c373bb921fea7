/**
 * Text as a terminal may show it. Names and labels come from files, and characters that steer a terminal (escape
 * sequences) or turn the direction of what follows stand as what one types for them: `\x1b`, `\u202e`. Line
 * ends and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(STEERING, escapeOf);
}

/** The same of what must stay in its line: a name, a cell of a table. */
export function visibleLine(text: string): string {
  return visible(text).replace(/[\t\n]/g, escapeOf);
}

/** JSON that says the same, with every such character escaped: JSON.stringify leaves half of them as they are. */
export function visibleJson(json: string): string {
  return json.replace(STEERING, (character) => `\\u${hex(character, 4)}`);
}

/** Whether there is a character in it that a name has no use for, line ends and tabs among them. */
export function hasControls(text: string): boolean {
  return visibleLine(text) !== text;
}

/** C0 without tab and line feed, DEL, C1; separators of lines and marks of direction that Unicode has. */
const STEERING =
  // eslint-disable-next-line no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeOf(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return character < '\u0100' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
