import type { Random } from '../data/random.js';
import type { Knowledge } from './knowledge.js';
import { formsOf } from './terminology.js';

/** Two texts of one concept. */
export interface Pair {
  first: string;
  second: string;
  concept: number;
}

export interface PairOptions {
  /** How often a training mention is taken in an epoch; an alternative label is taken once. */
  mentionCount: number;
  /** Share of the pairs whose second is a label, the others have an alternative where there is one. */
  labelShare: number;
}

/**
 * Pairs of an epoch in random order: training mentions and alternative labels, each with a label or an
 * alternative of its concept, drawn anew. Nothing but what `Knowledge` holds.
 */
export function drawPairs(
  { concepts, mentions }: Knowledge,
  { mentionCount, labelShare }: PairOptions,
  random: Random,
): Pair[] {
  const indexOf = new Map(concepts.map(({ code }, index) => [code, index]));
  const labels = concepts.map((concept) => concept.labels.flatMap(formsOf));
  const draw = (texts: readonly string[]) => texts[random.int(texts.length)]!;
  const pairs: Pair[] = [];
  const add = (first: string, concept: number) => {
    const others = concepts[concept]!.alternatives.filter((text) => text !== first);
    const label = random.next() < labelShare || others.length === 0;
    const from = label && labels[concept]!.length > 0 ? labels[concept]! : others;
    if (from.length > 0) pairs.push({ first, second: draw(from), concept });
  };
  for (const { text, code } of mentions) for (let i = 0; i < mentionCount; i++) add(text, indexOf.get(code)!);
  concepts.forEach(({ alternatives }, concept) => {
    for (const text of alternatives) add(text, concept);
  });
  return random.shuffle(pairs);
}
