import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Probe } from '../../src/backend/probe.js';
import { builtFlavour } from '../../src/backend/built.js';
import { builtProgram } from '../support/builtProgram.js';

const probe = pathToFileURL(join(dirname(builtProgram), '../dist/backend/probe.js')).href;

test('an engine is probed in a process of its own', async () => {
  const { probeInChild } = (await import(probe)) as {
    probeInChild(engine: string): Promise<Probe>;
  };
  expect(await probeInChild('cpu')).toMatchObject({ engine: 'cpu', works: true });
});

(builtFlavour() ? test : test.skip)('what TensorFlow logs is shown where its log level is set', () => {
  const program = `await (await import(${JSON.stringify(probe)})).probeInChild('native')`;
  const logged = (level?: string) => {
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    const options = { env: level ? { ...env, TF_CPP_MIN_LOG_LEVEL: level } : env, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', program], options).stderr;
  };
  expect(logged('0')).toMatch(/TensorFlow/);
  expect(logged()).toBe('');
});
