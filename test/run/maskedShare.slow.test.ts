import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openWeights } from '../../src/model/weights/open.js';
import type { Config } from '../../src/config/schema.js';
import { describeEngines } from '../support/engines.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const pretrained = join(import.meta.dirname, '../fixtures/tiny-distilbert');
const TABLE = 'distilbert.embeddings.word_embeddings.weight';

describeEngines(
  'a training that hides words',
  (engine) => {
    test('gives the pieces that it never saw no gradient, and that of hidden ones one', async () => {
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
