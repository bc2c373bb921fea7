import { expect, jest, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { join } from 'node:path';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler, orEagerly, type Compiler } from '../../src/compile/compile.js';
import { describeEngines } from '../support/engines.js';
import { fixtureFolder } from '../support/fixtures.js';
import { normalizationSettings } from '../support/normalization.js';
import { hashOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const weights = join(fixtureFolder, 'tiny-bert');
const knowledge = {
  concepts: ['a', 'b', 'c'].map((name) => ({
    code: name,
    labels: [name],
    alternatives: [`${name} ${name}`],
  })),
  mentions: [],
};

let compiler: Compiler | undefined;
jest.unstable_mockModule('../../src/ops/compiler.js', () => ({ compilerHere: () => compiler }));

/** Trains with that compiler; the hash of the weights. */
async function trained(given?: Compiler): Promise<string> {
  compiler = given;
  const { trainSentenceEncoder } = await import('../../src/train/sentenceEncoder.js');
  const out = join(folder(), 'encoder');
  const { training } = normalizationSettings({
    embedding: { kind: 'pooledEncoder', weights, training: { epochs: 15, rate: 3e-3, batchSize: 3 } },
  }).embedding;
  const options = { weights, settings: training, contexts: ['{}'], seed: 1, checkpoint: `${out}.part` };
  await trainSentenceEncoder(out, knowledge, options, createContext());
  return hashOf(join(out, 'model.safetensors'));
}

describeEngines(
  'a sentence encoder',
  () => {
    test('whose steps cannot be compiled is that of steps op by op, to the bit: no update counts twice', async () => {
      const notices: string[] = [];
      const addFunction = () => {
        throw new Error('not this one');
      };
      const refusing = createCompiler({ ...hostAddon(), addFunction });
      expect(await trained(orEagerly(refusing, (text) => notices.push(text)))).toBe(await trained());
      expect(notices).toEqual([expect.stringContaining('not this one')]);
    });
  },
  ['native'],
);
