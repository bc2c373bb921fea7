import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../../src/backend/native.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, eagerly, type Compiler } from '../../src/compile/compile.js';
import type { AdamSlot } from '../../src/ops/adam.js';
import { describeEngines } from '../support/engines.js';
import { alive, dispose, inputsOf, regression, start, update, valuesOf } from '../support/regression.js';

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

const near = (slot: AdamSlot) =>
  valuesOf(slot).map((values) => values.map((value) => expect.closeTo(value, 5)));
const one = expect.stringMatching(/^compiled_step_\d+$/);

describeEngines(
  'a compiled step',
  () => {
    let compiler: Compiler;
    let checked: Compiler;
    const which = (isChecked: boolean) => (isChecked ? checked : compiler);
    beforeEach(() => {
      compiler = createCompiler(hostAddon());
      checked = createCompiler(hostAddon(), { checked: true });
    });
    afterEach(() => [compiler, checked].forEach((each) => each.dispose()));

    test.each([
      ['runs its JavaScript once', false, 1],
      ['runs its JavaScript every time where it is checked', true, 50],
    ])('computes in 50 steps what it computes op by op, and %s', (_, isChecked, times) => {
      const [compiled, eager] = [start(), start()];
      const called = { times: 0 };
      for (let number = 0; number < 50; number++) {
        const { loss } = regression(which(isChecked), compiled, number, { called });
        const expected = eagerly(inputsOf(eager, number), update(eager)).loss;
        expect(loss.dataSync()[0]).toBeCloseTo(expected.dataSync()[0]!, 5);
        tf.dispose([loss, expected]);
      }
      expect(valuesOf(compiled)).toEqual(near(eager));
      expect(called.times).toBe(times);
      expect([...which(isChecked).functions.keys()]).toEqual(['regression']);
      [compiled, eager].forEach(dispose);
    });

    test.each([false, true])('is one op of TensorFlow (checked: %s)', (isChecked) => {
      const slot = start();
      const step = (number: number) => regression(which(isChecked), slot, number).loss.dispose();
      step(0);
      const called: string[] = [];
      withExecuted(called, () => step(1));
      expect(called).toEqual([one]);
      dispose(slot);
    });

    test('has a function for each key, over the same variables', () => {
      const [compiled, eager] = [start(), start()];
      for (const [number, rows] of [4, 6, 4, 6, 2].entries()) {
        regression(compiler, compiled, number, { key: `${rows}`, rows }).loss.dispose();
        eagerly(inputsOf(eager, number, rows), update(eager)).loss.dispose();
      }
      expect(valuesOf(compiled)).toEqual(near(eager));
      expect([...compiler.functions.keys()]).toEqual(['4', '6', '2']);
      [compiled, eager].forEach(dispose);
    });

    test.each([false, true])(
      'takes tensors, others every time, also such as were never used (checked: %s)',
      (isChecked) => {
        const results = [2, 3, 5].map((factor) => {
          const x = tf.scalar(factor);
          if (factor === 3) tf.square(x).dispose(); // brings it to TensorFlow, where it is in another step
          const inputs = { x, factor };
          const result = which(isChecked).step('square', inputs, (fed) => ({
            y: tf.add(tf.square(fed.x), fed.factor),
          }));
          const value = result.y.dataSync()[0];
          expect(x.dataSync()[0]).toBe(factor);
          tf.dispose([x, result.y]);
          return value;
        });
        expect(results).toEqual([6, 12, 30]);
      },
    );

    test('works on the variables that it is given: those of another model under the same key', () => {
      const [first, other] = [start(), start()];
      const square = (slot: AdamSlot) =>
        tf.tidy(() => [
          ...compiler
            .step('square', { weight: slot.weight.read() }, ({ weight }) => tf.square(weight))
            .dataSync(),
        ]);
      tf.tidy(() => other.weight.assign(tf.ones([3, 2])));
      expect([square(first), square(other), square(first)]).toEqual([
        [1, 4, 9, 0.25, 0.0625, 1],
        [1, 1, 1, 1, 1, 1],
        [1, 4, 9, 0.25, 0.0625, 1],
      ]);
      [first, other].forEach(dispose);
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

    test.each([
      [2000, false],
      [100, true],
    ])('leaves nothing behind but what it returns, in %i steps (checked: %s)', (steps, isChecked) => {
      const slot = start();
      const before = alive();
      for (let number = 0; number < steps; number++) {
        const { loss } = regression(which(isChecked), slot, number % 7);
        if (number < 4) expect(alive()).toEqual(before.map((count) => count + 1));
        loss.dispose();
      }
      expect(alive()).toEqual(before);
      dispose(slot);
    });

    test('is computed while it is recorded where it updates nothing, and as one op from the second time on', () => {
      const called: string[] = [];
      const before = alive();
      withExecuted(called, () => {
        const values = [2, 3, 4].map((factor) => {
          const { y } = compiler.step('pure', { factor }, (fed) => ({ y: tf.add(tf.square(fed.factor), 1) }));
          const [value] = y.dataSync();
          y.dispose();
          return value;
        });
        expect(values).toEqual([5, 10, 17]);
      });
      expect(called.slice(0, 2)).toEqual(['Square', expect.stringMatching(/^Add/)]);
      expect(called.slice(2)).toEqual([one, one]);
      expect(alive()).toEqual(before);
    });

    test('runs op by op where it is said to be the first of its kind, and as one op where not, whatever was before', () => {
      const executed = (isFirst: boolean, at = compiler) => {
        const called: string[] = [];
        withExecuted(called, () =>
          at.step('told', { x: 3 }, ({ x }) => ({ y: tf.square(x) }), isFirst).y.dispose(),
        );
        return called;
      };
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

    test('may dispose of what it was given as values, and of constants', () => {
      const before = alive();
      for (const by of [which(false), which(true)]) {
        const values = [2, 3, 4].map((x) => {
          const y = by.step('disposes', { x }, (fed) => {
            const constant = tf.scalar(10);
            const sum = tf.add(fed.x, constant);
            tf.dispose([fed.x, constant]);
            return tf.square(sum);
          });
          const [value] = y.dataSync();
          y.dispose();
          return value;
        });
        expect(values).toEqual([144, 169, 196]);
      }
      expect(alive()).toEqual(before);
    });
  },
  ['native'],
);
