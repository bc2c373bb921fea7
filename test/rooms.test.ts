import { describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { rooms, roomRules } = (await import(join(root, 'eslint.rooms.js'))) as {
  rooms: string[];
  roomRules: Linter.Config[];
};

/** What lint says of a file of src that imports something. */
function faults(file: string, code: string): string[] {
  return new Linter({ cwd: root })
    .verify(code, roomRules, join(root, 'src', file))
    .map(({ message }) => message);
}

describe('the order of the rooms', () => {
  test('has every folder of src', () => {
    const folders = readdirSync(join(root, 'src')).map((name) => name.replace('.ts', ''));
    expect(rooms).toEqual(expect.arrayContaining(folders));
  });

  test.each([
    ['data/brat.ts', "import { train } from '../train/train.js';"],
    ['model/weights/open.ts', "import { train } from '../../train/train.js';"],
    ['eval/check.ts', "const { run } = await import('../cli/program.js');"],
    ['config/load.ts', "export * from '../data/brat.js';"],
    ['errors.ts', "import './config/load.js';"],
    ['runFolder/status.ts', "import { TRAINING } from '../run/trainRun.js';"],
    ['compare/open.ts', "import { openCheckpoint } from '../model/folder.js';"],
  ])('lets %s import nothing from below: %s', (file, code) => {
    expect(faults(file, code)).toEqual([expect.stringContaining('no room that stands below it')]);
  });

  test.each([
    ['train/train.ts', "import { readCorpus } from '../data/corpus.js';"],
    ['model/weights/open.ts', "import { InputError } from '../../errors.js';"],
    ['eval/check.ts', "import { scores } from './scores.js';"],
    ['run/trainRun.ts', "import { runPaths } from '../runFolder/paths.js';"],
    ['cli/train.ts', "const { train } = await import('../train/train.js');"],
  ])('lets %s import from above: %s', (file, code) => {
    expect(faults(file, code)).toEqual([]);
  });

  test('keeps what others may take along free of the rest', () => {
    const code = "import { InputError } from '../errors.js';";
    expect(faults('compile/compile.ts', code)).toEqual([expect.stringContaining('nothing of this project')]);
    expect(faults('compile/compile.ts', "import { traceToGraph } from './graph.js';")).toEqual([]);
  });

  test('keeps TensorFlow out of the rooms that must start quickly', () => {
    const code = "import * as tf from '@tensorflow/tfjs-core';";
    expect(faults('eval/scores.ts', code)).toEqual([expect.stringContaining('never loads TensorFlow')]);
    expect(faults('ops/lstm.ts', code)).toEqual([]);
  });
});
