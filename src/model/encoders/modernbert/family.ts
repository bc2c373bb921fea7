import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../../../errors.js';
import { staysInBfloat16 } from '../../../ops/bfloat16.js';
import { applyMask, dropoutMask, type DropoutMask } from '../../../ops/dropout.js';
import { embedding, embeddingGradient } from '../../../ops/embedding.js';
import { layerNorm, layerNormGradient, type Normalized } from '../../../ops/layerNorm.js';
import { rotation, type Rotation } from '../../../ops/rotary.js';
import { tidy } from '../../../ops/tidy.js';
import { linearSpecs, normSpecs, tableSpec, type Gradients, type ParameterSpec } from '../../part.js';
import type { Family, Pass } from '../family.js';
import { maskedLmHead } from '../maskedLmHead.js';
import { paddingBias } from '../padding.js';
import { formatModernBert, modernBertProblem, modernBertSchema, type AttentionType, type ModernBertConfig } from './config.js'; // prettier-ignore
import { modernLayer, modernLayerGradient, type ModernLayerSaved, type ModernLayerWeights } from './layer.js';
import { modernLayer16 } from './layer16.js';

/** What the layers of one kind of attention see. */
interface Sight {
  bias: tf.Tensor; // [batch, 1, 1, seq], or [batch, 1, seq, seq] where a window holds
  turn: Rotation;
}
type Shared = Partial<Record<AttentionType, Sight>>;

interface EmbeddingSaved {
  rows: tf.Tensor1D;
  norm: Pick<Normalized, 'normal' | 'inverse'>;
  mask?: DropoutMask;
}

const PREFIX = 'model';
const layerPrefix = (layer: number) => `${PREFIX}.layers.${layer}.`;
const WORDS = `${PREFIX}.embeddings.tok_embeddings.weight`;
const EMBEDDING_NORM = `${PREFIX}.embeddings.norm.weight`;
const FINAL_NORM = `${PREFIX}.final_norm.weight`;
const HIDDEN_BY_WINDOW = -1e9;

/** ModernBERT (Warner et al. 2024): norms before the blocks, no biases, gated GELU, rotary positions, most layers local. */
export const modernbert: Family<ModernBertConfig, Shared, EmbeddingSaved, ModernLayerSaved> = {
  types: ['modernbert'],
  prefix: PREFIX,
  schema: modernBertSchema,
  problem: modernBertProblem,
  format: formatModernBert,
  layerPrefix,
  parameters: (config) => [
    tableSpec(WORDS, [config.vocabularySize, config.hidden], 'words'),
    ...normSpecs(`${PREFIX}.embeddings.norm`, config.hidden, 'embeddings', { bias: false }),
    ...Array.from({ length: config.layers }, (_, layer) => layerSpecs(config, layer)).flat(),
    ...normSpecs(`${PREFIX}.final_norm`, config.hidden, config.layers - 1, { bias: false }),
  ],
  optional: ({ hidden, vocabularySize }) => new Map([['decoder.weight', [vocabularySize, hidden]]]),
  select(config, layers) {
    if (layers[0] !== 0 || layers.indexOf(0, 1) > 0)
      throw new UsageError(
        'the first layer of a ModernBERT is the only one without a norm before it: encoder.layers must begin with 0, and have it once',
      );
    return { ...config, layers: layers.length, attention: layers.map((layer) => config.attention[layer]!) };
  },
  maskedLm: (config) =>
    maskedLmHead(
      { dense: 'head.dense', norm: 'head.norm', bias: 'decoder.bias' },
      config,
      config.headActivation,
      { biases: false },
    ),

  shared({ config, input }) {
    const padding = paddingBias(input);
    const size = config.hidden / config.attentionHeads;
    const sight = (type: AttentionType): Sight => ({
      bias: type === 'full' ? padding : tf.add(padding, windowBias(input.seq, config.reach)),
      turn: rotation(input.seq, size, config.theta[type]),
    });
    return Object.fromEntries([...new Set(config.attention)].map((type) => [type, sight(type)]));
  },
  embed({ config, weights, input, dropout, masks }) {
    return tidy(() => {
      const words = embedding(weights(WORDS), input.rows); // [n, hidden]
      const { value, ...norm } = layerNorm(
        words,
        weights(EMBEDDING_NORM),
        undefined,
        config.layerNormEpsilon,
      );
      const mask = dropoutMask(words.shape, dropout.dropout, masks);
      const saved = { rows: tf.clone(input.rows), norm, mask };
      return { output: applyMask(value, mask), saved };
    });
  },
  embedGradient: (dy, saved, { weights }) =>
    new Map(
      tidy((): [string, tf.Tensor][] => {
        const d = applyMask(dy, saved.mask);
        const norm = layerNormGradient(d, saved.norm, weights(EMBEDDING_NORM), {
          weights: true,
          bias: false,
        });
        return [
          [WORDS, embeddingGradient(norm.input, saved.rows, weights(WORDS).shape[0]!)],
          [EMBEDDING_NORM, norm.weight!],
        ];
      }),
    ),
  layer(x, layer, pass, shared, save) {
    const { bias, turn } = shared[pass.config.attention[layer]!]!;
    const given = [x, bias, turn, layerWeights(pass, layer), optionsOf(pass), pass.masks] as const;
    return !save && staysInBfloat16() ? { output: modernLayer16(...given) } : modernLayer(...given, save);
  },
  layerGradient(dy, saved, layer, pass, shared, wanted) {
    const { turn } = shared[pass.config.attention[layer]!]!;
    const weights = layerWeights(pass, layer);
    const { input, parts } = modernLayerGradient(dy, saved, turn, weights, optionsOf(pass), wanted);
    const gradients: Gradients = new Map();
    for (const [part, gradient] of Object.entries(parts))
      gradients.set(nameOf(layer, part as Part), gradient);
    return { gradients, input };
  },
};

