import { beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolders } from '../support/temporaryFolder.js';

const scripts = join(import.meta.dirname, '../../scripts');
const temporaryFolder = temporaryFolders();
let root: string;

/** A copy of the scripts in a project of their own, where tfjs-node-gpu is an empty package. */
beforeEach(() => {
  root = temporaryFolder();
  cpSync(join(scripts, 'setup.mjs'), join(root, 'scripts/setup.mjs'));
  cpSync(join(scripts, 'setup'), join(root, 'scripts/setup'), { recursive: true });
  mkdirSync(join(root, 'bin'));
  const folder = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version": "4.22.0"}');
});

/** A program on the PATH that setup sees: a few lines of sh. */
function program(name: string, lines = 'exit 0'): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
}

/** A Python of some version; its pip fails, and leaves a line in pip.log each time. */
function python(version: string, hasVenv = 'True'): void {
  program(
    'python3',
    `case "$2" in
      venv) /bin/mkdir -p "$4/bin" && /bin/cp "$0" "$4/bin/python";;
      pip) echo tried >> ${root}/pip.log; echo "ERROR: No matching distribution found for $6" >&2; exit 1;;
      *) echo ${version}; echo ${hasVenv};;
    esac`,
  );
}

function setup(...args: string[]): { status: number | null; said: string } {
  const env = { PATH: join(root, 'bin') };
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs'), ...args], {
    env,
    cwd: root,
    encoding: 'utf8',
  });
  return { status, said: stderr };
}

describe('setup of the native engine', () => {
  test('asks for npm install where the package is missing', () => {
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(setup()).toMatchObject({ status: 1, said: expect.stringContaining('run npm install first') });
  });

  test('names the compiler and make where they are missing', () => {
    const { status, said } = setup();
    expect(status).toBe(1);
    expect(said).toMatch(
      /^The native engine was not built\. It needs a C\+\+ compiler .* apt install build-essential.*\n$/,
    );
  });

  test('says which Pythons will do where there is none', () => {
    program('g++');
    program('make');
    expect(setup()).toMatchObject({
      status: 1,
      said: expect.stringMatching(/needs Python 3\.10 to 3\.13 .* none was found: install it/),
    });
  });

  test('says which Python it saw where that is too old', () => {
    program('g++');
    program('make');
    python('3.8');
    expect(setup().said).toContain('here python3 is 3.8');
  });

  test('says that venv is missing', () => {
    program('g++');
    program('make');
    python('3.11', 'False');
    expect(setup().said).toContain('python3 (3.11) lacks venv');
  });

  test('quotes what pip said, and keeps it for the errors of the program', () => {
    program('g++');
    program('make');
    python('3.11');
    const { status, said } = setup('--cpu');
    expect(status).toBe(1);
    expect(said).toMatch(/pip could not install tensorflow.*No matching distribution found/);
    const failure = JSON.parse(readFileSync(join(root, '.native/failure.json'), 'utf8'));
    expect(failure).toMatchObject({
      reason: expect.stringContaining('pip could not install'),
      flavour: 'cpu',
    });
  });

  test('goes on without the engine with --if-missing, and asks pip only once', () => {
    program('g++');
    program('make');
    python('3.11');
    const first = setup('--if-missing');
    const second = setup('--if-missing');
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(second.said).toMatch(/^Going on with the portable engine.*pip could not.*npm run setup\.\n$/);
    expect(readFileSync(join(root, 'pip.log'), 'utf8')).toBe('tried\n');
  });

  test('compiles nothing but our own kernels where nothing else has changed', () => {
    program('g++', 'for last; do [ "$before" = -o ] && echo made > "$last"; before=$last; done; exit 0');
    program('make');
    const binding = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
    const files = { addon: 'lib/napi-v8/tfjs_binding.node', host: 'lib/host.node', library: 'deps/lib/libtensorflow.so' }; // prettier-ignore
    for (const file of Object.values(files)) {
      mkdirSync(join(binding, file, '..'), { recursive: true });
      writeFileSync(join(binding, file), 'old');
    }
    const tensorflow = /TENSORFLOW = '(.*)'/.exec(readFileSync(join(scripts, 'setup/tensorflow.mjs'), 'utf8'))![1]; // prettier-ignore
    const folder = join(root, '.native/tensorflow-cpu');
    const stamp = { tensorflow, flavour: 'cpu', tfjs: '4.22.0', arch: process.arch, folder, host: 'before' };
    writeFileSync(join(binding, 'lib/built.json'), JSON.stringify(stamp));
    const { said } = setup('--if-missing');
    expect(said).toMatch(
      /^Compiling our own kernels\nGoing on .*\. The addon was compiled but does not load/,
    );
    const now = Object.values(files).map((file) => readFileSync(join(binding, file), 'utf8'));
    expect(now).toEqual(['old', 'made\n', 'old']);
    expect(existsSync(join(binding, 'lib/built.json'))).toBe(false);
  });

  test('takes over the lock of a setup that was killed', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    mkdirSync(join(root, '.native'));
    writeFileSync(join(root, '.native/lock'), String(pid));
    expect(setup().said).not.toContain('Waiting');
    expect(existsSync(join(root, '.native/lock'))).toBe(false);
  });

  test('refuses options that it does not know', () => {
    expect(setup('--gpu')).toMatchObject({
      status: 2,
      said: expect.stringContaining('Unknown option --gpu'),
    });
  });
});
