import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../../src/backend/native.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, type Compiler } from '../../src/compile/compile.js';
import { adamNumbers, adamSlot, adamUpdate, type AdamSlot } from '../../src/ops/adam.js';
import { tidy } from '../../src/ops/tidy.js';
import { variable } from '../../src/ops/variable.js';
import { describeEngines } from '../support/engines.js';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A regression of random numbers: loss and one update, with values that differ in every step. */
function regression(slot: AdamSlot, number: number, rows = 4): { loss: tf.Tensor } {
  return tf.tidy(() => {
    const values = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i + number));
    const x = tf.tensor2d(values, [rows, 3]);
    const weight = slot.weight.read(); // [3, 2]
    const y = tf.matMul(x, weight);
    const wrong = tf.sub(y, tf.relu(tf.mul(y, 1 / (1 + number))));
    const gradient = tf.matMul(x, wrong, true, false);
    weight.dispose();
    const numbers = adamNumbers(number + 1, { rate: 0.1 / (1 + number), decay: 0.01 }, options);
    adamUpdate(slot, gradient, numbers, { ...options, decays: true });
    return { loss: tf.sum(tf.square(wrong)) };
  });
}

const start = () => tidy(() => adamSlot(variable('w', tf.tensor2d([1, -2, 3, 0.5, 0.25, -1], [3, 2]))));
const valuesOf = ({ weight, first, second }: AdamSlot) =>
  tidy(() => [weight, first, second].map((one) => [...one.read().dataSync()]));
const dispose = ({ weight, first, second }: AdamSlot) =>
  [weight, first, second].forEach((one) => one.dispose());
const alive = () => [tf.memory().numTensors, nativeBackend().binding.getNumOfTensors()];

/** Adds the names of the ops that TensorFlow runs meanwhile. */
function withExecuted(names: string[], action: () => void): void {
  const backend = nativeBackend();
  const { binding } = backend;
  const functions = Object.getOwnPropertyNames(binding) as (keyof typeof binding)[];
  backend.binding = {
    ...(Object.fromEntries(functions.map((name) => [name, binding[name]])) as unknown as typeof binding),
    executeOp: (...call) => (names.push(call[0]), binding.executeOp(...call)),
  };
  try {
    action();
  } finally {
    backend.binding = binding;
  }
}

