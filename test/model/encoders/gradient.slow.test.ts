import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineName } from '../../../src/backend/started.js';
import { encode, encoderGradient } from '../../../src/model/encoders/encode.js';
import type { EncoderDropout } from '../../../src/model/encoders/family.js';
import { familyOf } from '../../../src/model/encoders/registry.js';
import { isTrained, type Trainable } from '../../../src/model/part.js';
import { dot, expectGradient } from '../../support/differences.js';
import {
  encoderFixture,
  hiddenStates,
  inside,
  onEngine,
  type EncoderFixture,
  tinyEncoders,
  type EncoderInputs,
  type TinyEncoder,
} from '../../support/encoder.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../../support/tensors.js';

interface Options {
  trainable?: Trainable;
  dropout?: EncoderDropout;
  seed?: number;
}
/** The embeddings or not, and these of so many layers. */
const parts = (count: number, embeddings: boolean, ...layers: number[]): Trainable => ({
  embeddings,
  layers: Array.from({ length: count }, (_, layer) => layers.includes(layer)),
});
const all = ({ config: { layers } }: EncoderInputs) => parts(layers, true, ...Array(layers).keys());
const none: EncoderDropout = { dropout: 0, attentionDropout: 0 };
const some: EncoderDropout = { dropout: 0.3, attentionDropout: 0.2 };

/** What part of so many layers is trained; its parameters, and no others, have gradients. */
const frozen: [string, (count: number) => Trainable][] = [
  ['everything', (count) => parts(count, true, ...Array(count).keys())],
  ['all but the embeddings', (count) => parts(count, false, ...Array(count).keys())],
  ['the last layer', (count) => parts(count, false, count - 1)],
  ['the first and the last layer', (count) => parts(count, false, 0, count - 1)],
  ['the embeddings', (count) => parts(count, true)],
  ['nothing', (count) => parts(count, false)],
];

/** The output, and the gradients of its product with `upstreamOf`, on the host. */
function train(fixture: EncoderInputs, { trainable = all(fixture), dropout = some, seed = 5 }: Options = {}) {
  const { parameters, input } = onEngine(fixture);
  const weights = (name: string) => parameters[name]!;
  const masks = { seed, drawn: 0 };
  const { output, saved } = encode(fixture.config, weights, input, {
    training: { trainable, dropout, masks },
  });
  const dy = tf.tensor(upstreamOf(fixture), output.shape);
  const gradients = encoderGradient([dy], saved, fixture.config, weights, input, { trainable, dropout });
  disposeAll(parameters, input, dy);
  return {
    output: take(output),
    gradients: new Map([...gradients].map(([name, gradient]) => [name, take(gradient)])),
  };
}

/** What `train` takes the gradients of, as a function of one parameter. */
function valueBy(fixture: EncoderInputs, name: string, dropout = some): (at: Float32Array) => number {
  return (data) => {
    const { shape } = fixture.parameters.get(name)!;
    const { parameters, input } = onEngine({
      ...fixture,
      parameters: new Map(fixture.parameters).set(name, { shape, data }),
    });
    const training = {
      trainable: parts(fixture.config.layers, false),
      dropout,
      masks: { seed: 5, drawn: 0 },
    };
    const { output } = encode(fixture.config, (parameter) => parameters[parameter]!, input, { training });
    disposeAll(parameters, input);
    return dot(take(output), upstreamOf(fixture));
  };
}

/** 0 in the padding, as a model's gradient is. */
function upstreamOf(fixture: EncoderInputs): Float32Array {
  return inside(fixture, randomNumbers(fixture.ids.length * fixture.config.hidden, 2));
}

/** On the slower engine one: families.test.ts has the others' there. */
const own: TinyEncoder[] = ['tiny-bert'];

function tests(engine: EngineName): void {
  describe.each(engine === 'native' ? tinyEncoders : own)('of %s', (name) => {
    let fixture: EncoderFixture;
    beforeAll(async () => void (fixture = await encoderFixture(name)));

    test.each(frozen)('with %s trained are the same, and there are no others', (_, partsOf) =>
      expectNoLeakedTensors(() => {
        const trainable = partsOf(fixture.config.layers);
        const [whole, part] = [train(fixture), train(fixture, { trainable })];
        const specs = familyOf(fixture.config).parameters(fixture.config);
        const names = specs.flatMap((spec) => (isTrained(spec, trainable) ? [spec.name] : []));
        expect([...part.gradients.keys()].sort()).toEqual(names.sort());
        for (const [parameter, gradient] of part.gradients)
          expectClose(gradient, whole.gradients.get(parameter)!, 1e-5, parameter);
        expectClose(part.output, whole.output, 1e-5); // what needs no gradient takes TensorFlow's GELU, not our kernel
      }),
    );

    test('with dropout are those that differences show, for every parameter', () =>
      expectNoLeakedTensors(() => {
        const { gradients } = train(fixture);
        expect(gradients.size).toBe(fixture.parameters.size);
        for (const [parameter, { data }] of fixture.parameters) {
          if (/k_lin.bias|key.bias|pos_key_proj.bias/.test(parameter)) continue; // the softmax does not see it: 0 but for rounding
          expectGradient(valueBy(fixture, parameter), data, gradients.get(parameter)!, parameter);
        }
      }));

    test.each(['gelu_new', 'relu'] as const)('with %s are those that differences show', (activation) =>
      expectNoLeakedTensors(() => {
        const changed = { ...fixture, config: { ...fixture.config, activation } };
        const inner = /layers?\.0\.(ffn\.lin1|intermediate\.dense|mlp\.Wi)\.weight$/;
        const parameter = [...fixture.parameters.keys()].find((one) => inner.test(one))!;
        const { gradients } = train(changed, { dropout: none });
        const { data } = fixture.parameters.get(parameter)!;
        expectGradient(valueBy(changed, parameter, none), data, gradients.get(parameter)!);
      }),
    );

    test('are the same for the same seed of dropout, and others for another', () =>
      expectNoLeakedTensors(() => {
        const [one, again, other] = [5, 5, 6].map((seed) => train(fixture, { seed }));
        expectClose(again!.output, one!.output, 0);
        for (const [parameter, gradient] of one!.gradients)
          expectClose(again!.gradients.get(parameter)!, gradient, 0, parameter);
        expect(other!.output).not.toEqual(one!.output);
      }));

    test('without dropout come with the output that prediction has', () =>
      expectNoLeakedTensors(() =>
        expectClose(train(fixture, { dropout: none }).output, hiddenStates(fixture).at(-1)!, 1e-5),
      ));
  });
}

describeEngines("the encoder's gradients", tests, ['native', 'wasm']);
