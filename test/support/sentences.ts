import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fixtureFolder, fixtureJson, fixtureTensors } from './fixtures.js';

interface Variant {
  encoder: string;
  /** Path → JSON. */
  files: Record<string, unknown>;
}

const expected = fixtureJson('sentences/expected.json') as {
  sentences: string[];
  variants: Record<string, Variant>;
};

export const sentences: readonly string[] = expected.sentences;
export const variantNames = Object.keys(expected.variants);
export const DENSE = 'distilbert, mean, dense tanh';

/** What sentence-transformers computes of `sentences`, row by row. */
export async function expectedVectors(variant: string): Promise<Float32Array> {
  return (await fixtureTensors('sentences/expected.safetensors')).get(variant)!.data;
}

/** Writes a folder of sentence-transformers; `change` replaces files (undefined: leaves them out). */
export function writeSentenceFolder(
  folder: string,
  variant: string = DENSE,
  change: Record<string, unknown> = {},
): void {
  const { encoder, files } = expected.variants[variant]!;
  for (const file of ['config.json', 'model.safetensors', 'tokenizer_config.json', 'vocab.txt'])
    copyFileSync(join(fixtureFolder, encoder, file), join(folder, file));
  for (const [path, json] of Object.entries({ ...files, ...change })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (json !== undefined)
      writeFileSync(join(folder, path), typeof json === 'string' ? json : JSON.stringify(json));
  }
  if ('2_Dense/config.json' in files)
    copyFileSync(
      join(fixtureFolder, 'sentences/dense.safetensors'),
      join(folder, '2_Dense/model.safetensors'),
    );
}
