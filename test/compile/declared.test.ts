import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../../src/backend/native.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, orEagerly, type Compiler } from '../../src/compile/compile.js';
import { adamNumbers, adamSlot, adamUpdate, type AdamSlot } from '../../src/ops/adam.js';
import { tidy } from '../../src/ops/tidy.js';
import { variable } from '../../src/ops/variable.js';
import { describeEngines } from '../support/engines.js';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const alive = () => [tf.memory().numTensors, nativeBackend().binding.getNumOfTensors()];
const start = () => tidy(() => adamSlot(variable('w', tf.tensor2d([1, -2, 3, 0.5, 0.25, -1], [3, 2]))));
const handles = ({ weight, first, second }: AdamSlot) => [weight.handle!, first.handle!, second.handle!];
const dispose = ({ weight, first, second }: AdamSlot) =>
  [weight, first, second].forEach((one) => one.dispose());
const valuesOf = ({ weight, first, second }: AdamSlot) =>
  tidy(() => [weight, first, second].map((one) => [...one.read().dataSync()]));

/** What a step of `regression` is given: other numbers every time. */
function inputsOf(slot: AdamSlot, number: number, rows = 4) {
  return {
    x: {
      values: Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i + number)),
      shape: [rows, 3],
    },
    slope: 1 / (1 + number),
    numbers: adamNumbers(number + 1, { rate: 0.1 / (1 + number), decay: 0.01 }, options),
    variables: handles(slot),
  };
}

/** One update of a regression; `called` counts how often its JavaScript runs. */
function regression(compiler: Compiler, slot: AdamSlot, number: number, called = { times: 0 }) {
  return compiler.step('regression', inputsOf(slot, number), (fed) => {
    called.times += 1;
    const weight = slot.weight.read(); // [3, 2]
    const y = tf.matMul(fed.x, weight);
    const wrong = tf.sub(y, tf.relu(tf.mul(y, fed.slope)));
    adamUpdate(slot, tf.matMul(fed.x, wrong, true, false), fed.numbers, { ...options, decays: true });
    return { loss: tf.sum(tf.square(wrong)) };
  });
}

describeEngines(
  'a compiled step that declares its inputs',
  () => {
    let compiler: Compiler;
    beforeEach(() => void (compiler = createCompiler(hostAddon())));
    afterEach(() => compiler.dispose());

    test('computes in 50 steps what it computes op by op, and runs its JavaScript once', () => {
      const opByOp: Compiler = orEagerly(
        createCompiler({
          ...hostAddon(),
          addFunction: () => {
            throw new Error('none is taken');
          },
        }),
        () => {},
      );
      const [compiled, eager] = [start(), start()];
      const called = { times: 0 };
      for (let number = 0; number < 50; number++) {
        const { loss } = regression(compiler, compiled, number, called);
        const expected = regression(opByOp, eager, number).loss;
        expect(loss.dataSync()[0]).toBeCloseTo(expected.dataSync()[0]!, 5);
        tf.dispose([loss, expected]);
      }
      const near = valuesOf(eager).map((values) => values.map((value) => expect.closeTo(value, 5)));
      expect(valuesOf(compiled)).toEqual(near);
      expect(called.times).toBe(1);
      [compiled, eager].forEach(dispose);
    });

    test('leaves nothing behind but what it returns, in 2,000 steps', () => {
      const slot = start();
      const before = alive();
      for (let number = 0; number < 2000; number++) regression(compiler, slot, number % 7).loss.dispose();
      expect(alive()).toEqual(before);
      dispose(slot);
    });

    test('works on the variables that it is given: those of another model under the same key', () => {
      const [one, other] = [start(), start()];
      const square = (slot: AdamSlot) =>
        tf.tidy(() => [
          ...compiler
            .step('square', { weight: slot.weight.read() }, ({ weight }) => tf.square(weight))
            .dataSync(),
        ]);
      tf.tidy(() => other.weight.assign(tf.ones([3, 2])));
      expect([square(one), square(other), square(one)]).toEqual([
        [1, 4, 9, 0.25, 0.0625, 1],
        [1, 1, 1, 1, 1, 1],
        [1, 4, 9, 0.25, 0.0625, 1],
      ]);
      [one, other].forEach(dispose);
    });

    test('returns its tensors in the arrays and objects that it returned them in at first', () => {
      const compute = (value: number) =>
        compiler.step('shapes', { value }, (fed) => {
          const square = tf.square(fed.value);
          return { both: [square, tf.neg(fed.value)], again: square };
        });
      const results = [2, 3].map((value) => {
        const { both, again } = compute(value);
        const read = [...both, again].map((tensor) => tensor.dataSync()[0]);
        tf.dispose([both, again]);
        return read;
      });
      expect(results).toEqual([
        [4, -2, 4],
        [9, -3, 9],
      ]);
    });

    test('that uses a tensor which is not among its inputs is an error that names the op', () => {
      const outside = tf.scalar(2);
      expect(() => compiler.step('outside', { x: 1 }, ({ x }) => tf.mul(x, outside))).toThrow(
        /uses a tensor from before it that is not among its inputs, in Mul/,
      );
      expect(outside.dataSync()[0]).toBe(2);
      outside.dispose();
    });

    test('with inputs of another shape or number is an error that says so, before anything is computed', () => {
      const before = alive();
      const run = (values: number[], more: object = {}) =>
        compiler.step('sums', { x: { values: Float32Array.from(values), shape: [values.length] }, ...more }, ({ x }) => tf.sum(x)); // prettier-ignore
      run([1, 2]).dispose();
      expect(() => run([1, 2, 3])).toThrow(/input 0 is float32 \[3\] now, and was float32 \[2\]/);
      expect(() => run([1, 2], { y: 1 })).toThrow(/2 inputs now, and had 1/);
      expect(alive()).toEqual(before);
    });

    test('that returns what it was given is an error, and leaves it as it is', () => {
      const x = tf.scalar(3);
      expect(() => compiler.step('same', { x }, (fed) => fed.x)).toThrow(/a tensor that it does not compute/);
      expect(x.dataSync()[0]).toBe(3);
      x.dispose();
    });

    test('where it is checked, is an error when it depends on what it does not declare', () => {
      const checked = createCompiler(hostAddon(), { checked: true });
      const run = (hidden: number) =>
        checked.step('hidden', { x: 2 }, ({ x }) => tf.mul(tf.square(x), hidden));
      expect(tf.tidy(() => [run(5), run(5)].map((tensor) => tensor.dataSync()[0]))).toEqual([20, 20]);
      expect(() => run(6)).toThrow(/value 0, which is fixed, has changed/);
      checked.dispose();
    });
  },
  ['native'],
);
