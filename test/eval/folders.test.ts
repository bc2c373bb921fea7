import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { evaluateFolders } from '../../src/eval/folders.js';
import { noneLeftOut } from '../../src/eval/leftOut.js';
import { annotationFolder, normFile } from '../../src/eval/paths.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

/** Evaluates the .ann and .txt files of two folders, given by name. */
async function evaluate(
  gold: Record<string, string>,
  predicted: Record<string, string>,
  rule?: 'official' | 'all',
) {
  const place = folder();
  writeFiles(join(place, 'gold'), { '.keep': '', ...gold });
  writeFiles(join(place, 'pred'), { '.keep': '', ...predicted });
  return evaluateFolders(join(place, 'gold'), join(place, 'pred'), ['A', 'B'], { examples: 1, rule });
}

describe('the evaluation of folders', () => {
  test('scores by word and quotes the text where it lies beside the gold', async () => {
    const { evaluation, notices } = await evaluate(
      { 'a.ann': 'T1\tA 3 9\tmédica\n', 'a.txt': 'Es médica aquí' },
      { 'a.ann': 'T1\tA 0 9\t\n' },
    );
    expect(evaluation).toMatchObject({ f1: 0, words: { precision: 0.5, recall: 1 } });
    expect(evaluation.errors.examples.boundary[0]!.predicted!.text).toBe('Es médica');
    expect(notices).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    [
      'JSONL',
      {
        'a.jsonl':
          '{"text": "👩 médica, jefa", "spans": [{"start": 2, "end": 8, "label": "A"}, {"start": 10, "end": 14, "label": "B"}], "document": "a"}\n',
      },
    ],
    ['columns', { 'a.conll': '👩 O\nmédica B-A\n, O\njefa B-B\n', 'a.txt': '👩 médica, jefa' }],
    ['brat', { 'a.ann': 'T1\tA 2 8\tmédica\nT2\tB 10 14\tjefa\n', 'a.txt': '👩 médica, jefa' }],
  ])('scores %s as brat', async (_, files) => {
    const predicted = { 'a.ann': 'T1\tA 2 8\tmédica\nT2\tA 10 14\tjefa\n' };
    const scored = await evaluate(files, predicted);
    expect(scored.evaluation).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1 });
    expect(scored.evaluation.words).toBeDefined();
    const turned = await evaluate(predicted, files);
    expect(turned.evaluation).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1 });
  });

  test('takes the format that is said of a file whose name does not tell it, and asks for it', async () => {
    const home = folder();
    writeFiles(home, {
      'gold/a.ann': 'T1\tA 2 8\tmédica\n',
      'tagged.txt': '-DOCSTART- O\n\n👩 O\nmédica B-A\n',
    });
    const of = (format?: 'conll') =>
      evaluateFolders(join(home, 'gold'), join(home, 'tagged.txt'), ['A', 'B'], { format });
    await expect(of()).rejects.toThrow(
      /tagged.txt is a file, and its name does not tell its format: say which with --format/,
    );
    await expect(of('conll')).rejects.toThrow(/no prediction is in a document of .*gold/); // it is called tagged
    writeFiles(home, { 'gold/tagged.ann': 'T1\tA 2 8\tmédica\n' });
    expect((await of('conll')).evaluation).toMatchObject({
      truePositives: 1,
      falsePositives: 0,
      falseNegatives: 1,
    });
  });

  test('leaves out scores by word where there are no texts', async () => {
    const { evaluation } = await evaluate({ 'a.ann': 'T1\tA 3 9\tx\n' }, { 'a.ann': 'T1\tA 3 9\tx\n' });
    expect(evaluation.words).toBeUndefined();
  });

  test('tells which documents are missed, ignored, dropped or without text', async () => {
    const { notices } = await evaluate(
      { 'a.ann': 'T1\tA 3 9\tx\n', 'b.ann': 'T1\tA 3 9\tx\n', 'c.ann': '', 'a.txt': 'Es médica' },
      { 'a.ann': 'T1\tA 3 9\tx\n', 'b.ann': 'T1\tA 3 9\tx\n\n', 'd.ann': '' },
    );
    expect(notices).toEqual([
      expect.stringMatching(/pred: b\.ann, line 2 has 1 tab-separated fields.*counts as empty/),
      expect.stringMatching(/pred: predictions in files that count as empty for a line of .* fields: 1\.$/),
      'Gold documents without a predictions file, whose spans are missed: 1 of 3. Of a run, --split scores those alone that it holds out.',
      'Predictions files of documents that the gold lacks, ignored: 1.',
      'Gold documents without a text, not scored by word: 2 of 3.',
    ]);
  });

  const both = 'T1\tA 12 21\tenfermera\nT2\tB 33 40\talbañil\n';
  const texts = {
    'a.txt': 'Su madre es enfermera y su padre albañil.',
    'b.txt': 'Su madre es enfermera y su padre albañil.',
  };
  const predicted = { 'a.ann': both, 'b.ann': both };

  test.each([
    [
      'relations',
      { 'a.ann': `${both}R1\tpareja Arg1:T1 Arg2:T2\t\n` },
      'gold spans that relations name, left out as by the official scorer: 2.',
      2 / 3,
    ],
    [
      'byteOrderMark',
      { 'a.ann': `\ufeff${both}` },
      'gold spans on a first line that a byte order mark hides from the official scorer: 1.',
      6 / 7,
    ],
    [
      'fields',
      { 'a.ann': `${both}A1\tNegada T1\n` },
      'gold spans in files that count as empty for a line of other than three fields: 2.',
      2 / 3,
    ],
    [
      'parts',
      { 'a.ann': `${both}T3\tA 0 2;12 21\tSu enfermera\n` },
      'gold spans in files that count as empty for a span in parts: 3.',
      2 / 3,
    ],
  ])(
    'counts the gold spans that the official rule leaves out: %s; by the rule of all they count',
    async (why, changed, notice, f1) => {
      const gold = { ...texts, ...predicted, ...changed };
      const official = await evaluate(gold, predicted);
      expect(official.evaluation.f1).toBeCloseTo(f1, 10);
      expect(official.leftOut!.gold).toEqual({
        ...noneLeftOut(),
        [why]: Number(/(\d+)\.$/.exec(notice)![1]),
      });
      expect(official.notices.some((text) => text.endsWith(`gold: ${notice}`))).toBe(true);
      const { leftOut } = official;
      const hidden = leftOut!.gold[why as 'fields'];
      const scored = [4, 4, 4, 5][['relations', 'byteOrderMark', 'fields', 'parts'].indexOf(why)]! - hidden;
      expect(official.notices.join('\n')).toContain(
        `Gold spans that are scored: ${scored} of ${scored + hidden}.`,
      );
      const all = await evaluate(gold, predicted, 'all');
      expect(all.evaluation).toMatchObject({
        f1: 1,
        truePositives: 4,
        semantics: 'every span, micro, exact',
      });
    },
  );

  test('puts fragments over a line end together, of gold and predictions, by the rule of all', async () => {
    const text = { 'a.txt': 'jefa de\nenfermeras' };
    const [whole, parts] = ['0 18', '0 7;8 18'].map((at) => ({
      'a.ann': `T1\tA ${at}\tjefa de enfermeras\n`,
    })) as unknown as [Record<string, string>, Record<string, string>];
    for (const [gold, found] of [
      [whole, parts],
      [parts, whole],
      [parts, parts],
    ] as const) {
      expect((await evaluate({ ...text, ...gold }, found, 'all')).evaluation.f1).toBe(1);
      await expect(evaluate({ ...text, ...gold }, found)).rejects.toThrow('has a span in parts');
    }
  });

  test('says that names of gold and predictions differ by their Unicode normal form only', async () => {
    const [composed, decomposed] = ['\u00e1.ann', 'a\u0301.ann'] as [string, string];
    const hint = /in another Unicode normal form \(NFC, NFD\); rename one of them\./;
    await expect(evaluate({ [composed]: both }, { [decomposed]: both })).rejects.toThrow(hint);
    const { notices, evaluation } = await evaluate(
      { [composed]: both, 'b.ann': both },
      { [decomposed]: both, 'b.ann': both },
    );
    expect(evaluation.falseNegatives).toBe(2);
    expect(notices.find((text) => text.startsWith('Predictions files'))).toMatch(hint);
  });

  test.each([
    ['has no .ann files', {}, /pred has no prediction labelled A, B; it has no \.ann files\.$/],
    ['has other labels', { 'a.ann': 'T1\tX 0 6\tx\n' }, /labelled A, B; its labels are X\.$/],
    ['was dropped', { 'a.ann': 'T1\tA 0 6\n' }, /files that count as empty: a\.ann, line 1 has 2/],
    ['has other documents', { 'b.ann': 'T1\tA 0 6\tx\n' }, /no prediction is in a document of .*gold/],
    ['has no .ann in UTF-8', { 'a.ann': Buffer.from([0xe9]) as never as string }, /a\.ann: not UTF-8/],
  ])('explains itself where the submission %s', async (_, predicted, message) => {
    await expect(evaluate({ 'a.ann': 'T1\tA 0 6\tx\n' }, predicted)).rejects.toThrow(message);
  });
});

