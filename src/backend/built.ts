import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** Where scripts/setup.mjs puts the engine that it builds: in tfjs-node-gpu. */
export const addonFolder = () =>
  path.join(path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib');

/** 'cpu' or 'cuda' where scripts/setup.mjs has built the engine, else undefined. */
export function builtFlavour(): 'cpu' | 'cuda' | undefined {
  try {
    return JSON.parse(readFileSync(path.join(addonFolder(), 'built.json'), 'utf8')).flavour;
  } catch {
    return undefined;
  }
}
