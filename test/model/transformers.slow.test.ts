import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { encoderShapes } from '../../src/model/weights/shapes.js';
import { writeSafetensors } from '../../src/model/weights/writeSafetensors.js';
import { encoderFixture, hiddenStates, type TinyEncoder } from '../support/encoder.js';
import { saveTinyModel, type TinyChange } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const python = process.env.MEDDOPROF_PYTHON ?? 'python3';
const script = join(import.meta.dirname, '../../scripts/check_checkpoint.py');
const MINUTES = 60_000;

/** Looks for the packages without loading them, which takes seconds. */
function pythonHasTransformers(): boolean {
  const packages = `('transformers', 'torch', 'safetensors')`;
  const code = `from importlib.util import find_spec; exit(any(find_spec(name) is None for name in ${packages}))`;
  return spawnSync(python, ['-c', code]).status === 0;
}

const cases: [TinyEncoder, TinyChange][] = [
  ['tiny-distilbert', {}],
  ['tiny-bert', { layers: [0, 2] }],
  ['tiny-bert', { layers: [2, 0], activation: 'gelu_new' }],
  ['tiny-distilbert', { activation: 'gelu_pytorch_tanh' }],
  ['tiny-distilbert', { layers: [1], activation: 'relu' }],
];

function tests(): void {
  test.each(cases)(
    'opens the encoder of a saved %s %j and computes the same hidden states',
    async (name, change) => {
      await startEngine({ engine: 'auto', device: 'cpu' });
      const folder = temporaryFolder();
      const { config } = await saveTinyModel(folder, name, change);
      const fixture = await encoderFixture(name, change.layers);
      const { ids, lengths, batch, seq } = fixture;
      const states = hiddenStates({ ...fixture, config: config.encoder });
      const file = join(folder, 'expected.safetensors');
      await writeSafetensors(file, [
        { name: 'ids', shape: [batch, seq], data: ids },
        { name: 'lengths', shape: [batch], data: lengths },
        ...states.map((data, layer) => ({
          name: `hidden.${layer}`,
          shape: [batch, seq, config.encoder.hidden],
          data,
        })),
      ]);
      const run = spawnSync(python, [script, folder, '--expect', file], { encoding: 'utf8' });
      expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
      const report = JSON.parse(run.stdout);
      expect(Object.keys(report.differences)).toEqual([...states.keys()].map((layer) => `hidden.${layer}`));
      expect(report.encoderParameters).toBe(encoderShapes(config.encoder).size);
      expect(report.others.every((other: string) => /^(bilstm|heads)\./.test(other))).toBe(true);
    },
    5 * MINUTES,
  );
}

const title = "Python's transformers";
const notice = `needs torch, transformers and safetensors in ${python}; MEDDOPROF_PYTHON names another Python`;
if (pythonHasTransformers()) describe(title, tests);
else describe(title, () => test.skip(notice, () => {}));
