import { expect, test } from '@jest/globals';
import { outputsOf } from '../../../src/data/labels.js';
import { randomFrom } from '../../../src/data/random.js';
import { chainsOf, potentialsOf } from '../../../src/model/heads/crf/chains.js';
import { crfHead } from '../../../src/model/heads/crf.js';
import type { Head } from '../../../src/model/heads/head.js';
import { sigmoidHead } from '../../../src/model/heads/sigmoid.js';
import { spansHead } from '../../../src/model/heads/spans.js';

const tasks = { ner: { labels: ['A', 'B', 'C'] }, class: { labels: ['X', 'Y'] } };
const outputs = outputsOf(tasks, 'BIO', 'perTask');

/** What a parameter of a head begins with. */
function initial({ parameters }: Head, name: string): number[] {
  const { shape, initial: values } = parameters.find((one) => one.name === `heads.${name}`)!;
  return [
    ...values(
      shape.reduce((size, length) => size * length, 1),
      randomFrom(1),
    ),
  ];
}
const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

test('a channel is expected in two of a hundred words before anything is learned', () => {
  const head = sigmoidHead(outputs, 4);
  for (const { name, channels } of outputs) {
    const bias = initial(head, `${name}.bias`);
    expect(bias).toHaveLength(channels.length);
    for (const value of bias) expect(sigmoid(value)).toBeCloseTo(0.02, 6);
  }
});

test('a pair is expected to be a span of a label once in two thousand before anything is learned', () => {
  const head = spansHead(outputs, 4, { longest: 3, size: 8, agree: false });
  for (const { name } of outputs)
    for (const ofFirst of initial(head, `${name}.label.bias`))
      for (const ofLast of initial(head, `${name}.label.bias`))
        expect(sigmoid((ofFirst + ofLast) / 2)).toBeCloseTo(1 / 2000, 8);
});

test.each([false, true])(
  'two of a hundred units have a tag but O before anything is learned, where outputs agree (%s)',
  (agree) => {
    const head = crfHead(outputs, 4, { agree });
    // Of one unit whose features are nothing: its emissions are the biases, and no move is likelier than another.
    const scores = outputs.map(({ name, channels }) => {
      const tags = channels.length + 1;
      return Float32Array.of(...initial(head, `${name}.bias`), ...new Float32Array((tags + 2) * tags));
    });
    const chains = chainsOf(outputs, agree);
    expect(chains).toHaveLength(agree ? 1 : 2);
    for (const chain of chains) {
      const powers = Array.from(potentialsOf(chain, scores).emissions, Math.exp);
      const inside = powers.slice(1).reduce((sum, power) => sum + power, 0);
      expect(inside / (inside + powers[0]!)).toBeCloseTo(0.02, 6);
    }
  },
);