describe('where the files are', () => {
  const never = () => Promise.reject(new Error('asked for subfolders'));

  test('is the folder itself if it has .ann files', async () => {
    const place = writeFiles(folder(), { 'a.ann': '', 'task1/a.ann': '' });
    expect(await annotationFolder(place, never)).toBe(place);
  });

  test("is the task's folder in it otherwise", async () => {
    const place = writeFiles(folder(), { 'task1/a.ann': '', 'task2/a.ann': '' });
    expect(await annotationFolder(place, async () => ['ner', 'task2'])).toBe(join(place, 'task2'));
  });

  test('is said to be missing where it does not exist', async () => {
    await expect(annotationFolder(join(folder(), 'none'), never)).rejects.toThrow('it does not exist');
  });

  test('of codes is a table, or norm.tsv or the only table of a folder', async () => {
    const place = writeFiles(folder(), { 'some.tsv': '' });
    expect(await normFile(join(place, 'some.tsv'))).toBe(join(place, 'some.tsv'));
    expect(await normFile(place)).toBe(join(place, 'some.tsv'));
    writeFiles(place, { 'other.tsv': '' });
    await expect(normFile(place)).rejects.toThrow('has no norm.tsv and 2 other .tsv files');
    writeFiles(place, { 'norm.tsv': '' });
    expect(await normFile(place)).toBe(join(place, 'norm.tsv'));
  });
});
