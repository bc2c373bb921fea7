import type { Span } from '../document.js';
import { tokensOf, withoutOverlap, type Token } from './tokens.js';

/** Tags of tokens by BIO: `B-PROFESION`, `I-PROFESION`, `O`. Of spans that overlap one is kept. */
export function tagsOf(spans: readonly Span[], tokens: readonly Token[]): string[] {
  const tags = tokens.map(() => 'O');
  for (const span of withoutOverlap(spans)) {
    const [first, last] = tokensOf(span, tokens) ?? [0, -1];
    for (let i = first; i <= last; i++) tags[i] = `${i === first ? 'B' : 'I'}-${span.label}`;
  }
  return tags;
}

/** A span of tokens of a sentence, first and last. */
export interface TaggedSpan {
  label: string;
  first: number;
  last: number;
}

/**
 * The spans of a sentence's tags, as conlleval reads them: B, S and U begin one; I, E and L begin one where none of
 * their label goes on before; E, L, S and U end it. So IO, both kinds of BIO, BIOES and BILOU are read alike. A label
 * without a prefix is I.
 */
export function spansOfTags(tags: readonly string[]): TaggedSpan[] {
  const spans: TaggedSpan[] = [];
  let open: TaggedSpan | undefined;
  for (const [i, tag] of tags.entries()) {
    if (isOutside(tag)) {
      open = undefined;
      continue;
    }
    const [, prefix = 'I', label = tag] = PREFIXED.exec(tag) ?? [];
    if (open?.label !== label || 'BSU'.includes(prefix)) {
      open = { label, first: i, last: i };
      spans.push(open);
    }
    open.last = i;
    if ('ELSU'.includes(prefix)) open = undefined;
  }
  return spans;
}

/** Whether a tag says what it is: O, or a label with a prefix. */
export function isTag(tag: string): boolean {
  return isOutside(tag) || PREFIXED.test(tag);
}

export const isOutside = (tag: string) => tag === 'O' || tag === '_';

const PREFIXED = /^([BIESLU])-(.+)$/s;
