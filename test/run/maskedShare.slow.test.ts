import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openWeights } from '../../src/model/weights/open.js';
import type { Config } from '../../src/config/schema.js';
import { describeEngines } from '../support/engines.js';
import { metricsOf } from '../support/runFolder.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const pretrained = join(import.meta.dirname, '../fixtures/tiny-distilbert');
const TABLE = 'distilbert.embeddings.word_embeddings.weight';

describeEngines(
  'a training that hides words',
  (engine) => {
    test('changes the vectors of [CLS], [SEP] and [MASK] alone where all words are hidden', async () => {
      const { config, out } = await tinyRun(
        folder(),
        {
          backend: { engine },
          encoder: { weights: pretrained },
          training: { maskedShare: 1 - 1e-12, weightDecay: 0, epochs: { count: 1, rate: 1e-3 } },
        },
        8,
      );
      await runToEnd(config, { folder: out, resume: false });
      const { tokenizer, ids } = await changedRows(config, join(out, 'checkpoints/last'));
      expect(ids.has(tokenizer.mask)).toBe(true);
      // What is in no word, as a control character is not, is not hidden: no such piece is in this corpus.
      expect([...ids].sort((a, b) => a - b)).toEqual([tokenizer.cls, tokenizer.sep, tokenizer.mask].sort((a, b) => a - b)); // prettier-ignore
    });

    test.each([
      [0.5, 'hides other words in every step'],
      [0, 'sees the same in every step where it hides none'],
    ])('with maskedShare %f %s', async (maskedShare) => {
      // Steps that see everything, learn nothing, and drop nothing.
      const { config, out } = await tinyRun(
        folder(),
        {
          backend: { engine },
          encoder: { weights: pretrained, dropout: 0, attentionDropout: 0 },
          model: { dropout: 0 },
          training: {
            maskedShare,
            batchSize: 1000,
            logSteps: 1,
            epochs: { count: 3, rate: 1e-12, pattern: ['full'] },
          },
        },
        8,
      );
      await runToEnd(config, { folder: out, resume: false });
      const steps = metricsOf(out).filter(({ kind }) => kind === 'step');
      expect(steps).toHaveLength(3);
      const losses = new Set(steps.map(({ loss }) => (loss as number).toFixed(5)));
      expect(losses.size).toBe(maskedShare > 0 ? 3 : 1);
    });
  },
  ['native'],
);

/** The pieces whose rows of the word table are others than before the training. */
async function changedRows({ encoder }: Config, checkpoint: string) {
  const [before, after] = [await openWeights(encoder.weights!), await openWeights(checkpoint)];
  try {
    const { tokenizer } = before;
    const values = [await before.weights.read(TABLE), await after.weights.read(TABLE)] as const;
    const width = values[0].length / before.weights.entries.get(TABLE)!.shape[0]!;
    const ids = new Set<number>();
    values[0].forEach((value, at) => {
      if (value !== values[1][at]) ids.add(Math.floor(at / width));
    });
    return { tokenizer, ids };
  } finally {
    await before.weights.close();
    await after.weights.close();
  }
}
