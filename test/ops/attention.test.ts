import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attention, attentionGradient } from '../../src/ops/attention.js';
import { dot, expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../support/tensors.js';

const shape = { batch: 3, seq: 7, heads: 2 };
const [SIZE, ROWS] = [8, 21];
const HIDDEN = shape.heads * SIZE;
const inputs = ['query', 'key', 'value'] as const;
type Inputs = Record<(typeof inputs)[number], Float32Array>;

/** [batch, heads, seq, size] → [batch*seq, heads*size] */
function mergeHeads(values: Float32Array): Float32Array {
  const { seq, heads } = shape;
  return values.map((_, to) => {
    const [row, head, at] = [Math.floor(to / HIDDEN), Math.floor((to % HIDDEN) / SIZE), to % SIZE];
    return values[((Math.floor(row / seq) * heads + head) * seq + (row % seq)) * SIZE + at]!;
  });
}

describeEngines('attention', () => {
  let fixture: Map<string, FixtureTensor>;
  let given: Inputs;
  let upstream: Float32Array;
  let lengths: number[];
  const expected = (name: string) => mergeHeads(fixture.get(name)!.data);
  const isPadding = (index: number) => {
    const row = Math.floor(index / HIDDEN);
    return row % shape.seq >= lengths[Math.floor(row / shape.seq)]!;
  };

  beforeAll(async () => {
    fixture = await fixtureTensors('ops/attention.safetensors');
    given = { query: expected('query'), key: expected('key'), value: expected('value') };
    upstream = expected('output.gradient');
    lengths = [...fixture.get('lengths')!.data];
  });

  /** Output and gradients on the host; with a seed, with dropout. */
  function run(values: Inputs, seed?: number) {
    const [query, key, value, dy] = [values.query, values.key, values.value, upstream].map((data) =>
      tf.tensor2d(data, [ROWS, HIDDEN]),
    );
    const { batch, seq } = shape;
    const padding = Float32Array.from({ length: ROWS }, (_, i) => (isPadding(i * HIDDEN) ? -1e9 : 0));
    const bias = tf.tensor4d(padding, [batch, 1, 1, seq]);
    const masks = seed === undefined ? undefined : { seed, drawn: 0 };
    const { output, saved } = attention(query!, key!, value!, bias, shape, 0.3, masks);
    const gradient = attentionGradient(dy!, saved, shape);
    disposeAll(query, key, value, dy, bias, saved);
    return {
      output: take(output),
      gradient: { query: take(gradient.query), key: take(gradient.key), value: take(gradient.value) },
    };
  }

  test('has the values and gradients that PyTorch has', () =>
    expectNoLeakedTensors(() => {
      const { output, gradient } = run(given);
      expectClose(output, expected('output'), 1e-5);
      for (const name of inputs) expectClose(gradient[name], expected(`${name}.gradient`), 1e-5);
    }));

  test('does not see padding', () =>
    expectNoLeakedTensors(() => {
      const changed = randomNumbers(ROWS * HIDDEN, 5);
      const pad = (values: Float32Array) => values.map((x, i) => (isPadding(i) ? changed[i]! * 50 : x));
      const { output, gradient } = run({ query: given.query, key: pad(given.key), value: pad(given.value) });
      expectClose(output, run(given).output, 0);
      expect([...gradient.key, ...gradient.value].filter((x, i) => x !== 0 && isPadding(i % upstream.length))).toEqual([]); // prettier-ignore
    }));

  test.each(inputs)('with dropout has the gradient of the %s that differences show', (name) =>
    expectNoLeakedTensors(() => {
      const output = (at: Float32Array) => dot(run({ ...given, [name]: at }, 7).output, upstream);
      expectGradient(output, given[name], run(given, 7).gradient[name]);
    }),
  );
});
