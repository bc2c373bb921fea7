import { UsageError } from '../errors.js';
import type { EncoderConfig } from './weights/config.js';
import { layerPrefix } from './weights/names.js';
import { encoderShapes } from './weights/shapes.js';
import { viewWeights, type WeightFile } from './weights/weightFile.js';

/** An encoder's config and where the values of its parameters come from. */
export interface EncoderSource {
  config: EncoderConfig;
  weights: WeightFile;
}

/**
 * An encoder of only some of the layers, in the order given, numbered anew from 0. Parameters that belong
 * to no encoder layer (pooler, masked-LM head) are left out.
 * @throws UsageError for a layer that is not there
 */
export function selectLayers(
  { config, weights }: EncoderSource,
  layers: number[] | null,
  option = 'encoder.layers',
): EncoderSource {
  const chosen = layers ?? Array.from({ length: config.layers }, (_, layer) => layer);
  const missing = chosen.find((layer) => layer >= config.layers);
  if (missing !== undefined)
    throw new UsageError(
      `${option} asks for layer ${missing}, and ${weights.file} has layers 0 to ${config.layers - 1}`,
    );
  const selected = { ...config, layers: chosen.length };
  const views = new Map(
    [...encoderShapes(selected).keys()].map((name) => [name, { from: sourceName(name, config, chosen) }]),
  );
  return { config: selected, weights: viewWeights(weights, views) };
}

function sourceName(name: string, { type }: EncoderConfig, chosen: number[]): string {
  const prefix = layerPrefix(type, 0).slice(0, -1); // up to the number
  if (!name.startsWith(prefix)) return name;
  const [number, ...rest] = name.slice(prefix.length).split('.');
  return `${prefix}${[chosen[Number(number)], ...rest].join('.')}`;
}
