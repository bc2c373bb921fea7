import { compareStrings, spanAt, type Document } from '../data/document.js';
import type { CodeRow } from '../data/norm.js';
import { matchKey } from './text.js';
import { conceptsOf, type Concept } from './terminology.js';

/** A span to find the code of: its text and, where it is known, its label. */
export interface Mention {
  text: string;
  /** Of its span, in the task that gets codes; it speaks for the codes of known mentions that have it, too. */
  label?: string;
}

/** Mentions of the training documents that are alike: one code, one label, the same words. */
export interface KnownMention extends Mention {
  code: string;
  count: number;
}

/** What codes are found with. */
export interface Knowledge {
  /** Sorted by code. */
  concepts: Concept[];
  /** Of concepts only; sorted by text, label, code. */
  mentions: KnownMention[];
}

/**
 * What training documents and a table of valid codes say. Without a table the codes are those of the
 * documents. Mentions with a code that is not valid are left out, and counted.
 * @param task whose labels the mentions take
 */
export function gatherKnowledge(
  documents: readonly Document[],
  codes: readonly CodeRow[] | undefined,
  task: string,
): { knowledge: Knowledge; invalid: number } {
  const all = documents.flatMap((document) => codedMentions(document, task));
  const concepts = conceptsOf(
    codes ?? all.map(({ code }) => ({ code, label: '', alternatives: [] as string[] })),
  ).map((concept) => ({ ...concept, labels: concept.labels.filter((label) => label !== '') }));
  const valid = new Set(concepts.map(({ code }) => code));
  const known = new Map<string, KnownMention>();
  let invalid = 0;
  for (const mention of all) {
    if (!valid.has(mention.code)) {
      invalid++;
      continue;
    }
    const key = JSON.stringify([matchKey(mention.text), mention.label, mention.code]);
    const same = known.get(key);
    const { text, label, code } = mention;
    if (same) same.count++;
    else known.set(key, { text, label, code, count: 1 });
  }
  const mentions = [...known.values()].sort(
    (a, b) =>
      compareStrings(a.text, b.text) ||
      compareStrings(a.label ?? '', b.label ?? '') ||
      compareStrings(a.code, b.code),
  );
  return { knowledge: { concepts, mentions }, invalid };
}

/** The coded spans of a document, each with the label that a span of the task has at the same offsets. */
export function codedMentions(
  { spans, codes }: Pick<Document, 'spans' | 'codes'>,
  task: string,
): (Mention & { code: string; start: number; end: number })[] {
  return codes.map(({ start, end, text, code }) => {
    return { text, code, start, end, label: spanAt(spans[task], { start, end })?.label };
  });
}
