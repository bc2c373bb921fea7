import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { encode, encoderGradient } from '../../../src/model/encoders/encode.js';
import type { EncoderDropout } from '../../../src/model/encoders/family.js';
import { familyOf } from '../../../src/model/encoders/registry.js';
import type { Trainable } from '../../../src/model/part.js';
import { dot, expectGradient } from '../../support/differences.js';
import {
  encoderFixture,
  hiddenStates,
  inside,
  onEngine,
  type EncoderFixture,
  type EncoderInputs,
  type TinyEncoder,
} from '../../support/encoder.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../../support/tensors.js';

const encoders: TinyEncoder[] = ['tiny-distilbert', 'tiny-bert'];

interface Options {
  trainable?: Trainable;
  dropout?: EncoderDropout;
  seed?: number;
}
const everything: Trainable = { embeddings: true, layers: [true, true, true] };
const none: EncoderDropout = { dropout: 0, attentionDropout: 0 };
const some: EncoderDropout = { dropout: 0.3, attentionDropout: 0.2 };

/** What part is trained, and which of the parameters (E: embeddings, else a layer) then have gradients. */
const frozen: [string, Trainable, (number | 'E')[]][] = [
  ['everything', everything, ['E', 0, 1, 2]],
  ['all but the embeddings', { embeddings: false, layers: [true, true, true] }, [0, 1, 2]],
  ['the last layer', { embeddings: false, layers: [false, false, true] }, [2]],
  ['the first and the last layer', { embeddings: false, layers: [true, false, true] }, [0, 2]],
  ['the embeddings', { embeddings: true, layers: [false, false, false] }, ['E']],
  ['nothing', { embeddings: false, layers: [false, false, false] }, []],
];

/** The output, and the gradients of its product with `upstreamOf`, on the host. */
function train(fixture: EncoderInputs, { trainable = everything, dropout = some, seed = 5 }: Options = {}) {
  const { parameters, input } = onEngine(fixture);
  const weights = (name: string) => parameters[name]!;
  const masks = { seed, drawn: 0 };
  const { output, saved } = encode(fixture.config, weights, input, {
    training: { trainable, dropout, masks },
  });
  const dy = tf.tensor(upstreamOf(fixture), output.shape);
  const gradients = encoderGradient(dy, saved, fixture.config, weights, input, { trainable, dropout });
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
    const training = { trainable: frozen.at(-1)![1], dropout, masks: { seed: 5, drawn: 0 } };
    const { output } = encode(fixture.config, (parameter) => parameters[parameter]!, input, { training });
    disposeAll(parameters, input);
    return dot(take(output), upstreamOf(fixture));
  };
}

/** 0 in the padding, as a model's gradient is. */
function upstreamOf(fixture: EncoderInputs): Float32Array {
  return inside(fixture, randomNumbers(fixture.ids.length * fixture.config.hidden, 2));
}

function tests(): void {
  describe.each(encoders)('of %s', (name) => {
    let fixture: EncoderFixture;
    beforeAll(async () => void (fixture = await encoderFixture(name)));

    test.each(frozen)('with %s trained are the same, and there are no others', (_, trainable, parts) =>
      expectNoLeakedTensors(() => {
        const [whole, part] = [train(fixture), train(fixture, { trainable })];
        const specs = familyOf(fixture.config).parameters(fixture.config);
        const groups = parts.map((p) => (p === 'E' ? 'embeddings' : p));
        const names = specs.flatMap(({ name, group }) => (groups.some((one) => one === group) ? [name] : []));
        expect([...part.gradients.keys()].sort()).toEqual(names.sort());
        for (const [parameter, gradient] of part.gradients)
          expectClose(gradient, whole.gradients.get(parameter)!, 1e-6, parameter);
        expectClose(part.output, whole.output, 0);
      }),
    );

    test('with dropout are those that differences show, for every parameter', () =>
      expectNoLeakedTensors(() => {
        const { gradients } = train(fixture);
        expect(gradients.size).toBe(fixture.parameters.size);
        for (const [parameter, { data }] of fixture.parameters) {
          if (/k_lin.bias|key.bias/.test(parameter)) continue; // the softmax does not see it: 0 but for rounding
          expectGradient(valueBy(fixture, parameter), data, gradients.get(parameter)!, parameter);
        }
      }));

    test.each(['gelu_new', 'relu'] as const)('with %s are those that differences show', (activation) =>
      expectNoLeakedTensors(() => {
        const changed = { ...fixture, config: { ...fixture.config, activation } };
        const inner = /layer\.0\.(ffn\.lin1|intermediate\.dense)\.weight$/;
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
        expectClose(train(fixture, { dropout: none }).output, hiddenStates(fixture).at(-1)!, 1e-6),
      ));
  });
}

describeEngines("the encoder's gradients", tests, ['native', 'wasm']);
