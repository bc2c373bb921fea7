import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../../src/backend/start-native.js';
import { createCompiler, eagerly, type Fed, type Values } from '../../../src/compile/compile.js';
import { bestWindow } from '../../../src/data/windows.js';
import type { HeadBatch, HeadStep } from '../../../src/model/heads/head.js';
import { tidy } from '../../../src/ops/tidy.js';
import { possibleMoves } from '../../../src/model/heads/crf/tags.js';
import { allPaths, chainHead } from '../../support/chains.js';
import { decoding } from '../../support/decoding.js';
import { encodedWords, spanInWords, withoutScores, wordSpan } from '../../support/words.js';
import { describeEngines } from '../../support/engines.js';
import { fixtureJson, fixtureTensors, type FixtureTensor } from '../../support/fixtures.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { expectClose, randomNumbers } from '../../support/tensors.js';

const { width, seq, words, windows, spans, tags } = fixtureJson('crf/crf.json');
const head = chainHead({ ner: ['A', 'B'], class: ['X', 'Y'] }, { width });
const encoded = encodedWords(words);
const gold = Object.fromEntries(
  Object.entries<[string, number, number][]>(spans).map(([task, list]) => [
    task,
    list.map((span) => wordSpan(...span)),
  ]),
);
const ranges = (windows as [number, number][]).map(([start, end]) => ({ start, end }));
const targets = head.targetsOf(gold, encoded);

interface Inputs {
  features: Values;
  parameters: Record<string, Values>;
  targets: Values[];
}
type HeadStepTensors = Omit<HeadStep, 'gradients'> & { gradients: Record<string, tf.Tensor> };
type Run = (inputs: Inputs, work: (fed: Fed<Inputs>) => HeadStepTensors) => HeadStepTensors;

/** Loss, counts, gradients on the host; the values of features are times `scale`. */
function stepped(given: Map<string, FixtureTensor>, run: Run, scale = 1) {
  const valuesOf = (name: string) => ({ values: given.get(name)!.data, shape: given.get(name)!.shape });
  const features = valuesOf('features');
  const examples = ranges.map((range) => ({ ...range, encoded, targets }));
  const inputs = {
    features: { ...features, values: features.values.map((x) => x * scale) },
    parameters: Object.fromEntries(head.parameters.map(({ name }) => [name, valuesOf(name)])),
    targets: head
      .batchTargets(examples, seq)
      .map(({ values, shape }) => ({ values: Float32Array.from(values), shape })),
  };
  const result = run(inputs, (fed) => {
    const batch: HeadBatch = {
      features: fed.features,
      batch: ranges.length,
      seq,
      lengths: Int32Array.from(ranges, ({ start, end }) => end - start + 2),
      real: tf.zeros([ranges.length * seq, 1]),
      pieces: ranges.reduce((sum, { start, end }) => sum + end - start, 0),
      windows: ranges.length,
      targets: fed.targets,
    };
    const { gradients, ...step } = head.step(batch, (name) => fed.parameters[name]!);
    return { ...step, gradients: Object.fromEntries(gradients) };
  });
  const host = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());
  const gradients = Object.entries({ ...result.gradients, features: result.features });
  const values = {
    loss: host(result.loss),
    counts: result.counts.map((one) => [...host(one)]),
    gradients: Object.fromEntries(gradients.map(([name, one]) => [name, host(one)])),
  };
  tf.dispose(result as unknown as tf.TensorContainer);
  return values;
}

test('the head of chains learns from one tag a word', () => {
  expect(targets.map((one) => [...Array.from(one)])).toEqual([
    [0, 2, 3, 6, 7, 8, 10, 11, 12, 13],
    ...Object.values(tags),
  ]);
  const isPositive = (start: number, end: number) => head.isPositive(targets, encoded, { start, end });
  expect(isPositive(0, 2)).toBe(false); // word 0
  expect(isPositive(2, 3)).toBe(true);
  expect(isPositive(4, 6)).toBe(false); // within a word
  expect(isPositive(8, 11)).toBe(false);
});

