import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { hostAddon } from '../../../src/backend/start-native.js';
import { createCompiler, eagerly, type Fed } from '../../../src/compile/compile.js';
import { InputError } from '../../../src/errors.js';
import { parseEncoderConfig } from '../../../src/model/encoders/config.js';
import { bucket, reach } from '../../../src/model/encoders/debertaV2/relativePositions.js';
import { byPair, byPairGradient, pairRows } from '../../../src/model/encoders/debertaV2/distances.js';
import { encode, encoderGradient } from '../../../src/model/encoders/encode.js';
import type { EncoderConfig } from '../../../src/model/encoders/family.js';
import { familyOf } from '../../../src/model/encoders/registry.js';
import { openHuggingFace } from '../../../src/model/weights/huggingFace.js';
import { dot, expectGradient } from '../../support/differences.js';
import { encoderFixture, hiddenStates, inside, onEngine, type EncoderFixture } from '../../support/encoder.js'; // prettier-ignore
import { describeEngines } from '../../support/engines.js';
import { fixtureFolder, fixtureJson, fixtureTensors, type FixtureTensor } from '../../support/fixtures.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, randomTensor, take } from '../../support/tensors.js';

const json = fixtureJson('tiny-deberta-v2/config.json');
const variants = fixtureJson('tiny-deberta-v2/variants.json');
const parse = (change: object) => parseEncoderConfig({ ...json, ...change }, 'config.json');

describe("the config of DeBERTa's", () => {
  test.each(Object.entries<object>({ 'v2 itself': {}, ...variants.configs }))(
    '%s is written as it is read',
    (_, change) => {
      const config = parse(change);
      expect(parseEncoderConfig(familyOf(config).format(config), 'config.json')).toEqual(config);
    },
  );

  test('file has the defaults of transformers', () => {
    expect(parseEncoderConfig({ model_type: 'deberta-v2' }, 'config.json')).toEqual({
      type: 'deberta-v2',
      hidden: 1536,
      layers: 24,
      attentionHeads: 24,
      intermediate: 6144,
      vocabularySize: 128_100,
      positions: 512,
      typeVocabularySize: 0,
      layerNormEpsilon: 1e-7,
      activation: 'gelu',
      absolutePositions: true,
      scored: { contentToPosition: false, positionToContent: false },
    });
  });

  test('v3 says how many positions a window may have, though it has no table of them', () => {
    const v3 = { position_biased_input: false, max_relative_positions: -1, position_buckets: 256 };
    expect(parse({ ...v3, max_position_embeddings: 512, pos_att_type: 'p2c|c2p' })).toMatchObject({
      positions: 512,
      relative: { farthest: 512, buckets: 256 },
      scored: { contentToPosition: true, positionToContent: true },
    });
  });

  test.each([
    [{ conv_kernel_size: 3 }, /^config\.json: conv_kernel_size is 3, and .* such as DeBERTa v3 or mDeBERTa$/],
    [{ embedding_size: 16 }, /^config\.json: embedding_size is 16: only that of hidden_size, 32, /],
    [{ attention_head_size: 16 }, /^config\.json: attention_head_size is 16: only 32 \/ 4 can be read$/],
    [{ pos_att_type: 'c2p|p2p' }, /^config\.json: pos_att_type has "p2p": only c2p and p2c /],
    [{ position_buckets: 16 }, /^config\.json: position_buckets is 16, which cannot hold distances up to 6$/],
  ])('with %j is refused with a sentence', (change, message) => {
    expect(() => parse(change)).toThrow(InputError);
    expect(() => parse(change)).toThrow(message);
  });
});

describe('the buckets of distances', () => {
  test.each<[number, number, number[]]>(
    variants.buckets.map((one: { position_buckets: number; farthest: number; of: number[] }) => [
      one.position_buckets,
      one.farthest,
      one.of,
    ]),
  )('are those of transformers: %i up to %i', (buckets, farthest, expected) => {
    const config = { buckets, farthest, sharedProjections: true, normalized: true };
    const distances = Array.from(expected.keys());
    expect(distances.map((distance) => bucket(distance, config))).toEqual(expected);
    expect(distances.map((distance) => 0 - bucket(-distance, config))).toEqual(expected);
  });

  test('that are beyond the table count as its last row, and only those in reach are read', () => {
    const config = { buckets: 0, farthest: 3, sharedProjections: false, normalized: false };
    expect(reach(config, 3)).toEqual({ first: 1, count: 5, order: Int32Array.of(0, 1, 2, 3, 4) });
    expect(reach(config, 6)).toEqual({
      first: 0,
      count: 6,
      order: Int32Array.of(0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5),
    });
  });
});

describeEngines('scores by distance', () => {
  const [batch, heads] = [2, 3];

  test.each([1, 2, 5])('are arranged by pairs of %i pieces as if each were looked up, and back', (seq) =>
    expectNoLeakedTensors(() => {
      const [x, dy] = [randomTensor([batch, heads, seq, 2 * seq - 1], 1), randomTensor([batch, heads, seq, seq], 2)]; // prettier-ignore
      const rows = pairRows(seq);
      const [given, upstream] = [take(tf.clone(x)), take(tf.clone(dy))];
      const gradient = new Float32Array(given.length);
      const expected = upstream.map((d, at) => {
        const [row, j] = [Math.floor(at / seq), at % seq];
        const from = row * (2 * seq - 1) + (row % seq) + j;
        gradient[from] = d;
        return given[from]!;
      });
      expectClose(take(byPair(x, rows)), expected, 0);
      expectClose(take(byPairGradient(dy, rows)), gradient, 0);
      disposeAll(x, dy, rows.forward, rows.backward);
    }),
  );
});

