import { Document, isScalar, visit } from 'yaml';
import type { Config } from './schema.js';

/** A resolved config as YAML: every option with its value. Loaded again, it gives the same config. */
export function formatConfig(config: Config): string {
  const document = new Document(config, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every(isScalar)) list.flow = true;
    },
  });
  keepExponents(document);
  return document.toString({ lineWidth: 110, flowCollectionPadding: false });
}

/** Small numbers as people write learning rates: 5e-5. */
export function keepExponents(document: Document): void {
  visit(document, {
    Scalar: (_, scalar) => {
      const size = typeof scalar.value === 'number' ? Math.abs(scalar.value) : 1;
      if (size > 0 && size < 1e-3) scalar.format = 'EXP';
    },
  });
}
