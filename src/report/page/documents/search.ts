/** A text to search in: lower case, without accents, every character in its place. */
export function fold(text: string): string {
  return Array.from({ length: text.length }, (_, i) => text[i]!.normalize('NFD')[0]!.toLowerCase()[0]!).join(
    '',
  );
}

/** Where a query stands in a folded text, whatever its case and accents: pairs of start and end. */
export function hits(folded: string, query: string): [start: number, end: number][] {
  const characters = [...fold(query.trim())].map((character) =>
    /\s/.test(character) ? '\\s+' : character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
  );
  if (characters.length === 0) return [];
  const pattern = new RegExp(characters.join('\\p{M}*'), 'gu');
  return [...folded.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}