function tests(): void {
  let fixture: EncoderFixture;
  let states: Map<string, FixtureTensor>;
  beforeAll(async () => {
    fixture = await encoderFixture('tiny-deberta-v2');
    states = await fixtureTensors('tiny-deberta-v2/variants.safetensors');
  });

  /** The same weights under another config, but those that it has no use for. */
  const variant = (change: object): EncoderFixture => {
    const config = parse(change);
    const names = familyOf(config)
      .parameters(config)
      .map(({ name }) => name);
    return {
      ...fixture,
      config,
      parameters: new Map(names.map((name) => [name, fixture.parameters.get(name)!])),
    };
  };

  test.each(Object.entries<object>(variants.configs))(
    '%s: gives the states of transformers',
    (name, change) =>
      expectNoLeakedTensors(() => {
        const changed = variant(change);
        expectClose(inside(changed, hiddenStates(changed).at(-1)!), states.get(name)!.data, 1e-5);
      }),
  );

  test.each(['content to position', 'position to content', 'not relative', 'shared content to position'])(
    '%s: has the gradients that differences show',
    (name) =>
      expectNoLeakedTensors(() => {
        const changed = variant(variants.configs[name]);
        const gradients = gradientsOf(changed);
        expect([...gradients.keys()].sort()).toEqual([...changed.parameters.keys()].sort());
        for (const [parameter, { data }] of changed.parameters) {
          if (!/layer\.1\.attention\.self|rel_embeddings/.test(parameter)) continue;
          if (/key_proj\.bias/.test(parameter)) continue; // the softmax may not see it: 0 but for rounding
          expectGradient(valueBy(changed, parameter), data, gradients.get(parameter)!, parameter);
        }
      }),
  );
}

describeEngines('DeBERTa under another config', tests, ['native', 'wasm']);

describeEngines(
  'DeBERTa',
  () => {
    test('is held by a compiled step, forward and back', () =>
      expectNoLeakedTensors(async () => {
        const fixture = await encoderFixture('tiny-deberta-v3');
        const compiler = createCompiler(hostAddon());
        const [first, compiled] = [0, 1].map(() =>
          gradientsOf(fixture, (inputs, work) => compiler.step('step', inputs, work)),
        );
        for (const [parameter, gradient] of first!)
          expectClose(compiled!.get(parameter)!, gradient, 5e-5, parameter);
        compiler.dispose();
      }));
  },
  ['native'],
);

test("tensors of Microsoft's files have one name, whichever head transformers makes of them", async () => {
  const names = async (folder: string) => {
    const config = parseEncoderConfig(fixtureJson(`${folder}/config.json`), 'config.json');
    const file = (await openHuggingFace(join(fixtureFolder, folder), config))!;
    await file.close();
    const known = familyOf(config).maskedLm(config).parameters;
    return known.map(({ name, shape }) => [name, file.entries.get(name)?.shape.length === shape.length]);
  };
  const [v2, v3] = [await names('tiny-deberta-v2'), await names('tiny-deberta-v3')];
  expect(v2).toEqual(v3);
  expect(v2.every(([, isThere]) => isThere)).toBe(true);
});

const dropout = { dropout: 0.3, attentionDropout: 0.2 };
const trainable = ({ layers }: EncoderConfig, is: boolean) => ({
  embeddings: is,
  layers: Array<boolean>(layers).fill(is),
});
const upstreamOf = (fixture: EncoderFixture) =>
  inside(fixture, randomNumbers(fixture.ids.length * fixture.config.hidden, 2));

/** Of the output's product with `upstreamOf`, with dropout; `run` may compile what it is given. */
function gradientsOf(
  fixture: EncoderFixture,
  run: <I, T>(inputs: I, work: (fed: Fed<I>) => T) => T = eagerly,
): Map<string, Float32Array> {
  const { parameters, input } = onEngine(fixture);
  const dy = tf.tensor(upstreamOf(fixture), [fixture.ids.length, fixture.config.hidden]);
  const trained = { trainable: trainable(fixture.config, true), dropout };
  const gradients = run({ parameters, rows: input.rows, dy }, (fed) => {
    const masks = { seed: 5, drawn: 0 };
    const weights = (name: string) => fed.parameters[name]!;
    const own = { ...input, rows: fed.rows };
    const { saved } = encode(fixture.config, weights, own, { training: { ...trained, masks } });
    return Object.fromEntries(encoderGradient([fed.dy], saved, fixture.config, weights, own, trained));
  });
  disposeAll(parameters, input, dy);
  return new Map(Object.entries(gradients).map(([name, gradient]) => [name, take(gradient)]));
}

function valueBy(fixture: EncoderFixture, name: string): (at: Float32Array) => number {
  return (data) => {
    const { shape } = fixture.parameters.get(name)!;
    const parameters = new Map(fixture.parameters).set(name, { shape, data });
    const placed = onEngine({ ...fixture, parameters });
    const { output } = encode(fixture.config, (parameter) => placed.parameters[parameter]!, placed.input, {
      training: { trainable: trainable(fixture.config, false), dropout, masks: { seed: 5, drawn: 0 } },
    });
    disposeAll(placed.parameters, placed.input);
    return dot(take(output), upstreamOf(fixture));
  };
}
