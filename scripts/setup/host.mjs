import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError, logTail, native, run } from './shell.mjs';

/** Where the small addon goes, below the folder of tfjs-node-gpu. */
export const HOST = 'lib/host.node';

const here = fileURLToPath(new URL('host', import.meta.url));
const sources = [
  'host.cc',
  'kernels.cc',
  'compute.cc',
  'computeAttention.cc',
  'computeElements.cc',
  'computeSoftmax.cc',
  'parallel.cc',
];
/** What kernels compute is compiled for each of these sets of instructions: the best is taken where it runs. */
const computing = ['attention.cc', 'elements.cc', 'layerNorm.cc', 'lstm.cc', 'softmax.cc'];
const instructions = {
  plain: [],
  ...(process.arch === 'x64' && { avx2: ['-mavx2', '-mfma'], avx512: ['-mavx512f', '-mavx2', '-mfma'] }),
};

/** Changes with what the addon is made of, and how. */
export function hostVersion() {
  const files = fs.readdirSync(here).map((name) => path.join(here, name));
  const hash = createHash('sha256');
  for (const file of [fileURLToPath(import.meta.url), ...files.sort()]) hash.update(fs.readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** See host/host.cc and host/kernels.cc. */
export function compileHost(binding, compiler) {
  const work = fs.mkdtempSync(path.join(native, 'host-'));
  const compile = (...args) => {
    if (!run(compiler, ['-std=c++17', '-fPIC', '-pthread', ...args]))
      throw new SetupError(`The compiler ${compiler} does not work. ${logTail()}`);
  };
  const at = (source) => path.join(here, source);
  try {
    const objects = Object.entries(instructions).flatMap(([name, options]) =>
      computing.map((source) => {
        const object = path.join(work, `${name}-${source}.o`);
        compile('-O3', ...options, `-DINSTRUCTIONS=${name}`, '-c', at(source), '-o', object);
        return object;
      }),
    );
    const made = path.join(binding, `${HOST}.new`);
    // Every library that is loaded after it would take what it exports for its own. TensorFlow holds on to its functions.
    const linking = [`-Wl,--version-script=${at('exports.map')}`, '-Wl,-z,nodelete'];
    compile('-O1', '-shared', ...linking, '-o', made, ...sources.map(at), ...objects);
    fs.renameSync(made, path.join(binding, HOST)); // processes may have the old one open
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}
