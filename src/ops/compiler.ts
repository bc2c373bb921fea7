import type { Context } from '../context.js';
import { isNative } from '../backend/native.js';
import { precisionNow, wayNow } from '../backend/precision.js';
import { hostAddon } from '../backend/start-native.js';
import { createCompiler, orEagerly, type Compiler } from '../compile/compile.js';

/**
 * Runs steps as single calls where the engine can and the work at hand may (`inWay`), else undefined; dispose of it with
 * what it runs. A step that cannot be compiled runs op by op, and people are told why. One key has a function in each precision.
 */
export function compilerHere({ notice }: Pick<Context, 'notice'>): Compiler | undefined {
  if (!isNative() || !wayNow().compile) return undefined;
  const compiler = orEagerly(createCompiler(hostAddon()), notice);
  return {
    ...compiler,
    step: (key, ...rest) => compiler.step(`${key} ${precisionNow()}`, ...rest),
  };
}
