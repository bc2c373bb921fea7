import { afterEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import type { CorpusCheck } from '../../src/eval/check.js';
import { captureOutput } from '../support/captureOutput.js';
import { corpusFiles, writeFiles } from '../support/corpus.js';
import { fixtureFolder } from '../support/fixtures.js';
import { describeShared, sharedFile, trainingSet } from '../support/shared.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

const config = `
data: {corpus: ignored}
tasks: {ner: {folder: task1, labels: [A, B]}, class: {folder: task2, labels: [X, Y]}}
`;

/** Runs `check` on a corpus of these files with a config of labels A, B and X, Y. */
async function check(files: Record<string, string | null>, ...options: string[]) {
  const place = writeFiles(folder(), { 'config.yaml': config });
  const corpus = writeFiles(join(place, 'corpus'), files);
  const { value, ...output } = await captureOutput(() =>
    runProgram(['check', corpus, '--config', join(place, 'config.yaml'), ...options]),
  );
  return { ...output, status: value, corpus };
}

const good = {
  ...corpusFiles({ a: 'La médica y la jueza.' }),
  'task1/a.ann': 'T1\tB 15 20\tjueza\nT2\tA 3 9\tmédica\n',
  'task2/a.ann': 'T1\tX 3 9\tmédica\nT2\tX 15 20\tjueza\n',
};
const bad = { ...good, 'task1/a.ann': 'T1\tA 3 10\tmédica\nT2\tZ 3 9\tmédica\nT3\tA 3 90\tx\n' };

describe('check', () => {
  test('shows facts, spans per label and ceilings as tables', async () => {
    const { stdout, status } = await check(good);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^documents +1$/m);
    expect(stdout).toMatch(/^\.ann files not in order +1$/m);
    expect(stdout).toMatch(/^ner +A +1$/m);
    expect(stdout).toMatch(/^BIOU, outputs joint +1\.000 +1\.000$/m);
    expect(stdout).toMatch(/No faults\.\n$/);
  });

  test('lists every fault with file and line and fails where one is an error', async () => {
    const { stdout, status, corpus } = await check(bad);
    expect(status).toBe(1);
    const ann = join(corpus, 'task1', 'a.ann');
    expect(stdout).toContain(`error: ${ann}:1: A 3 10 is "médica " in the text, but the line says "médica".`);
    expect(stdout).toContain(`error: ${ann}:3: A 3 90 points past the text's 21 characters.`);
    expect(stdout).toContain(`warning: ${join(corpus, 'task1')}: 1 span has the label Z`);
    expect(stdout).toMatch(/\n2 errors, 1 warning\.\n$/);
  });

  test('does not fail for warnings', async () => {
    const { status, stdout } = await check({ ...good, 'task1/a.ann': 'T1\tZ 3 9\tmédica\n' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/\n0 errors, 1 warning\.\n$/);
  });

  test('prints the same as JSON', async () => {
    const { stdout, status } = await check(bad, '--json');
    expect(status).toBe(1);
    const result = JSON.parse(stdout) as CorpusCheck;
    expect(result).toMatchObject({
      errors: 2,
      facts: { documents: 1, tasks: { class: { spans: 2 } } },
      pieces: null,
    });
    expect(result.faults).toHaveLength(3);
    expect(result.ceilings).toHaveLength(6);
  });

  test('counts pieces where a vocabulary is given', async () => {
    const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'La', 'la', 'y', '.', 'jue', '##za'];
    const place = writeFiles(folder(), { 'vocab.txt': `${vocabulary.join('\n')}\n` });
    const { stdout } = await check(good, '--json', '--vocabulary', join(place, 'vocab.txt'));
    const { pieces } = JSON.parse(stdout) as CorpusCheck;
    expect(pieces).toMatchObject({ words: 6, pieces: 7, unknown: 1, longest: 7 });
  });

  test("shows what a folder's tokenizer makes of the texts, and the ceilings with it", async () => {
    const folder = join(fixtureFolder, 'tokenizers/unigram');
    const { stdout } = await check(good, '--encoder', folder);
    expect(stdout).toContain(`tokenizer (${join(folder, 'tokenizer.json')})`);
    expect(stdout).toMatch(/^pieces per word +2\.\d\d$/m);
    expect(stdout).toMatch(/^best F1 that an encoding allows with this tokenizer +ner +class/m);
    const { pieces, ceilings } = JSON.parse((await check(good, '--json', '--encoder', folder)).stdout) as CorpusCheck; // prettier-ignore
    expect(pieces).toMatchObject({ words: 6, unknown: 0, acrossWords: 0 });
    expect(pieces!.piecesPerWord).toBeCloseTo(pieces!.pieces / 6);
    expect(ceilings).toHaveLength(6);
  });

  test('says where a folder has no tokenizer', async () => {
    const place = folder();
    const { stderr, status } = await check(good, '--encoder', place);
    expect(status).toBe(1);
    expect(stderr).toMatch(`error: ${join(place, 'vocab.txt')} does not exist, nor does tokenizer.json`);
  });

  test('takes tasks from --set', async () => {
    const { stdout, status } = await check(bad, '--set', 'tasks.ner.labels=[Z]', '--json');
    expect(status).toBe(1);
    expect((JSON.parse(stdout) as CorpusCheck).facts.tasks.ner!.perLabel).toEqual({ Z: 1 });
  });

  test('says in one sentence where there is no corpus', async () => {
    const { value, stdout, stderr } = await captureOutput(() => runProgram(['check', '/no/such/corpus']));
    expect(value).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch('The corpus folder /no/such/corpus does not exist.');
  });
});

describeShared('check on the corpus of the shared task', trainingSet, () => {
  test('finds no fault and the ceilings that are known, with the shipped tasks', async () => {
    const { stdout } = await captureOutput(() => runProgram(['check', sharedFile(trainingSet), '--json']));
    const { errors, faults, facts, ceilings } = JSON.parse(stdout) as CorpusCheck;
    expect([errors, faults.length, facts.documents]).toEqual([0, 0, 1350]);
    const rounded = ceilings.map(({ scheme, outputs, scores }) => [
      `${scheme} ${outputs}`,
      ...Object.values(scores).map(({ f1 }) => f1.toFixed(3)),
    ]);
    expect(rounded).toEqual([
      ['IO perTask', '0.994', '0.985'],
      ['BIO perTask', '0.996', '0.996'],
      ['BIOU perTask', '0.996', '0.996'],
      ['IO joint', '0.994', '0.985'],
      ['BIO joint', '0.996', '0.996'],
      ['BIOU joint', '0.996', '0.996'],
    ]);
  }, 900_000); // a minute where nothing else is at work
});
