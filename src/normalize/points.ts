import type { Knowledge } from './knowledge.js';
import { matchKey } from './text.js';
import { formsOf } from './terminology.js';

/** Which points there are. */
export interface PointSources {
  labels: boolean;
  alternatives: boolean;
  mentions: boolean;
  centroids: boolean;
}

/** Something that a mention may be near to. */
export interface Point {
  text: string;
  /** Index of its concept. */
  concept: number;
  source: 'label' | 'alternative' | 'mention';
}

/** Every text once for each concept and source, in order of the concepts. Centroids are made of these. */
export function pointsOf({ concepts, mentions }: Knowledge, sources: PointSources): Point[] {
  const indexOf = new Map(concepts.map(({ code }, index) => [code, index]));
  const own = concepts.map(() => [] as Point[]);
  const seen = new Set<string>();
  const add = (text: string, concept: number, source: Point['source']) => {
    const key = `${concept} ${source} ${matchKey(text)}`;
    if (seen.has(key)) return;
    seen.add(key);
    own[concept]!.push({ text, concept, source });
  };
  concepts.forEach(({ labels, alternatives }, concept) => {
    if (sources.labels) for (const label of labels.flatMap(formsOf)) add(label, concept, 'label');
    if (sources.alternatives) for (const text of alternatives) add(text, concept, 'alternative');
  });
  if (sources.mentions) for (const { text, code } of mentions) add(text, indexOf.get(code)!, 'mention');
  return own.flat();
}
