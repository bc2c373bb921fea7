import type { Context } from '../context.js';
import { isNative } from '../backend/native.js';
import { hostAddon } from '../backend/start-native.js';
import { createCompiler, orEagerly, type Compiler, type CompilerOptions } from '../compile/compile.js';

/**
 * Runs steps as single calls where the engine can, else undefined; dispose of it with what it runs. A step that cannot
 * be compiled runs op by op, and people are told why.
 */
export function compilerHere(
  { notice }: Pick<Context, 'notice'>,
  options?: CompilerOptions,
): Compiler | undefined {
  return isNative() ? orEagerly(createCompiler(hostAddon(), options), notice) : undefined;
}
