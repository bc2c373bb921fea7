import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { formatNorm } from '../../src/data/norm.js';
import { isOfShard, mergeShards, parseShard } from '../../src/predict/shard.js';
import { normTable } from '../../src/predict/normTable.js';
import { growingTable } from '../../src/data/growingTable.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const names = Array.from({ length: 1000 }, (_, i) => `document ${i}`);
const row = (filename: string, code = '1') => ({ filename, text: 'a «b»', span: { start: 0, end: 5 }, code });

/** A table of codes, gone on with where documents are `written`. */
const codesIn = (out: string, written?: string[]) =>
  growingTable(normTable, out, 'norm.tsv', written && new Set(written));

describe('shards of documents', () => {
  test('have each document once, and about as many each', () => {
    const shards = Array.from({ length: 8 }, (_, i) => ({ index: i + 1, count: 8 }));
    const counts = shards.map((shard) => names.filter((name) => isOfShard(name, shard)).length);
    for (const name of names) expect(shards.filter((shard) => isOfShard(name, shard))).toHaveLength(1);
    counts.forEach((count) => expect(Math.abs(count - 125)).toBeLessThan(5 * Math.sqrt(125)));
  });

  // By hand: printf %s NAME | sha256sum, the first eight digits modulo 3, plus 1.
  test.each([
    ['32247016_ES', 3],
    ['es-S0210', 1],
  ])('are the same on every machine: %s', (name, index) => {
    expect([1, 2, 3].filter((i) => isOfShard(name, { index: i, count: 3 }))).toEqual([index]);
  });

  test.each(['0/4', '5/4', '1', 'a/b', '1/0', '-1/2', '1/2/3'])('are not written %s', (text) => {
    expect(() => parseShard(text)).toThrow(`--shard ${text} is no part of a whole: write 1/8 to 8/8`);
  });
});

describe('a table of codes that was cut off', () => {
  test('goes on with the rows of documents that were written, whatever came of the others', async () => {
    const out = folder();
    const first = codesIn(out);
    for (const name of ['a', 'b', 'c']) await first.add([row(name)]);
    await first.close(); // killed while c was written
    expect(readdirSync(out)).toEqual(['.norm.tsv.part']);
    const second = codesIn(out, ['a', 'b']);
    await second.add([row('c', '2')]);
    await second.finish();
    expect(readdirSync(out)).toEqual(['norm.tsv']);
    expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(formatNorm([row('a'), row('b'), row('c', '2')]));
    const third = codesIn(out, ['a', 'b', 'c']);
    await third.add([row('d')]);
    await third.finish();
    expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toContain(formatNorm([row('c', '2'), row('d')], { header: false })); // prettier-ignore
  });

  test('has its rows in the order of an unbroken one, whichever documents were written', async () => {
    const out = folder();
    const first = codesIn(out);
    for (const name of ['a', 'b', 'c']) await first.add([row(name, '2'), row(name, '1')]);
    await first.close(); // killed; b's .ann file was still to be written, c's was
    const second = codesIn(out, ['a', 'c']);
    await second.add([row('b', '2'), row('b', '1')]);
    await second.finish();
    const rows = ['a', 'b', 'c'].flatMap((name) => [row(name, '2'), row(name, '1')]);
    expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(formatNorm(rows));
    expect(readdirSync(out)).toEqual(['norm.tsv']);
  });

  test('goes on where a row was cut within its quotes, or has lost its end', async () => {
    const quoted = { ...row('b'), text: 'jefa\nde "sala"' };
    const whole = formatNorm([row('a'), quoted]);
    for (let cut = formatNorm([row('a')]).length; cut < whole.length; cut++) {
      const out = folder();
      writeFileSync(join(out, '.norm.tsv.part'), whole.slice(0, cut));
      const table = codesIn(out, ['a']);
      await table.add([quoted]);
      await table.finish();
      expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(whole);
    }
  });

  test('is an error where it is gone, though documents were written', async () => {
    await expect(codesIn(folder(), ['a']).add([])).rejects.toThrow(
      /norm\.tsv is missing, though there are documents with predictions: predict them again, into another folder/,
    );
  });
});

