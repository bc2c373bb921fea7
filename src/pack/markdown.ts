/** A text as code in Markdown, in a table too, whatever is in it: a label may have backticks and bars. */
export function codeSpan(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length), 0) + 1);
  const space = runs.length > 0 ? ' ' : ''; // taken away again, and needed where a backtick is at the edge
  return `${fence}${space}${text.replaceAll('|', '\\|')}${space}${fence}`;
}
