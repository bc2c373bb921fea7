import type { Codings } from '../formats/codings.js';
import type { Mention } from '../normalize/knowledge.js';
import type { Coding } from '../normalize/normalizer.js';
import { codingKey } from '../runFolder/codings.js';

/** How many candidates and neighbours (in each space) are kept of a mention. */
export const KEPT = { candidates: 5, neighbours: 5 };

/** Gathers the codings of mentions, those that are alike once. */
export function gatherCodings(task: string, coded: readonly { mention: Mention; coding: Coding }[]): Codings {
  const mentions = new Map<string, Codings['mentions'][number]>();
  for (const { mention, coding } of coded) {
    const { text, label } = mention;
    const key = codingKey(text, label);
    if (mentions.has(key)) continue;
    mentions.set(key, {
      text,
      label,
      candidates: coding.candidates.map(({ code, score, exact }) => ({ code, score: rounded(score), exact })),
      neighbours: (coding.neighbours ?? []).map(({ space, source, text: near, code, similarity }) => {
        return { space, source, text: near, code, similarity: rounded(similarity) };
      }),
    });
  }
  return { task, mentions: [...mentions.values()] };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
