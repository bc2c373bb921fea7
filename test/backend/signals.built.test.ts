import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describeEngines } from '../support/engines.js';

const dist = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist', file)));

/** Computes the products of a head, one after the other, for two seconds, and counts signals. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs-core';
  import { startEngine } from ${dist('backend/engine.js')};
  import { product } from ${dist('ops/product.js')};
  await startEngine({ engine: 'native', device: 'cpu' });
  const [x, weight] = [tf.randomNormal([96, 512]), tf.randomNormal([9, 512])];
  let signals = 0;
  process.on('SIGWINCH', () => signals++);
  process.stdout.write('ready');
  for (const end = Date.now() + 2000; Date.now() < end; ) {
    for (let i = 0; i < 50; i++) product(x, weight, false, true).dispose();
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stdout.write(' ' + signals);`;

describeEngines(
  'signals',
  () => {
    test('that come while TensorFlow computes are handled, and break nothing', async () => {
      const root = join(import.meta.dirname, '../..');
      const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { cwd: root });
      let [out, errors] = ['', ''];
      let timer: NodeJS.Timeout | undefined;
      child.stderr.on('data', (text) => (errors += text));
      child.stdout.on('data', (text) => {
        if (out === '') timer = setInterval(() => child.kill('SIGWINCH'), 1);
        out += text;
      });
      const end = await new Promise((resolve) => child.on('close', (...status) => resolve(status)));
      clearInterval(timer);
      expect({ end, errors }).toEqual({ end: [0, null], errors: '' });
      expect(Number(out.split(' ')[1])).toBeGreaterThan(100);
    }, 60_000);
  },
  ['native'],
);
