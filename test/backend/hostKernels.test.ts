import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { addonFolder, builtFlavour } from '../../src/backend/built.js';
import { attribute, executeOp } from '../../src/backend/native.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler } from '../../src/compile/compile.js';
import { activationWithDerivative } from '../../src/ops/activation.js';
import { layerNorm, layerNormGradient } from '../../src/ops/layerNorm.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose, take } from '../support/tensors.js';

const host = join(import.meta.dirname, '../../scripts/setup/host');
const temporaryFolder = temporaryFolders();
const answers = (program: string) => spawnSync(program, ['--version']).status === 0;

describe('the addon of our own kernels', () => {
  const canCompile = process.platform === 'linux' && answers('g++') && answers('nm');

  (canCompile ? test : test.skip)(
    'shares no function between what is compiled for some processors and what is for all (needs g++)',
    () => {
      const isComputing = (name: string) =>
        name.endsWith('.cc') && readFileSync(join(host, name), 'utf8').includes('namespace INSTRUCTIONS');
      const sources = readdirSync(host).filter(isComputing);
      expect(sources).toContain('lstm.cc');
      for (const source of sources) {
        const object = join(temporaryFolder(), 'some.o');
        const args = ['-std=c++17', '-O0', '-DINSTRUCTIONS=plain', '-c', join(host, source), '-o', object];
        const { stderr } = spawnSync('g++', args, { encoding: 'utf8' });
        expect(stderr).toBe('');
        for (const name of exported(object)) expect(name).toMatch(/^plain::/);
      }
    },
  );

  (builtFlavour() && answers('nm') ? test : test.skip)(
    'gives other libraries nothing that they could take for their own (needs nm)',
    () => {
      const names = exported('--dynamic', join(addonFolder(), 'host.node'));
      expect(names.sort()).toEqual(['TFE_NewContext', 'napi_register_module_v1']);
    },
  );

  /** Names that an object file or a library defines for others. */
  function exported(...args: string[]): string[] {
    const { stdout } = spawnSync('nm', ['-C', '--defined-only', '--extern-only', ...args], { encoding: 'utf8' }); // prettier-ignore
    return stdout.split('\n').flatMap((line) => /^\S+ \S (.*)/.exec(line)?.[1] ?? []);
  }
});

describeEngines(
  'our own kernels',
  () => {
    test('refuse a mask that TensorFlow would end the process over', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const attributes = { rate: attribute.float(0.5), number: attribute.int(0) };
          const mask = (shape: number[]) => () => executeOp('HostDropoutMask', attributes, [tf.tensor1d(shape, 'int32'), tf.scalar(1, 'int32')]); // prettier-ignore
          const most = 2 ** 31 - 1;
          expect(mask([most, most, most])).toThrow(/more elements than memory has addresses/);
          expect(mask([most, most, most, 0])).toThrow(/more elements than memory has addresses/);
          expect(mask(new Array<number>(255).fill(1))).toThrow(/more dimensions than TensorFlow has/);
          expect(mask([3, -1])).toThrow(/a size is less than 0/);
          expect(mask([most, 0])()[0]!.shape).toEqual([most, 0]);
        }),
      ));

    test('let what is no number come through', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const places = (tensor: tf.Tensor) => [...take(tensor)].flatMap((x, i) => (Number.isNaN(x) ? [i] : [])); // prettier-ignore
          const numbers = Float32Array.from({ length: 70 }, (_, i) => (i === 33 ? NaN : Math.sin(i)));
          const { value, derivative } = activationWithDerivative(tf.tensor1d(numbers), 'gelu');
          expect([places(value), places(derivative)]).toEqual([[33], [33]]);
          const [rows, ones] = [tf.tensor2d(numbers, [7, 10]), tf.ones([10])];
          const normalized = layerNorm(rows, ones, ones, 1e-5, 'own');
          const row = [30, 31, 32, 33, 34, 35, 36, 37, 38, 39];
          expect([places(normalized.value), places(normalized.inverse)]).toEqual([row, [3]]);
          const clean = layerNorm(tf.cos(tf.range(0, 70).reshape([7, 10])), ones, ones, 1e-5, 'own');
          const back = layerNormGradient(rows, clean, ones, { weights: true }, 'own');
          expect([places(back.input), places(back.weight!), places(back.bias!)]).toEqual([row, [3], [3]]);
          const scale = { scale: attribute.float(1) };
          const scores = [tf.reshape(rows, [1, 1, 7, 10]), tf.zeros([1, 1, 1, 10])];
          expect(places(executeOp('HostSoftmax', scale, scores)[0]!)).toEqual(row);
          const clip = { most: attribute.float(1), N: attribute.int(2) };
          const [norm, ...clipped] = executeOp('HostClip', clip, [tf.ones([2]), rows], 3);
          expect([norm!, ...clipped].map((one) => places(one).length)).toEqual([1, 2, 70]);
        }),
      ));

    test('give the same bits on every thread, also where they are too small for all their digits', () =>
      expectNoLeakedTensors(() => {
        const compiler = createCompiler(hostAddon());
        const x = tf.fill([2 ** 18], -13.15); // whose GELU is less than the smallest float of 24 digits
        for (const isEager of [true, false, false, true]) {
          const work = (fed: { x: tf.Tensor }) => activationWithDerivative(fed.x, 'gelu').value;
          const value = compiler.step('gelu', { x }, work, isEager);
          expect(new Set(take(value)).size).toBe(1);
        }
        x.dispose();
        compiler.dispose();
      }));

    test('leave gradients that are in use elsewhere as they are', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const gradient = tf.tensor1d([30, 40]);
          const clip = { most: attribute.float(5), N: attribute.int(2) };
          const [norm, ...clipped] = executeOp('HostClip', clip, [gradient, gradient], 3);
          const [length, both] = [50 * Math.SQRT2, [3 / Math.SQRT2, 4 / Math.SQRT2]];
          const near = (values: number[]) => values.map((value) => expect.closeTo(value, 4));
          expect([norm!, ...clipped].map((one) => [...take(one)])).toEqual([[length], both, both].map(near));
          expect([...gradient.dataSync()]).toEqual([30, 40]);
        }),
      ));

    test('clip in place what a compiled step has made, and nothing that it goes on with', () =>
      expectNoLeakedTensors(() => {
        const compiler = createCompiler(hostAddon());
        const x = tf.tensor1d([30, 40]);
        for (const most of [0, 5, 1000]) {
          const clip = { most: attribute.float(most), N: attribute.int(4) };
          const work = (fed: { x: tf.Tensor1D }) => {
            const [own, kept] = [tf.mul(fed.x, 2), tf.mul(fed.x, 3)];
            const outputs = executeOp('HostClip', clip, [own, kept, kept, fed.x], 5);
            return tf.concat([...outputs.map((one) => tf.reshape(one, [-1])), kept, fed.x]);
          };
          const length = 50 * Math.sqrt(4 + 9 + 9 + 1);
          const by = most === 0 ? 1 : Math.min(1, most / length);
          const clipped = [2, 3, 3, 1].flatMap((times) => [30 * times * by, 40 * times * by]);
          for (const isEager of [true, false, false]) {
            const all = compiler.step(`clip ${most}`, { x }, work, isEager);
            expectClose(take(all), [length, ...clipped, 90, 120, 30, 40], 1e-3);
          }
        }
        x.dispose();
        compiler.dispose();
      }));
  },
  ['native'],
);
