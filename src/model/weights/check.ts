import { InputError } from '../../errors.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import { checkShape, type WeightFile } from './weightFile.js';

/** @throws InputError naming file and tensor, where one is missing or has another shape than the config says */
export function checkShapes(weights: WeightFile, config: EncoderConfig, configFile: string): void {
  const family = familyOf(config);
  const shapes = (specs: ReturnType<typeof family.parameters>) =>
    specs.map(({ name, shape }) => [name, shape] as const);
  const required = new Map(shapes(family.parameters(config)));
  const optional = [...family.optional(config), ...shapes(family.maskedLm(config).parameters)];
  for (const [name, shape] of [...required, ...optional]) {
    const entry = weights.entries.get(name);
    if (!entry && !required.has(name)) continue;
    if (!entry) {
      const wanted = `a ${config.type} of ${config.layers} layers, as ${configFile} describes it, needs it`;
      throw new InputError(`${weights.file}: there is no tensor ${name}; ${wanted}`);
    }
    checkShape(weights, name, shape, configFile);
    if (!/^B?F(16|32|64)$/.test(entry.dtype))
      throw new InputError(
        `${weights.file}: ${name} has type ${entry.dtype}; it must be F32, F16, BF16 or F64`,
      );
  }
}