describeEngines('the head of chains', (engine) => {
  let given: Map<string, FixtureTensor>;
  beforeAll(async () => {
    given = await fixtureTensors('crf/crf.safetensors');
  });

  test("has PyTorch's loss and gradients", () => {
    const { loss, gradients } = stepped(given, eagerly);
    expectClose(loss, given.get('loss')!.data, 2e-6);
    for (const name of ['features', ...head.parameters.map((one) => one.name)])
      expectClose(gradients[name]!, given.get(`${name}.gradient`)!.data, 2e-6, name);
    expect(Object.keys(gradients).sort()).toEqual(
      ['features', ...head.parameters.map((one) => one.name)].sort(),
    );
  });

  test('counts the most probable tag of each unit, over all paths, while training', () => {
    const { counts } = stepped(given, eagerly);
    const { data: features } = given.get('features')!;
    head.outputs.forEach((output, index) => {
      const { name, channels } = output;
      const valueOf = (part: string) => given.get(`heads.${name}.${part}`)!.data;
      const [weight, bias] = [valueOf('weight'), valueOf('bias')];
      const expected = Array.from({ length: 3 }, () => channels.map(() => 0));
      for (const [number, { start, end }] of ranges.entries()) {
        const pieces = Array.from({ length: end - start }, (_, i) => start + i);
        const firsts = pieces.filter((piece) => piece === 0 || words[piece] !== words[piece - 1]);
        const emissions = Float32Array.from({ length: seq * 5 }, (_, at) => {
          const [row, tag] = [Math.floor(at / 5), at % 5];
          const ofRow = features.subarray((number * seq + row) * width, (number * seq + row + 1) * width);
          return ofRow.reduce((sum, x, i) => sum + x * weight[tag * width + i]!, bias[tag]!);
        });
        const paths = allPaths({
          tags: 5,
          emissions,
          possible: possibleMoves(output),
          moves: Float32Array.of(...valueOf('transitions'), ...valueOf('start'), ...valueOf('end')),
          units: firsts.map((piece) => 1 + piece - start),
          begins: start === 0,
          ends: end === words.length,
        });
        const most = Math.max(...paths.map(({ score }) => score));
        firsts.forEach((piece, unit) => {
          const shares = [0, 0, 0, 0, 0];
          for (const { path, score } of paths) shares[path[unit]!]! += Math.exp(score - most);
          const [found, right] = [shares.indexOf(Math.max(...shares)), tags[name][words[piece]]];
          if (found > 0) expected[found === right ? 0 : 1]![found - 1]!++;
          if (found !== right && right > 0) expected[2]![right - 1]!++;
        });
      }
      expect(counts[index]).toEqual(expected.flat());
    });
  });

  test('leaves no tensors', () => expectNoLeakedTensors(() => void stepped(given, eagerly)));

  if (engine === 'native')
    test('computes the same in a compiled step', () => {
      const compiler = createCompiler(hostAddon());
      const compiled: Run = (inputs, work) => compiler.step('step', inputs, work);
      stepped(given, compiled);
      const [actual, expected] = [stepped(given, compiled, 0.7), stepped(given, eagerly, 0.7)];
      expect([...compiler.functions.keys()]).toEqual(['step']);
      expectClose(actual.loss, expected.loss, 1e-6);
      for (const [name, values] of Object.entries(expected.gradients))
        expectClose(actual.gradients[name]!, values, 1e-6, name);
      compiler.dispose();
    });

  test('predicts emissions and moves', () => {
    const outputs = tidy(() => {
      const weights = (name: string) => tf.tensor(given.get(name)!.data, given.get(name)!.shape);
      const input = { features: weights('features'), batch: ranges.length, seq, lengths: new Int32Array(4) };
      return head.predict(input, weights).map((one) => ({ shape: one.shape, values: [...one.dataSync()] }));
    });
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [40, 5],
      [7, 5],
      [40, 5],
      [7, 5],
    ]);
    const moves = ['transitions', 'start', 'end'].flatMap((part) => [
      ...given.get(`heads.ner.${part}`)!.data,
    ]);
    expectClose(outputs[1]!.values, moves, 0);
  });
});

