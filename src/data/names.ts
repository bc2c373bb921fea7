/**
 * Finds names that look the same and are not: written in other Unicode normal forms, as some systems do when they
 * copy files (é as one character or as two). Undefined for a name that is among them, or like none of them.
 */
export function lookalikes(names: Iterable<string>): (name: string) => string | undefined {
  const known = new Set(names);
  const byForm = new Map([...known].map((name) => [name.normalize(), name]));
  return (name) => (known.has(name) ? undefined : byForm.get(name.normalize()));
}

/** What to say of a lookalike, after a sentence's end; nothing where there is none. */
export function lookalikeHint(other: string | undefined, where: string): string {
  if (other === undefined) return '';
  return ` ${where} has a name that looks the same in another Unicode normal form (NFC, NFD); rename one of them.`;
}
