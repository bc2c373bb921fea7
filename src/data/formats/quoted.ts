/** What stands in a file, as a message has it: no longer than a person reads. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
