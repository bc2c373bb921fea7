import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../src/config/schema.js';
import { UsageError } from '../../src/errors.js';
import { distilbertOf } from '../../src/model/encoders/distilbert.js';
import { assemble } from '../../src/model/model.js';
import { checkMemory } from '../../src/run/memory.js';

const tasks = { ner: { folder: 'task1', labels: ['JOB'] } };
const model = (layers: number, hidden: number) =>
  assemble(
    distilbertOf({
      hidden,
      layers,
      attentionHeads: 2,
      intermediate: 4 * hidden,
      vocabularySize: 1000,
      positions: 16,
    }),
    tasks,
    configSchema.parse({ tasks, data: { corpus: 'c' }, model: { trunk: 'none' } }).model,
  );

const plain = { averageDecay: null };

describe('what a model takes in memory', () => {
  // a layer of width 8: 4 products of 8 x 8 with biases, 2 of 8 x 32 with theirs, 2 norms
  const layer = 4 * (64 + 8) + (256 + 32) + (256 + 8) + 2 * 16;
  // positions, the embeddings' norm, one layer, a head of one channel; of the pieces' table 10 rows
  const numbers = 16 * 8 + 16 + layer + 8 + 1 + 10 * 8;

  test('is reckoned from its parameters, three numbers each, before they are made', () => {
    expect(() => checkMemory(model(1, 8), 10, plain, 12 * numbers)).not.toThrow();
    expect(() => checkMemory(model(1, 8), 10, plain, 12 * numbers - 1)).toThrow(UsageError);
  });

  test('is a fourth number each where their averages are held', () => {
    const averaged = { averageDecay: 0.999 };
    expect(() => checkMemory(model(1, 8), 10, averaged, 16 * numbers)).not.toThrow();
    expect(() => checkMemory(model(1, 8), 10, averaged, 16 * numbers - 1)).toThrow(UsageError);
  });

  test('is told where this machine cannot have it', () => {
    // 1000 layers of 4·(h² + h) + 2·4h² + 5h + 4h with h = 16384: 3,221 billion numbers
    expect(() => checkMemory(model(1000, 16_384), 1000, plain, 64 * 2 ** 30)).toThrow(
      /^the model has 3,22\d,\d{3} million parameters, which need 3\d,\d{3} GiB with their optimizer, and this machine has 64 GiB: take fewer/,
    );
  });
});
