import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, type Compiler } from '../../src/compile/compile.js';
import { variable } from '../../src/ops/variable.js';
import { describeEngines } from '../support/engines.js';
import { alive, dispose, inputsOf, regression, start, update, valuesOf } from '../support/regression.js';

describeEngines(
  'a compiled step',
  () => {
    let compiler: Compiler;
    let checked: Compiler;
    beforeEach(() => {
      compiler = createCompiler(hostAddon());
      checked = createCompiler(hostAddon(), { checked: true });
    });
    afterEach(() => [compiler, checked].forEach((each) => each.dispose()));

    test.each([false, true])(
      'with inputs of another shape, type or number is an error that says so, and changes nothing (checked: %s)',
      (isChecked) => {
        const at = isChecked ? checked : compiler;
        const slot = start();
        regression(at, slot, 0).loss.dispose();
        const [values, before] = [valuesOf(slot), alive()];
        expect(() => regression(at, slot, 1, { rows: 6 })).toThrow(
          /its input 0 is float32 \[6, 3\] now, and was float32 \[4, 3\] under this key/,
        );
        const inputs = inputsOf(slot, 1);
        const whole = { ...inputs, x: { ...inputs.x, values: Int32Array.from(inputs.x.values) } };
        expect(() => at.step('regression', whole, update(slot))).toThrow(
          /its input 0 is int32 \[4, 3\] now, and was float32/,
        );
        expect(() => at.step('regression', { ...inputs, more: 1 }, update(slot))).toThrow(
          /it has \d+ inputs now, and had \d+ under this key/,
        );
        expect([valuesOf(slot), alive()]).toEqual([values, before]);
        dispose(slot);
      },
    );

    test.each<[string, RegExp, (x: tf.Tensor) => tf.Tensor]>([
      [
        'makes a value of another shape',
        /value \d+ has the shape \[2\] now/,
        (x) => tf.sum(tf.mul(x, [5, 5])),
      ],
      ['makes another value', /value \d+, which is a constant, has changed/, (x) => tf.sum(tf.mul(x, 6))],
      ['runs another op', /op \d+ is Add\w* now, and was recorded as Mul/, (x) => tf.sum(tf.add(x, 5))],
      ['ends earlier', /it ends after \d+ ops, and was recorded with \d+/, (x) => tf.mul(x, 5)],
      [
        'goes on',
        /op \d+ is Square now, and was recorded as the end/,
        (x) => tf.square(tf.sum(tf.mul(x, 5))),
      ],
    ])(
      'that %s under the key of another is an error where it is checked, and changes nothing',
      (_, how, other) => {
        const slot = start();
        const step = (last: (x: tf.Tensor) => tf.Tensor) =>
          checked.step('key', inputsOf(slot, 0), (fed) => [update(slot)(fed).loss, last(fed.slope)]);
        tf.dispose(step((x) => tf.sum(tf.mul(x, 5))));
        const [values, before] = [valuesOf(slot), alive()];
        const undone = 'does not do what it did when it was recorded under this key: ';
        expect(() => step(other)).toThrow(new RegExp(`${undone}${how.source}`));
        expect([valuesOf(slot), alive()]).toEqual([values, before]);
        dispose(slot);
      },
    );

    test('that uses a tensor which is not among its inputs is an error that names the op', () => {
      const [unused, used] = [tf.scalar(2), tf.scalar(2)];
      tf.square(used).dispose(); // brings it to TensorFlow
      for (const outside of [unused, used]) {
        expect(() => compiler.step('outside', { x: 1 }, ({ x }) => tf.mul(x, outside))).toThrow(
          /uses a tensor from before it that is not among its inputs, in Mul/,
        );
        expect(outside.dataSync()[0]).toBe(2);
        outside.dispose();
      }
    });

    test('that returns what it was given is an error, and leaves it as it is', () => {
      const x = tf.scalar(3);
      expect(() => compiler.step('same', { x }, (fed) => fed.x)).toThrow(/a tensor that it does not compute/);
      expect(x.dataSync()[0]).toBe(3);
      x.dispose();
    });

    test('that reads what it computes is an error that says so', () => {
      const before = alive();
      const work = ({ x }: { x: tf.Tensor }) => ({ y: tf.scalar(tf.square(x).dataSync()[0]!) });
      expect(() => compiler.step('reads', { x: 3 }, work)).toThrow(
        /it reads a tensor that the step computes, of Square/,
      );
      expect(alive()).toEqual(before);
    });

    test('that makes a variable is an error that names the op', () => {
      const before = alive();
      expect(() => compiler.step('makes', { x: 1 }, ({ x }) => ({ y: variable('v', x).read() }))).toThrow(
        /VarHandleOp cannot be part of it/,
      );
      expect(alive()).toEqual(before);
    });

    test('that keeps a tensor which it does not return is an error', () => {
      let kept: tf.Tensor | undefined;
      const work = ({ x }: { x: tf.Tensor }) => {
        kept = tf.keep(tf.square(x));
        return { y: tf.square(kept) };
      };
      expect(() => compiler.step('keeps', { x: 3 }, work)).toThrow(
        /it keeps a tensor that it does not return, of Square/,
      );
    });

    test('where it is checked, is an error when it depends on what it does not declare', () => {
      const run = (hidden: number) =>
        checked.step('hidden', { x: 2 }, ({ x }) => tf.mul(tf.square(x), hidden));
      expect(tf.tidy(() => [run(5), run(5)].map((tensor) => tensor.dataSync()[0]))).toEqual([20, 20]);
      expect(() => run(6)).toThrow(/value 0, which is a constant, has changed/);
    });
  },
  ['native'],
);
