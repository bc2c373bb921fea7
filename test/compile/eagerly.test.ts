import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, nativeBackend } from '../../src/backend/native.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, orEagerly } from '../../src/compile/compile.js';
import { describeEngines } from '../support/engines.js';

const alive = () => [tf.memory().numTensors, nativeBackend().binding.getNumOfTensors()];

describeEngines(
  'a step that cannot be compiled',
  () => {
    test('runs op by op, with a notice that names the op, once', () => {
      const notices: string[] = [];
      const compiler = orEagerly(createCompiler(hostAddon()), (text) => notices.push(text));
      const before = alive();
      const values = [2, 3].map((factor) =>
        tf.tidy(() => {
          const work = ({ x }: { x: tf.Tensor }) => ({ y: tf.scalar(tf.square(x).dataSync()[0]! + 1) });
          return ['a', 'b'].map((key) => compiler.step(key, { x: factor }, work).y.dataSync()[0]);
        }),
      );
      expect(values).toEqual([
        [5, 5],
        [10, 10],
      ]);
      expect(notices).toEqual([expect.stringContaining('op by op, not as one call: it reads a tensor that the step computes, of Square')]); // prettier-ignore
      expect(compiler.functions.size).toBe(0);
      expect(alive()).toEqual(before);
    });

    test('throws its own errors as they are', () => {
      const compiler = orEagerly(createCompiler(hostAddon()), () => {});
      const work = () => {
        throw new RangeError('of its own');
      };
      expect(() => compiler.step('throws', {}, work)).toThrow(new RangeError('of its own'));
    });

    test('is an error that names an attribute which graphs cannot hold, and its op', () => {
      const compiler = createCompiler(hostAddon());
      const backend = nativeBackend();
      const { binding } = backend;
      const functions = Object.getOwnPropertyNames(binding) as (keyof typeof binding)[];
      backend.binding = {
        ...(Object.fromEntries(functions.map((name) => [name, binding[name]])) as unknown as typeof binding),
        executeOp: (name, attributes, ...rest) =>
          binding.executeOp(
            name,
            attributes.filter(({ type }) => type !== 99),
            ...rest,
          ),
      };
      const before = alive();
      const attributes = { T: attribute.type('float32'), odd: { type: 99, value: 1 } };
      const step = () =>
        compiler.step('odd', { x: 3 }, ({ x }) => ({ y: executeOp('Square', attributes, [x])[0]! }));
      try {
        const { y } = step(); // op by op
        expect(y.dataSync()[0]).toBe(9);
        y.dispose();
        expect(step).toThrow(/the attribute odd of Square is of kind 99/);
      } finally {
        backend.binding = binding;
      }
      expect(alive()).toEqual(before);
    });
  },
  ['native'],
);
