import { expect, test } from '@jest/globals';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Probe } from '../../src/backend/probe.js';
import { builtProgram } from '../support/builtProgram.js';

test('an engine is probed in a process of its own', async () => {
  const file = join(dirname(builtProgram), '../dist/backend/probe.js');
  const { probeInChild } = (await import(pathToFileURL(file).href)) as {
    probeInChild(engine: string): Promise<Probe>;
  };
  expect(await probeInChild('cpu')).toMatchObject({ engine: 'cpu', works: true });
});
