const LONGEST = 60;
/** Most parts of a list or object of which a text of that length shows any. */
const MOST_PARTS = LONGEST / 2;
const DEEPEST = 4;

/** A value as it can be quoted in a sentence, however long, wide or deep it is. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(cut(value)) ?? String(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

/** JSON.stringify calls itself for what is within a value: some thousand levels are more than the stack holds. */
function cut(value: unknown, levels = DEEPEST): unknown {
  if (typeof value === 'string') return value.slice(0, LONGEST);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, MOST_PARTS).map((part) => cut(part, levels - 1));
  const parts = Object.entries(value).slice(0, MOST_PARTS);
  return Object.fromEntries(parts.map(([key, part]) => [key, cut(part, levels - 1)]));
}
