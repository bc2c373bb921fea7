import * as tf from '@tensorflow/tfjs-core';
import { staysInBfloat16 } from '../../../ops/bfloat16.js';
import type { Normalized } from '../../../ops/layerNorm.js';
import { linearSpecs, normSpecs, tableSpec, type Gradients, type ParameterSpec } from '../../part.js';
import { bertMaskedLm, bertParts } from '../bert.js';
import type { Family, Pass } from '../family.js';
import { paddingBias } from '../padding.js';
import type { EmbeddingSaved } from '../postNorm/embeddings.js';
import { layerOptions, layerWeights, named, postNorm } from '../postNorm/family.js';
import { encoderLayer, encoderLayerGradient, type LayerPart, type LayerSaved, type LayerWeights, type Pair } from '../postNorm/layer.js'; // prettier-ignore
import { encoderLayer16 } from '../postNorm/layer16.js';
import { disentangledAttention, type DisentangledSaved, type Surroundings } from './attention.js';
import { disentangledAttention16 } from './attention16.js';
import { debertaSchema, formatDeberta, type DebertaConfig } from './config.js';
import { pairRows } from './distances.js';
import { reach, reachedRows, reachedRowsGradient, tableRows } from './relativePositions.js';

/** What all layers see, and what the gradient of the table of positions needs. */
interface Shared extends Surroundings {
  first?: number;
  norm?: Pick<Normalized, 'normal' | 'inverse'>;
}
type Saved = LayerSaved<DisentangledSaved>;
type PositionPart = 'positionKey' | 'positionQuery';

const parts: Record<LayerPart | PositionPart, string> = {
  ...bertParts,
  query: 'attention.self.query_proj',
  key: 'attention.self.key_proj',
  value: 'attention.self.value_proj',
  positionKey: 'attention.self.pos_key_proj',
  positionQuery: 'attention.self.pos_query_proj',
};
const afterAttention = { dropoutAfterAttention: true };
const TABLE = 'deberta.encoder.rel_embeddings.weight';
const TABLE_NORM = 'deberta.encoder.LayerNorm';
const HEAD = 'cls.predictions';

/** BERT's embeddings and layers. The first are 0 at padding in transformers, which nothing sees but its convolution. */
const base = postNorm<DebertaConfig>({
  prefix: 'deberta',
  layers: 'encoder.layer',
  parts,
  ...afterAttention,
  firstPosition: ({ absolutePositions }) => (absolutePositions ? 0 : undefined),
});
const nameOf = (layer: number, part: LayerPart | PositionPart) => `${base.layerPrefix(layer)}${parts[part]}`;

