import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encode } from '../../src/model/encoders/encode.js';
import { selectLayers } from '../../src/model/encoders/select.js';
import { loadTensors } from '../../src/model/loadTensors.js';
import { familyOf } from '../../src/model/encoders/registry.js';
import { lossAndGradients } from '../../src/model/model.js';
import { openTinyEncoder, tinyEncoders, type TinyEncoder } from '../support/encoder.js';
import { describeEngines } from '../support/engines.js';
import { fixtureJson } from '../support/fixtures.js';
import { familyFixture, sums, type JointFixture } from '../support/joint.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, take } from '../support/tensors.js';

interface Case {
  folder: TinyEncoder;
  selected: number[];
  loss: number;
  parameters: Record<string, [number, number]>;
}
const all: Record<string, Case> = fixtureJson('joint/families.json').cases;
const cases = Object.entries(all).filter(([, { folder }]) => tinyEncoders.includes(folder));

const training = {
  trainable: { embeddings: true, layers: [true, true, true, true] },
  dropout: { dropout: 0, attentionDropout: 0, trunk: 0 },
};

function encoderOf({ model, parameters, batch }: JointFixture) {
  return { config: model.encoder, weights: (parameter: string) => parameters.get(parameter)!, batch };
}

function tests(): void {
  describe.each(cases)('of %s', (name, { folder, selected, loss: expectedLoss, parameters }) => {
    let fixture: JointFixture;
    beforeAll(async () => void (fixture = await familyFixture(name, folder)));
    afterAll(() => {
      const { rows, real, targets } = fixture.batch;
      disposeAll([...fixture.parameters.values()], rows, real, targets);
    });
    const rowsInside = (values: Float32Array) =>
      fixture.inside.flatMap((row) => {
        const { hidden } = fixture.model.encoder;
        return [...values.subarray(row * hidden, (row + 1) * hidden)];
      });

    test('gives the same loss, and the same gradient of every parameter', () =>
      expectNoLeakedTensors(() => {
        const weights = (parameter: string) => fixture.parameters.get(parameter)!;
        const { loss, gradients, counts } = lossAndGradients(fixture.model, weights, fixture.batch, training);
        disposeAll(counts);
        expect(take(loss)[0]).toBeCloseTo(expectedLoss, 5);
        expect([...gradients.keys()].sort()).toEqual(Object.keys(parameters).sort());
        for (const [parameter, gradient] of gradients) {
          const values = take(gradient);
          const [norm, sum] = parameters[parameter]!;
          const tolerance = 1e-4 * norm;
          expectClose(sums(values), [norm, sum], 2e-6 + tolerance, parameter);
          const stored = fixture.expected.get(`gradient.${parameter}`)!.data;
          expectClose(values.subarray(0, stored.length), stored, 1e-6 + tolerance, parameter);
        }
      }));

    test('gives the same states where it goes on from what a lower layer has put out', () =>
      expectNoLeakedTensors(() => {
        const { config, weights, batch } = encoderOf(fixture);
        const whole = take(encode(config, weights, batch).output);
        for (let layer = 1; layer <= config.layers; layer++) {
          const { output: hidden } = encode(config, weights, batch, { until: layer });
          const { output } = encode(config, weights, batch, { from: { layer, hidden } });
          expectClose(take(output), whole, 1e-6);
          disposeAll(hidden);
        }
      }));

    test('of some of its layers gives the same states', () =>
      expectNoLeakedTensors(async () => {
        const opened = await openTinyEncoder(folder);
        const { config, weights: file } = selectLayers(opened, selected);
        const { weights, dispose } = await loadTensors(file, familyOf(config).parameters(config));
        const { output } = encode(config, weights, fixture.batch);
        const expected = fixture.expected.get('selected.hidden')!.data;
        expectClose(rowsInside(take(output)), rowsInside(expected), 1e-5);
        dispose();
        await opened.weights.close();
      }));
  });
}

describeEngines('a whole model, beside PyTorch,', tests, ['native', 'webgpu', 'wasm']);