describe('merging the tables of shards', () => {
  test('puts all rows into one table, in order of the documents', async () => {
    const out = folder();
    writeFiles(out, {
      'norm-1-of-2.tsv': formatNorm([row('b', '3'), row('b', '1'), row('d')]),
      'norm-2-of-2.tsv': formatNorm([row('a'), row('c')]),
    });
    expect(await mergeShards(out)).toEqual({ shards: 2, files: [{ file: join(out, 'norm.tsv'), rows: 5 }] });
    expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(
      formatNorm([row('a'), row('b', '3'), row('b', '1'), row('c'), row('d')]),
    );
  });

  test.each<[string, string[], RegExp]>([
    ['a shard is missing', ['norm-1-of-3.tsv', 'norm-3-of-3.tsv'], /norm-2-of-3\.tsv is missing: go on with predict --resume --shard 2\/3/], // prettier-ignore
    ['the scores of a shard are missing', ['norm-1-of-2.tsv', 'norm-2-of-2.tsv', 'spans-2-of-2.jsonl'], /spans-1-of-2\.jsonl is missing: go on with predict --resume --scores --shard 1\/2$/], // prettier-ignore
    ['a name tells of more shards than a list holds', ['norm-1-of-1000000000.tsv'], /norm-2-of-1000000000\.tsv is missing: /], // prettier-ignore
    ['there is none', ['norm.tsv'], /has no table of a shard/],
    ['they are of two predictions', ['norm-1-of-1.tsv', 'norm-1-of-2.tsv'], /has tables of 1 and of 2 shards/], // prettier-ignore
  ])('says so where %s', async (_, files, message) => {
    const out = folder();
    writeFiles(out, Object.fromEntries(files.map((file) => [file, formatNorm([])])));
    await expect(mergeShards(out)).rejects.toThrow(message);
  });
});

test('merging in a folder that is not there says so in words', async () => {
  await expect(mergeShards('nowhere')).rejects.toThrow(
    /^The folder nowhere cannot be read: it does not exist\.$/,
  );
});

describe('meddoprof predict --shard', () => {
  test('writes in its shards what it writes at once; --resume only what is missing', async () => {
    const model = join(folder(), 'model');
    await saveTinyModel(model, 'tiny-distilbert');
    const texts = Array.from({ length: 9 }, (_, i) => [`t${i}.txt`, 'Trabaja de enfermera. '.repeat(i)]);
    const input = writeFiles(folder(), Object.fromEntries(texts) as Record<string, string>);
    const root = folder();
    const predict = async (out: string, ...options: string[]) => {
      const { value, stdout, stderr } = await captureOutput(() =>
        runProgram([
          'predict',
          model,
          '--input',
          input,
          '--out',
          out,
          '--engine',
          'wasm',
          '--json',
          ...options,
        ]),
      );
      expect([value, stderr]).toEqual([0, expect.anything()]);
      return JSON.parse(stdout) as { documents: number; skipped: number };
    };
    const whole = join(root, 'whole');
    const parts = join(root, 'parts');
    mkdirSync(parts);
    await predict(whole);
    const counts = [];
    for (const shard of ['1/3', '2/3', '3/3'])
      counts.push((await predict(parts, '--shard', shard)).documents);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(9);
    const contents = (out: string) =>
      ['ner', 'class'].flatMap((task) =>
        readdirSync(join(out, task)).map((name) => [task, name, readFileSync(join(out, task, name), 'utf8')]),
      );
    expect(contents(parts)).toEqual(contents(whole));

    rmSync(join(whole, 'class', 't3.ann'));
    utimesSync(join(whole, 'ner', 't4.ann'), 1, 1);
    expect(await predict(whole, '--resume')).toMatchObject({ documents: 1, skipped: 8 });
    expect(contents(whole)).toEqual(contents(parts));
    expect(statSync(join(whole, 'ner', 't4.ann')).mtimeMs).toBe(1000);
  });

  test('says what is wrong with --shard before it loads anything', async () => {
    const { value, stderr } = await captureOutput(() =>
      runProgram(['predict', 'x', '--input', 'x', '--out', 'y', '--shard', '9/8']),
    );
    expect([value, stderr]).toEqual([2, expect.stringContaining('--shard 9/8 is no part of a whole')]);
  });
});
