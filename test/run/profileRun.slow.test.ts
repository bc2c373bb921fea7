import { afterEach, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { timeOps } from '../../src/backend/timeOps.js';
import { runProgram } from '../../src/cli/program.js';
import { formatConfig } from '../../src/config/format.js';
import { profileRun, type RunProfile } from '../../src/run/profileRun.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith('meddoprof-profile-'));
afterEach(() => {
  process.exitCode = undefined;
});

describeEngines(
  'timing ops',
  () => {
    test.each([
      [false, false],
      [true, false],
      [false, true],
    ])('counts what matrix products compute, transposed or not (%s, %s)', async (transposeA, transposeB) => {
      const [n, k, m] = [3, 5, 7];
      await expectNoLeakedTensors(async () => {
        const { result, ops } = await timeOps(() =>
          tf.tidy(() => {
            const a = tf.ones<tf.Rank.R3>(transposeA ? [2, k, n] : [2, n, k]);
            const b = tf.ones<tf.Rank.R3>(transposeB ? [2, m, k] : [2, k, m]);
            return tf.matMul(tf.square(a), tf.square(b), transposeA, transposeB);
          }),
        );
        result.dispose();
        const [product] = [...ops].filter(([name]) => name.includes('MatMul')).map(([, times]) => times);
        expect(product).toMatchObject({ calls: 1, flops: 2 * 2 * n * k * m, bytes: 2 * n * m * 4 });
        expect(ops.get('Square')).toMatchObject({ calls: 2, flops: 0 });
      });
    });
  },
  ['native', 'wasm'],
);

describeEngines(
  'profiling a training',
  (engine) => {
    test('tells where the time goes, and keeps nothing', async () => {
      const { config, out } = await tinyRun(folder(), { backend: { engine } });
      const before = temporary();
      const profile = await expectNoLeakedTensors(() => profileRun(config, { steps: 2 }, createContext()));
      const { seconds, hostSeconds, deviceSeconds, ops, flops, gigaflops } = profile;
      expect([existsSync(out), temporary()]).toEqual([false, before]);
      expect(profile.shape).toMatchObject({ windows: 8, batch: 8 });
      expect(profile.compiled).toBe(engine === 'native');
      expect(hostSeconds + deviceSeconds).toBeCloseTo(seconds.median, 9);
      expect(gigaflops).toBeCloseTo(flops / seconds.median / 1e9, 9);
      expect(profile.share).toBeCloseTo(gigaflops / profile.product.gigaflops, 9);
      const times = ops.map(({ milliseconds }) => milliseconds);
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect(flops).toBeGreaterThan(leastFlops(profile));
      expect(profile.productShare).toBeGreaterThan(0);
      expect(profile.productShare).toBeLessThan(1);
    });

    test('moves the average of the weights, where training does', async () => {
      const opsWith = async (averageDecay: number | null) => {
        const { config } = await tinyRun(folder(), { backend: { engine }, training: { averageDecay } });
        const { ops } = await profileRun(config, { steps: 1 }, createContext());
        return ops.reduce((sum, { calls }) => sum + calls, 0);
      };
      expect(await opsWith(0.99)).toBeGreaterThan(await opsWith(null));
    });

    test('takes a frozen encoder from a cache of the windows of one step, and steps in parts', async () => {
      const training = { batchSize: 2, accumulate: 3, epochs: { count: 1, frozen: 'encoder' } };
      const { config } = await tinyRun(folder(), { backend: { engine }, training });
      const profile = await profileRun(config, { steps: 1 }, createContext());
      expect(profile.shape).toMatchObject({ windows: 6, batch: 2 });
      expect(profile.ops.some(({ name }) => name.includes('Softmax'))).toBe(false); // no attention was computed
    });
  },
  ['native', 'wasm'],
);

/** Of forward and backward passes through the encoder's layers: 6 for each weight and piece. */
function leastFlops({ shape }: RunProfile): number {
  const [hidden, intermediate, layers] = [16, 32, 2];
  return 6 * shape.windows * shape.seq * layers * (4 * hidden * hidden + 2 * hidden * intermediate);
}

test('meddoprof train --profile prints tables, or JSON', async () => {
  const { config } = await tinyRun(folder(), { backend: { engine: 'wasm' } });
  const root = writeFiles(folder(), { 'config.yaml': formatConfig(config) });
  const profile = (...more: string[]) =>
    captureOutput(() => runProgram(['train', join(root, 'config.yaml'), '--profile', ...more]));
  const { stdout } = await profile('--steps', '1');
  expect(stdout).toMatch(/A step of 8 windows of \d+ pieces, float32, op by op: WebAssembly/);
  expect(stdout).toMatch(/host \d\.\d+ s, device \d\.\d+ s; op by op, matrix products take \d+\.\d %/);
  expect(stdout).toMatch(/BatchMatMul +\d+ /);
  expect(stdout).toMatch(/% of the machine's own matrix product/);
  const json = (await profile('--steps', '1', '--json')).stdout;
  expect(JSON.parse(json)).toMatchObject({ compiled: false, steps: 1 });
  const { value, stderr } = await profile('--steps', '0');
  expect([value, stderr]).toEqual([2, expect.stringContaining('--steps needs a whole number, 1 to 10,000')]);
});
