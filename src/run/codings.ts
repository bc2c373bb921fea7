import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { InputError } from '../errors.js';
import type { Mention } from '../normalize/knowledge.js';
import type { Coding } from '../normalize/normalizer.js';

const codingsSchema = z.object({
  task: z.string(),
  mentions: z.array(
    z.object({
      text: z.string(),
      label: z.string().optional(),
      candidates: z.array(z.object({ code: z.string(), score: z.number(), exact: z.boolean() })),
      neighbours: z.array(
        z.object({
          ...{ space: z.string(), source: z.string(), text: z.string(), code: z.string() },
          similarity: z.number(),
        }),
      ),
    }),
  ),
});

/**
 * codings.json: what spoke for the codes of the mentions of the documents that are scored, gold and predicted ones.
 * Every mention is there once for each label of `task` that it has: its codes depend on nothing else.
 */
export type Codings = z.output<typeof codingsSchema>;

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
  if (!existsSync(file)) return undefined;
  try {
    return codingsSchema.parse(JSON.parse(await readText(file)));
  } catch (error) {
    throw new InputError(
      `${file} is not what this version of meddoprof writes: remove it, or evaluate again`,
      {
        cause: error,
      },
    );
  }
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