describe('scores of a document', () => {
  const counts = [5, 5];
  const units = [0, 2, 3, 6, 7, 8, 10, 11, 12, 13];
  const emissions = counts.map((count, i) => randomNumbers(words.length * count, 5 + i).map((x) => 4 * x));
  const moves = counts.map((count, i) => randomNumbers((count + 2) * count, 7 + i));
  /** The outputs of a batch in which each window sees the same numbers of a piece, plus `added` of its own. */
  const collected = (list: { start: number; end: number }[], added = (_: number) => 0, length = 20) => {
    const collector = head.collect(encoded, list, decoding);
    const outputs = counts.flatMap((count, output) => {
      const values = new Float32Array(list.length * length * count).fill(NaN);
      for (const [row, { start, end }] of list.entries())
        for (let i = start * count; i < end * count; i++)
          values[(row * length + 1 - start) * count + i] = emissions[output]![i]! + added(row);
      return [values, moves[output]!];
    });
    for (const number of [...list.keys()].reverse()) collector.add(number, number, length, outputs);
    return collector.scores();
  };
  const whole = [{ start: 0, end: words.length }];

  test('are emissions of its units, then moves', () => {
    const scores = collected(whole);
    counts.forEach((count, output) => {
      const ofUnits = units.flatMap((piece) => [
        ...emissions[output]!.subarray(piece * count, (piece + 1) * count),
      ]);
      expect([...scores[output]!]).toEqual([...ofUnits, ...moves[output]!]);
    });
  });

  test('are those of one long window where all windows agree', () => {
    expect(collected(ranges)).toEqual(collected(whole));
  });

  test('are of a unit those of the window in which its piece has most context', () => {
    const scores = collected(ranges, (row) => 100 * row);
    const best = bestWindow(ranges, words.length);
    expectClose(
      units.map((_, unit) => scores[0]![unit * 5]!),
      units.map((piece) => emissions[0]![piece * 5]! + 100 * best[piece]!),
      1e-4,
    );
  });

  test('of a unit that no window has are O, whatever the moves', () => {
    const found = head.decode(collected([{ start: 0, end: 6 }]), encoded, decoding);
    for (const { end } of Object.values(found).flat()) expect(end).toBeLessThanOrEqual(encoded.ends[5]!);
  });

  test('become spans of every task, and counts of right and wrong tags', () => {
    const scores = head.outputs.map(({ name }) => {
      const values = new Float32Array(15 * 5 + 10); // 10 units and 7 rows of moves
      tags[name].forEach((tag: number, unit: number) => (values[unit * 5 + tag] = 1));
      return values;
    }) as Float32Array[];
    const sized = scores.map((one) => Float32Array.from({ length: 17 * 5 }, (_, i) => one[i] ?? 0));
    const found = head.decode(sized, encoded, decoding);
    expect(withoutScores(found)).toEqual(gold);
    sized[0]![6 * 5 + 1] = 3; // word 6 begins an A
    sized[0]![7 * 5 + 0] = 3; // word 7 is outside, so that B goes on from nothing
    sized[0]![8 * 5 + 3] = 3; // … and begins at word 8
    const ner = head.decode(sized, encoded, decoding).ner!.map(spanInWords);
    expect(ner).toEqual(['A 1-3', 'A 4-4', 'A 6-6', 'B 8-8']);
    expect(head.count(sized, targets, encoded)).toEqual([
      { truePositives: [2, 2, 0, 0], falsePositives: [1, 0, 1, 0], falseNegatives: [0, 0, 1, 1] },
      { truePositives: [1, 2, 2, 1], falsePositives: [0, 0, 0, 0], falseNegatives: [0, 0, 0, 0] },
    ]);
  });

  test('of an empty document are moves alone, and find nothing', () => {
    const empty = encodedWords([]);
    const scores = head.collect(empty, [], decoding).scores();
    expect(head.decode(scores, empty, decoding)).toEqual({ ner: [], class: [] });
  });
});
