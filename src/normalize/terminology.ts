import { compareStrings } from '../data/document.js';
import type { CodeRow } from '../data/norm.js';

/** A code with all its names. */
export interface Concept {
  code: string;
  /** As the table has them, the first for people to read. */
  labels: string[];
  alternatives: string[];
}

/** The concepts of a table of codes, sorted by code; the rows of one code are one concept. */
export function conceptsOf(rows: readonly CodeRow[]): Concept[] {
  const byCode = new Map<string, { labels: Set<string>; alternatives: Set<string> }>();
  for (const { code, label, alternatives } of rows) {
    const concept = byCode.get(code) ?? { labels: new Set(), alternatives: new Set() };
    byCode.set(code, concept);
    concept.labels.add(label);
    for (const alternative of alternatives) concept.alternatives.add(alternative);
  }
  return [...byCode]
    .map(([code, { labels, alternatives }]) => ({
      code,
      labels: [...labels],
      alternatives: [...alternatives],
    }))
    .sort((a, b) => compareStrings(a.code, b.code));
}

/** The forms of a label: `enfermero/enfermera` is two. */
export function formsOf(label: string): string[] {
  return label
    .split('/')
    .map((form) => form.trim())
    .filter((form) => form !== '');
}