/** DeBERTa v2, v3 (He et al. 2021, 2023) and mDeBERTa: relative positions in every layer's attention. */
export const debertaV2: Family<DebertaConfig, Shared, EmbeddingSaved, Saved> = {
  ...base,
  types: ['deberta-v2'],
  schema: debertaSchema,
  problem: ({ notComputed }) => notComputed,
  format: formatDeberta,
  parameters: (config) => [...base.parameters(config), ...positionSpecs(config)],
  optional: ({ hidden, vocabularySize }) => new Map([[`${HEAD}.decoder.weight`, [vocabularySize, hidden]]]),
  /** Both of transformers' heads compute the same; Microsoft's files have the second one's names. */
  rename: (name) =>
    name
      .replace(/^lm_predictions\.lm_head\.(dense|LayerNorm)\./, `${HEAD}.transform.$1.`)
      .replace(/^(lm_predictions\.lm_head|cls\.predictions\.decoder)\.bias$/, `${HEAD}.bias`),
  maskedLm: bertMaskedLm,

  shared({ config, weights, input }) {
    const { batch, seq } = input;
    const mirrored = Int32Array.from({ length: batch * seq }, (_, i) => i - 2 * (i % seq) + seq - 1);
    const surroundings = {
      bias: tf.reverse(paddingBias(input), 3),
      mirror: tf.tensor1d(mirrored, 'int32'),
    };
    const { relative, layerNormEpsilon: epsilon } = config;
    if (!relative) return surroundings;
    const reached = reach(relative, seq);
    const norm = relative.normalized ? { ...pairOf(weights, TABLE_NORM), epsilon } : undefined;
    const rows = reachedRows(weights(TABLE), reached, norm);
    const table = {
      value: rows.value,
      order: tf.tensor1d(reached.order, 'int32'),
      pairs: pairRows(seq),
    };
    return { ...surroundings, table, first: reached.first, norm: rows.norm };
  },
  layer(x, layer, pass, shared, save) {
    const weights = layerWeights(pass, layer, nameOf);
    const given = attentionGiven(weights, pass, layer, shared);
    const rest = [weights, layerOptions(pass, afterAttention), pass.masks] as const;
    if (save || !staysInBfloat16()) return encoderLayer(x, disentangledAttention(...given), ...rest, save);
    return { output: encoderLayer16(x, disentangledAttention16(...given), ...rest) };
  },
  layerGradient(dy, saved, layer, pass, shared, wanted) {
    const weights = layerWeights(pass, layer, nameOf);
    const attention = disentangledAttention(...attentionGiven(weights, pass, layer, shared));
    const computed = encoderLayerGradient(dy, saved, attention, weights, wanted);
    const gradient = named(computed, layer, nameOf);
    for (const part of ['positionKey', 'positionQuery'] as const)
      for (const [each, tensor] of Object.entries(computed.weights?.[part] ?? {}))
        gradient.gradients.set(`${nameOf(layer, part)}.${each}`, tensor as tf.Tensor);
    return gradient;
  },
  sharedGradient(d, { weights }, { first, norm }) {
    const saved = norm && { saved: norm, weight: weights(`${TABLE_NORM}.weight`) };
    const { table, weight, bias } = reachedRowsGradient(d, weights(TABLE), first!, saved);
    const gradients: Gradients = new Map([[TABLE, table]]);
    if (weight) gradients.set(`${TABLE_NORM}.weight`, weight);
    if (bias) gradients.set(`${TABLE_NORM}.bias`, bias);
    return gradients;
  },
};

/** What a layer's attention is made of. */
function attentionGiven(
  own: LayerWeights,
  pass: Pass<DebertaConfig>,
  layer: number,
  shared: Surroundings,
): Parameters<typeof disentangledAttention> {
  const { config, weights, input, dropout } = pass;
  const { attentionHeads: heads, hidden, relative, scored } = config;
  const positions = (is: boolean, shares: Pair, part: PositionPart) =>
    relative && is
      ? { [part]: relative.sharedProjections ? shares : pairOf(weights, nameOf(layer, part)) }
      : {};
  const keys = positions(scored.contentToPosition, own.key, 'positionKey');
  const queries = positions(scored.positionToContent, own.query, 'positionQuery');
  const terms = 1 + Number(scored.contentToPosition) + Number(scored.positionToContent);
  const options = {
    shape: { batch: input.batch, seq: input.seq, heads },
    scale: 1 / Math.sqrt((hidden / heads) * terms),
    sharedProjections: relative?.sharedProjections ?? false,
    dropout: dropout.dropout,
    attentionDropout: dropout.attentionDropout,
  };
  return [own, { ...keys, ...queries }, shared, options];
}

/** The table, its norm, and the projections of it that are not the pieces'. */
function positionSpecs({ hidden, layers, relative, scored }: DebertaConfig): ParameterSpec[] {
  if (!relative) return [];
  const own = relative.sharedProjections
    ? []
    : [
        ...(scored.contentToPosition ? (['positionKey'] as const) : []),
        ...(scored.positionToContent ? (['positionQuery'] as const) : []),
      ];
  return [
    tableSpec(TABLE, [tableRows(relative), hidden]),
    ...(relative.normalized ? normSpecs(TABLE_NORM, hidden, 'embeddings') : []),
    ...Array.from({ length: layers }, (_, layer) =>
      own.flatMap((part) => linearSpecs(nameOf(layer, part), [hidden, hidden], layer)),
    ).flat(),
  ];
}

function pairOf(weights: Pass['weights'], name: string): Pair {
  return { weight: weights(`${name}.weight`), bias: weights(`${name}.bias`) };
}