describeEngines(
  'a compiled step',
  () => {
    let compiler: Compiler;
    beforeEach(() => void (compiler = createCompiler(hostAddon())));
    afterEach(() => compiler.dispose());

    test('computes in 50 steps what it computes op by op', () => {
      const [compiled, eager] = [start(), start()];
      for (let number = 0; number < 50; number++) {
        const loss = compiler.run('regression', () => regression(compiled, number)).loss;
        const expected = regression(eager, number).loss;
        expect(loss.dataSync()[0]).toBeCloseTo(expected.dataSync()[0]!, 5);
        tf.dispose([loss, expected]);
      }
      const expected = valuesOf(eager).map((values) => values.map((value) => expect.closeTo(value, 5)));
      expect(valuesOf(compiled)).toEqual(expected);
      expect([...compiler.functions.keys()]).toEqual(['regression']);
      [compiled, eager].forEach(dispose);
    });

    test('is one op of TensorFlow', () => {
      const slot = start();
      compiler.run('regression', () => regression(slot, 0)).loss.dispose();
      const called: string[] = [];
      withExecuted(called, () => compiler.run('regression', () => regression(slot, 1)).loss.dispose());
      expect(called).toEqual([expect.stringMatching(/^compiled_step_\d+$/)]);
      dispose(slot);
    });

    test('has a function for each key, over the same variables', () => {
      const [compiled, eager] = [start(), start()];
      for (const [number, rows] of [4, 6, 4, 6, 2].entries()) {
        compiler.run(`${rows}`, () => regression(compiled, number, rows)).loss.dispose();
        regression(eager, number, rows).loss.dispose();
      }
      expect(valuesOf(compiled)).toEqual(valuesOf(eager).map((v) => v.map((one) => expect.closeTo(one, 5))));
      expect([...compiler.functions.keys()]).toEqual(['4', '6', '2']);
      [compiled, eager].forEach(dispose);
    });

    test('takes tensors from before it, others every time, also such as were never used', () => {
      const results = [2, 3, 5].map((factor) => {
        const x = tf.scalar(factor);
        if (factor === 3) tf.square(x).dispose(); // brings it to TensorFlow, where it is in another step
        const result = compiler.run('square', () => ({ y: tf.add(tf.square(x), tf.scalar(factor)) }));
        const value = result.y.dataSync()[0];
        expect(x.dataSync()[0]).toBe(factor);
        tf.dispose([x, result.y]);
        return value;
      });
      expect(results).toEqual([6, 12, 30]);
    });

    test('leaves nothing behind but what it returns', () => {
      const slot = start();
      const before = alive();
      for (let number = 0; number < 4; number++) {
        const { loss } = compiler.run('regression', () => regression(slot, number));
        expect(alive()).toEqual(before.map((count) => count + 1));
        loss.dispose();
      }
      dispose(slot);
    });

    test('is computed while it is recorded where it updates nothing, and as one op from the second time on', () => {
      const called: string[] = [];
      const before = alive();
      withExecuted(called, () => {
        const values = [2, 3, 4].map((factor) => {
          const { y } = compiler.run('pure', () => ({ y: tf.add(tf.square(tf.scalar(factor)), 1) }));
          const [value] = y.dataSync();
          y.dispose();
          return value;
        });
        expect(values).toEqual([5, 10, 17]);
      });
      const one = expect.stringMatching(/^compiled_step_\d+$/);
      expect(called.slice(0, 2)).toEqual(['Square', expect.stringMatching(/^Add/)]);
      expect(called.slice(2)).toEqual([one, one]);
      expect(alive()).toEqual(before);
    });

    test('runs op by op where it is said to be the first of its kind, and as one op where not, whatever was before', () => {
      const executed = (isFirst: boolean, at = compiler) => {
        const called: string[] = [];
        withExecuted(called, () =>
          at.run('told', () => ({ y: tf.square(tf.scalar(3)) }), isFirst).y.dispose(),
        );
        return called;
      };
      const one = expect.stringMatching(/^compiled_step_\d+$/);
      expect(executed(true)).toEqual(['Square']);
      expect(executed(true)).toEqual(['Square']);
      expect(executed(false)).toEqual([one]);
      expect(executed(true)).toEqual(['Square']);
      const another = createCompiler(hostAddon());
      const before = alive();
      expect(executed(false, another)).toEqual(['Square', one]); // recorded first
      expect(alive()).toEqual(before);
      another.dispose();
    });

    test('under the key of another one is an error, and changes nothing', () => {
      const slot = start();
      compiler.run('key', () => regression(slot, 0)).loss.dispose();
      const [values, before] = [valuesOf(slot), alive()];
      expect(() => compiler.run('key', () => regression(slot, 1, 6))).toThrow(
        /does not do what it did when it was recorded under this key: value 0 has the shape \[6, 3\] now/,
      );
      expect(() => compiler.run('key', () => ({ loss: tf.square(2) }))).toThrow(/recorded under this key/);
      expect([valuesOf(slot), alive()]).toEqual([values, before]);
      dispose(slot);
    });

    test('that reads what it computes is an error that says so', () => {
      const before = alive();
      const step = () => ({ y: tf.scalar(tf.square(3).dataSync()[0]!) });
      expect(() => compiler.run('reads', step)).toThrow(
        /it reads a tensor that the step computes, of Square/,
      );
      expect(alive()).toEqual(before);
    });

    test('that makes a variable is an error that names the op', () => {
      const before = alive();
      expect(() => compiler.run('makes', () => ({ y: variable('v', tf.scalar(1)).read() }))).toThrow(
        /VarHandleOp cannot be part of it/,
      );
      expect(alive()).toEqual(before);
    });

    test('that keeps a tensor which it does not return is an error', () => {
      let kept: tf.Tensor | undefined;
      const step = () => {
        kept = tf.keep(tf.square(3));
        return { y: tf.square(kept) };
      };
      expect(() => compiler.run('keeps', step)).toThrow(
        /it keeps a tensor that it does not return, of Square/,
      );
    });
  },
  ['native'],
);
