import { beforeAll, describe } from '@jest/globals';
import { type EngineName, startEngine } from '../../src/backend/engine.js';
import { builtFlavour } from '../../src/backend/start-native.js';

/** The engines that work here, fastest first. The portable ones always do. */
export async function availableEngines(): Promise<EngineName[]> {
  return builtFlavour() ? ['native', 'wasm', 'cpu'] : ['wasm', 'cpu'];
}

const available = await availableEngines();

/**
 * Runs the same tests on every engine (or those named), each started before its tests. An engine that is
 * not built is skipped, and the test's name says so. Make tensors inside tests or beforeAll only.
 */
export function describeEngines(
  name: string,
  tests: (engine: EngineName) => void,
  engines: EngineName[] = ['native', 'wasm', 'cpu'],
): void {
  for (const engine of engines) {
    if (available.includes(engine))
      describe(`${name} (${engine})`, () => {
        beforeAll(async () => void (await startEngine({ engine, device: 'auto' })));
        tests(engine);
      });
    else describe.skip(`${name} (${engine}: not built here, see npm run setup)`, () => tests(engine));
  }
}
