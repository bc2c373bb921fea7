import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { familyOf } from '../../src/model/encoders/registry.js';
import { writeSafetensors } from '../../src/model/weights/writeSafetensors.js';
import { encoderFixture, hiddenStates, type TinyEncoder } from '../support/encoder.js';
import { describePython, runPython } from '../support/python.js';
import { saveTinyModel, type TinyChange } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const MINUTES = 60_000;

const cases: [TinyEncoder, TinyChange][] = [
  ['tiny-distilbert', {}],
  ['tiny-bert', { layers: [0, 2] }],
  ['tiny-bert', { layers: [2, 0], activation: 'gelu_new' }],
  ['tiny-distilbert', { activation: 'gelu_pytorch_tanh' }],
  ['tiny-distilbert', { layers: [1], activation: 'relu' }],
  ['tiny-roberta', { layers: [2, 0] }],
  ['tiny-modernbert', { layers: [0, 2, 3] }],
  ['tiny-deberta-v2', {}],
  ['tiny-deberta-v3', { layers: [1, 2] }],
];

describePython("Python's transformers", ['transformers', 'torch', 'safetensors'], () => {
  test.each(cases)(
    'opens the encoder of a saved %s %j and computes the same hidden states',
    async (name, change) => {
      await startEngine({ engine: 'auto', device: 'cpu' });
      const folder = temporaryFolder();
      const { model } = await saveTinyModel(folder, name, change);
      const fixture = await encoderFixture(name, change.layers);
      const { ids, lengths, batch, seq } = fixture;
      const states = hiddenStates({ ...fixture, config: model.encoder });
      const file = join(folder, 'expected.safetensors');
      await writeSafetensors(file, [
        { name: 'ids', shape: [batch, seq], data: ids },
        { name: 'lengths', shape: [batch], data: lengths },
        ...states.map((data, layer) => ({
          name: `hidden.${layer}`,
          shape: [batch, seq, model.encoder.hidden],
          data,
        })),
      ]);
      const run = runPython('check_checkpoint.py', [folder, '--expect', file]);
      expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
      const report = JSON.parse(run.printed);
      expect(Object.keys(report.differences)).toEqual([...states.keys()].map((layer) => `hidden.${layer}`));
      expect(report.encoderParameters).toBe(familyOf(model.encoder).parameters(model.encoder).length);
      expect(report.others.every((other: string) => /^(bilstm|heads)\./.test(other))).toBe(true);
    },
    5 * MINUTES,
  );
});
