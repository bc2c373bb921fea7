import * as tf from '@tensorflow/tfjs-core';
import type { AttentionSaved } from '../../../ops/attention.js';
import { staysInBfloat16 } from '../../../ops/bfloat16.js';
import type { Gradients, ParameterSpec } from '../../part.js';
import { linearSpecs, normSpecs, tableSpec } from '../../part.js';
import type { EncoderConfig, Family, LayerGradient, Pass } from '../family.js';
import { paddingBias } from '../padding.js';
import { dotProductAttention, dotProductAttention16 } from './attention.js';
import {
  embedPieces,
  embedPiecesGradient,
  type EmbeddingSaved,
  type EmbeddingWeights,
} from './embeddings.js';
import {
  encoderLayer,
  encoderLayerGradient,
  LAYER_PARTS,
  type LayerOptions,
  type LayerPart,
  type LayerSaved,
  type LayerWeights,
} from './layer.js';
import { encoderLayer16 } from './layer16.js';

/** An encoder with BERT's layers. */
export interface PostNormConfig extends EncoderConfig {
  /** 0: there are no token types. */
  typeVocabularySize: number;
}

/** What sets a family with BERT's layers apart from the others. */
export interface PostNormFamily<C extends PostNormConfig> {
  prefix: string;
  /** Between the prefix and a layer's number. */
  layers: string;
  /** Names of a layer's parts, without `.weight` and `.bias`. */
  parts: Record<LayerPart, string>;
  dropoutAfterAttention: boolean;
  /** Rows of the position table before that of the first piece; undefined: there is no such table. */
  firstPosition(config: C): number | undefined;
}

type Shared = { bias: tf.Tensor }; // [batch, 1, 1, seq]
type Computed<C extends PostNormConfig> = Pick<
  Family<C, Shared, EmbeddingSaved, LayerSaved<AttentionSaved>>,
  'prefix' | 'parameters' | 'layerPrefix' | 'shared' | 'embed' | 'embedGradient' | 'layer' | 'layerGradient'
>;

/** Parameters and passes of a family with BERT's embeddings and layers. */
export function postNorm<C extends PostNormConfig>(family: PostNormFamily<C>): Computed<C> {
  const { prefix, firstPosition } = family;
  const layerPrefix = (layer: number) => `${prefix}.${family.layers}.${layer}.`;
  const nameOf = (layer: number, part: LayerPart) => `${layerPrefix(layer)}${family.parts[part]}`;
  const embeddings = `${prefix}.embeddings`;

  const embeddingWeights = ({ config, weights }: Pass<C>): EmbeddingWeights => ({
    words: weights(`${embeddings}.word_embeddings.weight`),
    positions:
      firstPosition(config) === undefined ? undefined : weights(`${embeddings}.position_embeddings.weight`),
    types: config.typeVocabularySize > 0 ? weights(`${embeddings}.token_type_embeddings.weight`) : undefined,
    norm: {
      weight: weights(`${embeddings}.LayerNorm.weight`),
      bias: weights(`${embeddings}.LayerNorm.bias`),
    },
  });

  const optionsOf = (pass: Pass<C>) => layerOptions(pass, family);
  const positionSpecs = ({ positions, hidden }: C, first: number | undefined) =>
    first === undefined
      ? []
      : [tableSpec(`${embeddings}.position_embeddings.weight`, [first + positions, hidden])];
  const shapeOf = ({ config, input: { batch, seq } }: Pass<C>) => ({
    batch,
    seq,
    heads: config.attentionHeads,
  });
  const embeddingShape = ({ config, input: { batch, seq } }: Pass<C>) => ({
    batch,
    seq,
    firstPosition: firstPosition(config) ?? 0,
  });

  return {
    prefix,
    layerPrefix,
    parameters: (config) => [
      tableSpec(`${embeddings}.word_embeddings.weight`, [config.vocabularySize, config.hidden], 'words'),
      ...positionSpecs(config, firstPosition(config)),
      ...(config.typeVocabularySize > 0
        ? [
            tableSpec(`${embeddings}.token_type_embeddings.weight`, [
              config.typeVocabularySize,
              config.hidden,
            ]),
          ]
        : []),
      ...normSpecs(`${embeddings}.LayerNorm`, config.hidden, 'embeddings'),
      ...Array.from({ length: config.layers }, (_, layer) => layerSpecs(config, layer, nameOf)).flat(),
    ],

    shared: ({ input }) => ({ bias: paddingBias(input) }),
    embed: (pass) =>
      embedPieces(
        pass.input.rows,
        embeddingShape(pass),
        embeddingWeights(pass),
        { epsilon: pass.config.layerNormEpsilon, dropout: pass.dropout.dropout },
        pass.masks,
      ),
    embedGradient(dy, saved, pass) {
      const g = embedPiecesGradient(dy, saved, embeddingShape(pass), embeddingWeights(pass));
      const gradients: Gradients = new Map();
      gradients.set(`${embeddings}.word_embeddings.weight`, g.words);
      if (g.positions) gradients.set(`${embeddings}.position_embeddings.weight`, g.positions);
      if (g.types) gradients.set(`${embeddings}.token_type_embeddings.weight`, g.types);
      gradients.set(`${embeddings}.LayerNorm.weight`, g.norm.weight);
      gradients.set(`${embeddings}.LayerNorm.bias`, g.norm.bias);
      return gradients;
    },
    layer(x, layer, pass, { bias }, save) {
      const weights = layerWeights(pass, layer, nameOf);
      const given = [weights, bias, shapeOf(pass), pass.dropout.attentionDropout] as const;
      if (save || !staysInBfloat16())
        return encoderLayer(x, dotProductAttention(...given), weights, optionsOf(pass), pass.masks, save);
      return {
        output: encoderLayer16(x, dotProductAttention16(...given), weights, optionsOf(pass), pass.masks),
      };
    },
    layerGradient(dy, saved, layer, pass, { bias }, wanted) {
      const weights = layerWeights(pass, layer, nameOf);
      const attention = dotProductAttention(weights, bias, shapeOf(pass), pass.dropout.attentionDropout);
      return named(encoderLayerGradient(dy, saved, attention, weights, wanted), layer, nameOf);
    },
  };
}

