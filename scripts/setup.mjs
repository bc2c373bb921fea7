#!/usr/bin/env node
/**
 * Builds the native engine: @tensorflow/tfjs-node-gpu on the TensorFlow that pip carries.
 * Everything comes from the package registries that npm and pip already use, and lands in .native/ and in
 * node_modules; running it again does only what is missing.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {
  compileAddon,
  findBinding,
  findCompiler,
  hasAddon,
  linkLibraries,
  tryAddon,
} from './setup/addon.mjs';
import { compileHost, hostVersion } from './setup/host.mjs';
import { lock } from './setup/lock.mjs';
import { SetupError, again, logTail, native, readJson, say, writeJson } from './setup/shell.mjs';
import { TENSORFLOW, environmentOf, installTensorflow } from './setup/tensorflow.mjs';

const USAGE = `Usage: npm run setup [-- OPTIONS]

Builds the native engine (TensorFlow ${TENSORFLOW} under TensorFlow.js) in .native/ and node_modules/.

  --cuda         on TensorFlow for NVIDIA GPUs (the default where nvidia-smi answers)
  --cpu          on TensorFlow for CPUs
  --if-missing   only where there is none yet; where it cannot be built, say why and go on (exit status 0)
`;

async function main(args) {
  const known = ['--cuda', '--cpu', '--if-missing', '--help', '-h'];
  const unknown = args.find((option) => !known.includes(option));
  const both = args.includes('--cuda') && args.includes('--cpu');
  if (unknown !== undefined || both) {
    say(`${both ? 'Choose one of --cuda and --cpu' : `Unknown option ${unknown}`}\n\n${USAGE}`);
    return 2;
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const flavour = args.includes('--cuda') ? 'cuda' : args.includes('--cpu') ? 'cpu' : undefined;
  const ifMissing = args.includes('--if-missing');
  try {
    await setUp(flavour, ifMissing);
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError) && !error.code) throw error;
    if (!ifMissing) say(`The native engine was not built. ${error.message}`);
    else
      say(
        `Going on with the portable engine, which is slower: the native one was not built. ${error.message}`,
      );
    return ifMissing ? 0 : 1;
  }
}

async function setUp(asked, ifMissing) {
  const binding = findBinding();
  if (ifMissing && isBuilt(binding, asked)) return;
  const flavour = asked ?? (nvidiaAnswers() ? 'cuda' : 'cpu');
  const failureFile = path.join(native, 'failure.json'); // the engine's errors quote it
  const failure = readJson(failureFile);
  if (ifMissing && failure?.slow && failure.flavour === flavour)
    throw new SetupError(`${failure.reason} To try again: ${again}.`);
  fs.mkdirSync(native, { recursive: true });
  const unlock = await lock(path.join(native, 'lock'));
  try {
    if (ifMissing && isBuilt(binding, asked)) return;
    build(binding, flavour);
    fs.rmSync(failureFile, { force: true });
  } catch (error) {
    writeJson(failureFile, { reason: error.message, slow: error.slow, flavour });
    throw error;
  } finally {
    unlock();
  }
}

/** Each step looks whether its work is done already; the stamp comes last, when the addon has loaded. */
function build(binding, flavour) {
  const differing = changedOf(binding, flavour);
  if (differing.length === 0) {
    const found = tryAddon(binding);
    if (found) return say(`The native engine is there: ${found}.`);
    say('The native engine is there but does not load: building it again');
  }
  fs.rmSync(stampOf(binding), { force: true });
  const compiler = findCompiler();
  if (differing.join() === 'host') say('Compiling our own kernels');
  else {
    const site = installTensorflow(flavour);
    linkLibraries(binding, site);
    compileAddon(binding, compiler, flavour);
  }
  compileHost(binding, compiler);
  const found = tryAddon(binding);
  if (!found) throw new SetupError(`The addon was compiled but does not load. ${logTail()}`);
  writeJson(stampOf(binding), stampFor(binding, flavour));
  say(`Done: the native engine is ${found}.`);
}

const stampOf = (binding) => path.join(binding, 'lib', 'built.json');

function stampFor(binding, flavour) {
  const { version } = readJson(path.join(binding, 'package.json'));
  return {
    tensorflow: TENSORFLOW,
    flavour,
    tfjs: version,
    arch: process.arch,
    folder: environmentOf(flavour),
    host: hostVersion(),
  };
}

/** True where the stamp fits this machine and the flavour asked for, and the files are there. */
const isBuilt = (binding, flavour) => changedOf(binding, flavour).length === 0;

/** What of the stamp does not fit; all of it where files are missing. */
function changedOf(binding, flavour) {
  const stamp = readJson(stampOf(binding));
  const expected = stampFor(binding, flavour ?? stamp?.flavour);
  const isThere = stamp && hasAddon(binding);
  return Object.keys(expected).filter((key) => !isThere || stamp[key] !== expected[key]);
}

function nvidiaAnswers() {
  const result = spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8', timeout: 30_000 });
  return result.status === 0 && /GPU \d/.test(result.stdout);
}

process.exitCode = await main(process.argv.slice(2));