type Part = keyof ModernLayerWeights;
const names: Record<Exclude<Part, 'finalNorm'>, string> = {
  attentionNorm: 'attn_norm',
  projections: 'attn.Wqkv',
  attentionOut: 'attn.Wo',
  innerNorm: 'mlp_norm',
  inner: 'mlp.Wi',
  outer: 'mlp.Wo',
};

function nameOf(layer: number, part: Part): string {
  return part === 'finalNorm' ? FINAL_NORM : `${layerPrefix(layer)}${names[part]}.weight`;
}

function layerSpecs({ hidden, intermediate }: ModernBertConfig, layer: number): ParameterSpec[] {
  const bare = { bias: false };
  const named = (part: keyof typeof names) => `${layerPrefix(layer)}${names[part]}`;
  return [
    ...(layer > 0 ? normSpecs(named('attentionNorm'), hidden, layer, bare) : []),
    ...linearSpecs(named('projections'), [3 * hidden, hidden], layer, bare),
    ...linearSpecs(named('attentionOut'), [hidden, hidden], layer, bare),
    ...normSpecs(named('innerNorm'), hidden, layer, bare),
    ...linearSpecs(named('inner'), [2 * intermediate, hidden], layer, bare),
    ...linearSpecs(named('outer'), [hidden, intermediate], layer, bare),
  ];
}

/** The last layer has the norm that ends the encoder, too: what is above it sees no other state of it. */
function layerWeights({ config, weights }: Pass<ModernBertConfig>, layer: number): ModernLayerWeights {
  const read = (part: Part) => weights(nameOf(layer, part));
  return {
    attentionNorm: layer > 0 ? read('attentionNorm') : undefined,
    projections: read('projections'),
    attentionOut: read('attentionOut'),
    innerNorm: read('innerNorm'),
    inner: read('inner'),
    outer: read('outer'),
    finalNorm: layer === config.layers - 1 ? read('finalNorm') : undefined,
  };
}

function optionsOf({ config, input: { batch, seq }, dropout, asked }: Pass<ModernBertConfig>) {
  return {
    asked,
    batch,
    seq,
    heads: config.attentionHeads,
    dropout: dropout.dropout,
    attentionDropout: dropout.attentionDropout,
    epsilon: config.layerNormEpsilon,
    activation: config.activation,
  };
}

/** [1, 1, seq, seq]: 0 where two pieces are at most `reach` apart. */
function windowBias(seq: number, reach: number): tf.Tensor {
  const bias = new Float32Array(seq * seq);
  for (let i = 0; i < seq; i++)
    for (let j = 0; j < seq; j++) if (Math.abs(i - j) > reach) bias[i * seq + j] = HIDDEN_BY_WINDOW;
  return tf.tensor4d(bias, [1, 1, seq, seq]);
}