/** The parameters of a layer by its parts. */
export function layerWeights(
  { weights }: Pick<Pass, 'weights'>,
  layer: number,
  nameOf: (layer: number, part: LayerPart) => string,
): LayerWeights {
  const entries = LAYER_PARTS.map((part) => {
    const name = nameOf(layer, part);
    return [part, { weight: weights(`${name}.weight`), bias: weights(`${name}.bias`) }] as const;
  });
  return Object.fromEntries(entries) as LayerWeights;
}

export function layerOptions(
  { config, dropout, asked }: Pass,
  { dropoutAfterAttention }: Pick<LayerOptions, 'dropoutAfterAttention'>,
): LayerOptions {
  return {
    epsilon: config.layerNormEpsilon,
    activation: config.activation,
    dropout: dropout.dropout,
    dropoutAfterAttention,
    asked,
  };
}

/** Parameters of a layer, in the order of BERT's files. */
export function layerSpecs(
  { hidden, intermediate }: EncoderConfig,
  layer: number,
  nameOf: (layer: number, part: LayerPart) => string,
): ParameterSpec[] {
  const linear = (part: LayerPart, inputs: number, out: number) =>
    linearSpecs(nameOf(layer, part), [out, inputs], layer);
  const norm = (part: LayerPart) => normSpecs(nameOf(layer, part), hidden, layer);
  return [
    ...(['query', 'key', 'value', 'attentionOut'] as const).flatMap((part) => linear(part, hidden, hidden)),
    ...norm('attentionNorm'),
    ...linear('inner', hidden, intermediate),
    ...linear('outer', intermediate, hidden),
    ...norm('outputNorm'),
  ];
}

/** A layer's gradients by the names of its parameters. */
export function named(
  { input, weights, shared }: ReturnType<typeof encoderLayerGradient>,
  layer: number,
  nameOf: (layer: number, part: LayerPart) => string,
): LayerGradient {
  const gradients: Gradients = new Map();
  if (weights)
    for (const part of LAYER_PARTS) {
      gradients.set(`${nameOf(layer, part)}.weight`, weights[part].weight);
      gradients.set(`${nameOf(layer, part)}.bias`, weights[part].bias);
    }
  return { gradients, input, shared };
}
