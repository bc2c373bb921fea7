import { expect } from '@jest/globals';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { Evaluation } from '../../src/eval/evaluation.js';
import { evaluateFolders } from '../../src/eval/folders.js';
import { evaluateNormFiles } from '../../src/eval/normFiles.js';
import { writeFiles } from './corpus.js';

/** Files as text, and what the official scorer gave for them. */
export interface ScorerCase {
  task: string;
  gold: string | Record<string, string>;
  pred: string | Record<string, string>;
  expected: { P: number; R: number; F1: number } | { error: string };
}

/** Writes a case's files under `folder`, scores them and expects the official result, to the last bit. */
export async function expectOfficialResult(
  { task, gold, pred, expected }: ScorerCase,
  folder: string,
  { labels, codes }: { labels: Record<string, string[]>; codes: string },
): Promise<void> {
  const scored = evaluate(task, writeSide(folder, 'gold', gold), writeSide(folder, 'pred', pred));
  if ('error' in expected) await expect(scored).rejects.toThrow(InputError);
  else expect(await scored).toEqual(expected);

  async function evaluate(task: string, gold: string, pred: string) {
    const result =
      task === 'norm'
        ? await evaluateNormFiles(gold, pred, codes)
        : await evaluateFolders(gold, pred, labels[task]!);
    expectOutcomesThatSumUp(result.evaluation);
    const { precision: P, recall: R, f1: F1 } = result.evaluation;
    return { P, R, F1 };
  }
}

/** Every gold span and every prediction is in one outcome. */
export function expectOutcomesThatSumUp({ errors, ...scores }: Evaluation): void {
  const { correct, label, boundary, labelAndBoundary, missed, invented } = errors.outcomes;
  const paired = label + boundary + labelAndBoundary;
  expect(scores).toMatchObject({
    truePositives: correct,
    falsePositives: paired + invented,
    falseNegatives: paired + missed,
  });
}

function writeSide(folder: string, side: string, files: string | Record<string, string>): string {
  if (typeof files === 'string') writeFiles(folder, { [`${side}.tsv`]: files });
  else {
    writeFiles(folder, { [`${side}/.keep`]: '' });
    for (const [name, content] of Object.entries(files))
      writeFiles(folder, { [`${side}/${name}.ann`]: content });
  }
  return join(folder, typeof files === 'string' ? `${side}.tsv` : side);
}
