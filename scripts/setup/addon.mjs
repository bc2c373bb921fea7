import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  SetupError,
  again,
  answers,
  isInstalled,
  logTail,
  native,
  readJson,
  record,
  root,
  run,
  say,
} from './shell.mjs';
import { HOST } from './host.mjs';
import { environmentOf } from './tensorflow.mjs';

const BINDING = '@tensorflow/tfjs-node-gpu';
const ADDON = 'lib/napi-v8/tfjs_binding.node';

/** The folder of tfjs-node-gpu, wherever npm put it. */
export function findBinding() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    throw new SetupError(
      `It can be built on Linux (x64, arm64) only, and this is ${process.platform} (${process.arch}).`,
    );
  const found = bindingFolder();
  if (found) return found;
  if (!isInstalled) throw new SetupError(`The package ${BINDING} is missing: run npm install first.`);
  bringBinding();
  const brought = bindingFolder();
  if (brought) return brought;
  throw new SetupError(
    `The package ${BINDING} is missing, and npm does not bring it: install it with npm install --ignore-scripts ${BINDING}@${bindingVersion()}, then ${again}.`,
  );
}

function bindingFolder() {
  try {
    return path.dirname(createRequire(import.meta.url).resolve(`${BINDING}/package.json`));
  } catch {
    return undefined;
  }
}

const bindingVersion = () => readJson(path.join(root, 'package.json')).optionalDependencies[BINDING];

/**
 * Where a project has this as a package, npm leaves tfjs-node-gpu out when the package's own install script
 * fails: it downloads an old TensorFlow, which is not needed here. Without scripts npm brings what is left out.
 */
function bringBinding() {
  const project = root.slice(0, root.lastIndexOf(`${path.sep}node_modules${path.sep}`));
  say(`Installing ${BINDING}, without its script`);
  fs.mkdirSync(native, { recursive: true });
  const args = ['install', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  if (!run('npm', args, { cwd: project }))
    throw new SetupError(`npm could not install ${BINDING} in ${project}. ${logTail()}`);
}

/** True where the addon's files are there, and TensorFlow is where its links lead. Loads nothing. */
export const hasAddon = (binding) =>
  [ADDON, HOST, 'deps/lib/libtensorflow.so'].every((file) => fs.existsSync(path.join(binding, file)));

/** tfjs-node looks for TensorFlow's headers and libraries in its own folder deps/. */
export function linkLibraries(binding, site) {
  say('Linking its libraries into tfjs-node-gpu');
  const deps = path.join(binding, 'deps');
  const tensorflow = path.join(site, 'tensorflow');
  const links = {
    include: path.join(tensorflow, 'include'),
    'lib/libtensorflow.so': path.join(tensorflow, 'libtensorflow_cc.so.2'),
    'lib/libtensorflow_cc.so.2': path.join(tensorflow, 'libtensorflow_cc.so.2'),
    'lib/libtensorflow_framework.so': path.join(tensorflow, 'libtensorflow_framework.so.2'),
    'lib/libtensorflow_framework.so.2': path.join(tensorflow, 'libtensorflow_framework.so.2'),
  };
  // The CUDA build's run path is $ORIGIN/../nvidia/*/lib.
  const nvidia = path.join(site, 'nvidia');
  if (fs.existsSync(nvidia)) links.nvidia = nvidia;
  fs.rmSync(deps, { recursive: true, force: true });
  fs.mkdirSync(path.join(deps, 'lib'), { recursive: true });
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(deps, name));
}

export function compileAddon(binding, compiler, flavour) {
  say('Compiling the addon');
  const preGyp = createRequire(path.join(binding, 'package.json')).resolve(
    '@mapbox/node-pre-gyp/bin/node-pre-gyp',
  );
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  const env = {
    ...process.env,
    CXX: compiler,
    npm_config_python: path.join(environmentOf(flavour), 'bin', 'python'),
  };
  if (!env.npm_config_nodedir && fs.existsSync(path.join(prefix, 'include', 'node', 'node.h')))
    env.npm_config_nodedir = prefix;
  fs.rmSync(path.join(binding, ADDON), { force: true });
  if (!run(process.execPath, [preGyp, 'install', '--build-from-source'], { cwd: binding, env }))
    throw new SetupError(
      `The addon could not be compiled (it needs Node's headers: where they cannot be downloaded, set npm_config_nodedir to the folder that has include/node). ${logTail()}`,
    );
}

/**
 * Loads the addon in a process of its own and multiplies two matrices. Returns what it found, such as
 * 'TensorFlow 2.21.0 on the GPU', or undefined where it does not work.
 */
export function tryAddon(binding) {
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray = Array.isArray;
    const host = { exports: {} };
    const { RTLD_NOW, RTLD_GLOBAL } = require('node:os').constants.dlopen;
    process.dlopen(host, ${JSON.stringify(path.join(binding, HOST))}, RTLD_NOW | RTLD_GLOBAL);
    const tf = require(${JSON.stringify(binding)});
    host.exports.addKernels();
    const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0];
    if (product !== 11) throw new Error('TensorFlow says that 1·3 + 2·4 is ' + product);
    const { binding } = tf.backend();
    const device = binding.isUsingGpuDevice() ? 'GPU' : 'CPU';
    process.stdout.write('found: TensorFlow ' + binding.TF_Version + ' on the ' + device);`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
  const result = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env });
  const found = /^found: (.*)/m.exec(result.stdout)?.[1];
  if (result.status === 0 && found) return found;
  record(`\n$ node: loading the addon\n${result.stderr}`);
  return undefined;
}

/** Returns the name of a C++ compiler that answers. */
export function findCompiler() {
  const compiler = [process.env.CXX, 'g++', 'c++', 'clang++'].find(
    (name) => name && answers(name, ['--version']),
  );
  const missing = [!compiler && 'a C++ compiler (g++)', !answers('make', ['--version']) && 'make'].filter(
    Boolean,
  );
  if (missing.length)
    throw new SetupError(
      `It needs ${missing.join(' and ')}: install them (on Debian and Ubuntu: apt install build-essential), then ${again}.`,
    );
  return compiler;
}
