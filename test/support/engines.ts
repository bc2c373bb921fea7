import { beforeAll, describe } from '@jest/globals';
import { startEngine } from '../../src/backend/engine.js';
import type { EngineName } from '../../src/backend/started.js';
import { builtFlavour } from '../../src/backend/built.js';
import { readSynchronously, webgpuIsThere } from './webgpu.js';

/** The engines that work here. The portable ones always do. */
export async function availableEngines(): Promise<EngineName[]> {
  return [
    ...(builtFlavour() ? (['native'] as const) : []),
    ...(webgpuIsThere() ? (['webgpu'] as const) : []),
    'wasm',
    'cpu',
  ];
}

const available = await availableEngines();

const missing: Partial<Record<EngineName, string>> = {
  native: 'not built here, see npm run setup',
  webgpu: 'no adapter to test it on, see docs/webgpu.md',
};

/**
 * Runs the same tests on every engine (or those named), each started before its tests. An engine that is
 * not built is skipped, and the test's name says so. Make tensors inside tests or beforeAll only.
 */
export function describeEngines(
  name: string,
  tests: (engine: EngineName) => void,
  engines: EngineName[] = ['native', 'webgpu', 'wasm', 'cpu'],
): void {
  for (const engine of engines) {
    if (available.includes(engine))
      describe(`${name} (${engine})`, () => {
        beforeAll(async () => {
          await startEngine({ engine, device: 'auto' });
          if (engine === 'webgpu') readSynchronously();
        });
        tests(engine);
      });
    else describe.skip(`${name} (${engine}: ${missing[engine]})`, () => tests(engine));
  }
}
