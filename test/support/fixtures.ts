import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../src/model/weights/safetensors.js';

/** What PyTorch computed: see scripts/fixtures/README.md. */
export const fixtureFolder = join(import.meta.dirname, '../fixtures');

export interface FixtureTensor {
  shape: number[];
  data: Float32Array;
}

/** Tensors of a safetensors file by name, as float32. @param file relative to test/fixtures */
export async function fixtureTensors(file: string): Promise<Map<string, FixtureTensor>> {
  const opened = await openSafetensors(join(fixtureFolder, file));
  const tensors = new Map<string, FixtureTensor>();
  for (const [name, { shape }] of opened.entries) tensors.set(name, { shape, data: await opened.read(name) });
  await opened.close();
  return tensors;
}

export function fixtureJson(file: string) {
  return JSON.parse(readFileSync(join(fixtureFolder, file), 'utf8'));
}

/** The pieces of a tiny model's vocab.txt. */
export function fixtureVocabulary(name: string): string[] {
  return readFileSync(join(fixtureFolder, name, 'vocab.txt'), 'utf8')
    .trimEnd()
    .split('\n');
}
