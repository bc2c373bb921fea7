import { UsageError } from '../../errors.js';
import { viewWeights, type WeightFile } from '../weights/weightFile.js';
import type { EncoderConfig } from './family.js';
import { familyOf } from './registry.js';

/** An encoder's config and where the values of its parameters come from. */
export interface EncoderSource {
  config: EncoderConfig;
  weights: WeightFile;
}

/**
 * An encoder of only some of the layers, in the order given, numbered anew from 0. Parameters that do not
 * belong to the encoder (pooler, masked-LM head) are left out.
 * @throws UsageError for a layer that is not there, or layers that cannot stand alone
 */
export function selectLayers(
  { config, weights }: EncoderSource,
  layers: number[] | null,
  option = 'encoder.layers',
): EncoderSource {
  const family = familyOf(config);
  const chosen = layers ?? Array.from({ length: config.layers }, (_, layer) => layer);
  const missing = chosen.find((layer) => layer >= config.layers);
  if (missing !== undefined)
    throw new UsageError(
      `${option} asks for layer ${missing}, and ${weights.file} has layers 0 to ${config.layers - 1}`,
    );
  const selected = family.select?.(config, chosen) ?? { ...config, layers: chosen.length };
  const views = family.parameters(selected).map(({ name, group }) => {
    const prefix = typeof group === 'number' ? family.layerPrefix(group) : '';
    const isOfLayer = prefix !== '' && name.startsWith(prefix);
    const from = isOfLayer ? family.layerPrefix(chosen[group as number]!) + name.slice(prefix.length) : name;
    return [name, { from }] as const;
  });
  return { config: selected, weights: viewWeights(weights, new Map(views)) };
}
