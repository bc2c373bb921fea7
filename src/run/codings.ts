import { existsSync } from 'node:fs';
import { writeAtomically } from '../files/write.js';
import { type Codings, codingsFormat } from '../formats/codings.js';
import { readStored } from '../formats/stored.js';
import type { Mention } from '../normalize/knowledge.js';
import type { Coding } from '../normalize/normalizer.js';

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
      ...{ text, ...(label !== undefined && { label }) },
      candidates: coding.candidates.map(({ code, score, exact }) => ({ code, score: rounded(score), exact })),
      neighbours: (coding.neighbours ?? []).map(({ space, source, text: near, code, similarity }) => {
        return { space, source, text: near, code, similarity: rounded(similarity) };
      }),
    });
  }
  return { task, mentions: [...mentions.values()] };
}

/** What two mentions of one coding have in common. */
export function codingKey(text: string, label: string | undefined): string {
  return `${label ?? ''}\t${text}`;
}

export async function writeCodings(file: string, codings: Codings): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(codings)}\n`);
}

/** Undefined where a run has none: it has no codes, or was made before they were kept. */
export async function readCodings(file: string): Promise<Codings | undefined> {
  return existsSync(file) ? readStored(file, codingsFormat) : undefined;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
