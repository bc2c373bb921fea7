import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { convertCorpus } from '../../src/data/convert.js';
import { readCorpus } from '../../src/data/corpus.js';
import { InputError, UsageError } from '../../src/errors.js';
import { captureOutput } from '../support/captureOutput.js';
import { corpusFiles, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const text = 'La médica y Ana.\n';
const files = {
  ...corpusFiles({ a: text }),
  'task1/a.ann':
    'T1\tA 3 9\tmédica\nT2\tB 3 15\tmédica y Ana\nT3\tA 0 2;12 15\tLa Ana\nR1\tOf Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tx\n',
  'task2/a.ann': 'T1\tX 3 9\tmédica\nT2\tZ 12 15\tAna\n',
};

describe('a conversion', () => {
  test('counts and names what it does not read, and what the format cannot hold', async () => {
    const out = join(folder(), 'out');
    const { conversion } = await convertCorpus(writeFiles(folder(), files), out, { tasks: twoTasks, to: 'conll' }); // prettier-ignore
    expect(conversion).toEqual({
      from: 'brat',
      to: 'conll',
      out,
      documents: 1,
      spans: { ner: 2, class: 1 },
      codes: 0,
      passedOver: { relations: 1, notes: 1, 'spans in parts': 1, 'spans of labels that no task lists': 1 },
      lost: { 'spans that overlap others of their task': 1 },
    });
    const { documents } = await readCorpus(out, twoTasks);
    expect(documents[0]!.spans).toEqual({
      ner: [{ label: 'B', start: 3, end: 15 }],
      class: [{ label: 'X', start: 3, end: 9 }],
    });
  });

  test('writes over nothing', async () => {
    const corpus = writeFiles(folder(), files);
    const full = writeFiles(folder(), { 'x.txt': '' });
    const convert = (out: string) => convertCorpus(corpus, out, { tasks: twoTasks, to: 'conll' });
    await expect(convert(full)).rejects.toThrow(new UsageError(`${full} is not empty: choose another OUT`));
    await expect(convert(join(full, 'x.txt'))).rejects.toThrow('is there already: choose another OUT');
    const empty = folder();
    await convert(empty);
    expect(readdirSync(empty).sort()).toEqual(['a.conll', 'a.txt']);
  });

  test('writes nothing into the corpus itself', async () => {
    const corpus = writeFiles(folder(), files);
    const convert = convertCorpus(corpus, join(corpus, 'sub'), { tasks: twoTasks, to: 'conll' });
    await expect(convert).rejects.toThrow(UsageError);
    await expect(convert).rejects.toThrow(/sub would be in the corpus .* itself: choose another OUT$/);
    expect(readdirSync(corpus).sort()).toEqual(['task1', 'task2']);
  });

  test('of a file whose name does not tell its format says with which option that is said', async () => {
    const corpus = join(writeFiles(folder(), { 'one.txt': 'Ana B-A\n' }), 'one.txt');
    const convert = convertCorpus(corpus, join(folder(), 'out'), { tasks: twoTasks, to: 'brat' });
    await expect(convert).rejects.toThrow(/one\.txt is a file, .*: say which with --from \(/);
  });

  test('leaves nothing behind where the corpus is wrong', async () => {
    const parent = folder();
    const corpus = writeFiles(folder(), { ...files, 'task1/a.ann': 'T1\tA 3 99\tmédica\n' });
    await expect(
      convertCorpus(corpus, join(parent, 'out'), { tasks: twoTasks, to: 'conll' }),
    ).rejects.toThrow(InputError);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('of a corpus whose labels no task lists is refused, and names them', async () => {
    const corpus = writeFiles(folder(), { 'a.conll': 'Ana B-PER\nLima B-LOC\n' });
    const out = join(folder(), 'out');
    await expect(convertCorpus(corpus, out, { tasks: twoTasks, to: 'brat' })).rejects.toThrow(
      /^No span of .* has a label of a task: 1 span has the label "PER", .* "LOC", which no task lists; ignored. Name the labels with --labels, or tasks with --config.$/,
    );
    expect(existsSync(out)).toBe(false);
  });
});

describe('meddoprof convert', () => {
  const convert = (...args: string[]) => captureOutput(() => runProgram(['convert', ...args]));

  test('takes the labels of one task, and says what it did', async () => {
    const corpus = writeFiles(folder(), { 'a.conll': 'Ana B-PER\nLima B-LOC\nya O\n' });
    const out = join(folder(), 'out');
    const { stdout, stderr, value } = await convert(corpus, out, '--to', 'brat', '--labels', 'PER');
    expect({ stdout, value }).toEqual({
      stdout: `documents: 1, spans: 1 of spans, codes: 0, from conll to brat: ${out}\nnot read, since documents have no place for them: spans of labels that no task lists: 1\n`,
      value: 0,
    });
    expect(stderr).toContain('1 span has the label "LOC", which no task lists; ignored.');
    expect(readFileSync(join(out, 'a.ann'), 'utf8')).toBe('T1\tPER 0 3\tAna\n');
  });

  test('prints its summary with --json', async () => {
    const corpus = writeFiles(folder(), { 'a.conll': 'Ana B-PER\n' });
    const out = join(folder(), 'out');
    const { stdout } = await convert(corpus, out, '--to', 'brat', '--labels', 'PER', '--json');
    expect(JSON.parse(stdout)).toEqual({
      from: 'conll',
      to: 'brat',
      out,
      documents: 1,
      spans: { spans: 1 },
      codes: 0,
      passedOver: {},
      lost: {},
    });
  });

  test('has one way of saying which labels', async () => {
    const { stderr, value } = await convert('a', 'b', '--to', 'brat', '--labels', 'A', '--config', 'c.yaml');
    expect({ stderr, value }).toEqual({
      stderr: 'error: --labels says what the one task is; leave out --config and --set tasks\n',
      value: 2,
    });
  });
});
