import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { normRows } from '../support/normRows.js';
import type { FoundSpanLine } from '../../src/formats/foundSpan.js';
import { mergeShards } from '../../src/predict/shard.js';
import {
  annotations,
  modelAndTexts,
  predict,
  predictInto,
  savedNormalizer,
  sentence,
  texts,
} from '../support/predicting.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

describe('predict --scores', () => {
  /** Predicts with codes and scores, as a whole or in part, and reads the lines of spans.jsonl. */
  async function scored(given: { model: string; input: string; out: string }, options: object = {}) {
    const { model, ...folders } = given;
    await savedNormalizer(model);
    await predictInto(model, { ...folders, scores: true, ...options });
    return (name = 'spans.jsonl') =>
      readFileSync(join(given.out, name), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as FoundSpanLine);
  }

  test('writes every span of the .ann files with its text and a score, and codes with theirs', async () => {
    const folders = await modelAndTexts(folder);
    const lines = (await scored(folders))();
    for (const task of ['ner', 'class'])
      for (const name of Object.keys(texts)) {
        const points = Array.from(texts[name]!);
        const own = lines.filter((line) => line.document === name && line.task === task);
        const spans = ({ label, start, end }: Pick<FoundSpanLine, 'label' | 'start' | 'end'>) => ({
          label,
          start,
          end,
        });
        expect(own.map(spans)).toEqual(annotations(folders.out, task, name).map(spans));
        for (const { start, end, text } of own) expect(text).toBe(points.slice(start, end).join(''));
      }
    expect(lines.length).toBeGreaterThan(20); // or this could not fail
    for (const { score } of lines) expect(score).toBeGreaterThanOrEqual(0.5); // what a threshold of .5 lets through
    const rows = normRows(join(folders.out, 'norm.tsv'));
    const coded = lines.filter(({ code }) => code !== undefined && code !== null);
    expect(
      new Set(coded.map(({ document, start, end, code }) => `${document} ${start} ${end} ${code}`)),
    ).toEqual(new Set(rows.map(({ filename, rawSpan, code }) => `${filename} ${rawSpan} ${code}`)));
    for (const { codes, code } of coded) {
      expect(codes![0]!.code).toBe(code);
      expect(codes!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
    }
    expect(lines.filter(({ task }) => task === 'class').every(({ codes }) => codes === undefined)).toBe(true);
  });

  test('writes calibrated scores and probabilities of codes, of the same spans and codes', async () => {
    const folders = await modelAndTexts(folder);
    const lines = (await scored(folders))();
    const { label } = lines[0]!;
    const half = [[0.5, 0], [1, 0.5]]; // prettier-ignore
    const set = [
      `decoding.calibration=${JSON.stringify({ [label]: half })}`,
      'decoding.codeCalibration=[[0, 0.25]]',
    ];
    const calibrated = (await scored({ ...folders, out: join(folder(), 'out') }, { set }))();
    const expected = lines.map(({ codes, ...line }) => ({
      ...line,
      score: line.label === label ? expect.closeTo(line.score - 0.5, 5) : line.score,
      ...(codes && { codes: codes.map((code) => ({ ...code, probability: 0.25 })) }),
    }));
    expect(calibrated).toEqual(expected);
  });

  test('has the same lines where it goes on, and of shards that are merged', async () => {
    const whole = await modelAndTexts(folder);
    const lines = (await scored(whole))();
    rmSync(join(whole.out, 'class', 'crlf.ann'));
    expect((await scored(whole, { resume: true }))()).toEqual(lines);
    const parts = { ...whole, out: join(folder(), 'out') };
    for (const index of [1, 2, 3]) await scored(parts, { shard: { index, count: 3 } });
    await mergeShards(parts.out);
    expect(readFileSync(join(parts.out, 'spans.jsonl'), 'utf8')).toBe(
      readFileSync(join(whole.out, 'spans.jsonl'), 'utf8'),
    );
  });

  test('are on the disk, with the codes, before the .ann files of their document are there', async () => {
    const many = Array.from({ length: 40 }, (_, i) => [`d${i}`, sentence.repeat(1 + (i % 7))] as const);
    const whole = await modelAndTexts(folder, Object.fromEntries(many));
    const tables = ['.norm.tsv.part', '.spans.jsonl.part'].map((name) => join(whole.out, name));
    const written = () =>
      ['ner', 'class'].flatMap((task) => {
        const at = join(whole.out, task);
        return existsSync(at) ? readdirSync(at).filter((name) => name.endsWith('.ann')) : [];
      });
    const read = () => tables.map((table) => (existsSync(table) ? readFileSync(table, 'utf8') : ''));
    const handle = await open(whole.input);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { datasync } = prototype;
    let [onDisk, syncs] = [['', ''], 0];
    const check = () => {
      for (const name of written())
        for (const rows of onDisk) expect(rows).toMatch(new RegExp(`\\b${name.replace('.ann', '')}\\b`));
    };
    const spy = jest.spyOn(prototype, 'datasync').mockImplementation(async function (this: FileHandle) {
      const rows = read();
      await setTimeout(10); // what does not wait for it has its time
      check();
      await datasync.call(this);
      const table = syncs++ % 2;
      onDisk = onDisk.map((before, i) => (i === table ? rows[i]! : before));
    });
    await scored(whole);
    spy.mockRestore();
    check();
    expect([new Set(written()).size, syncs % 2]).toEqual([40, 0]);
    expect(syncs / 2).toBeLessThan(40); // one for several documents
  });

  test('may neither be left out nor added where a prediction goes on', async () => {
    const { model, input, out } = await modelAndTexts(folder);
    await predict(model, input, out, '--engine', 'wasm', '--scores');
    expect((await predict(model, input, out, '--engine', 'wasm', '--resume')).stderr).toContain(
      `${out} was begun with --scores: go on with it, or spans.jsonl would lack spans`,
    );
    rmSync(join(out, 'spans.jsonl'));
    rmSync(join(out, 'ner', 'long.ann'));
    expect((await predict(model, input, out, '--engine', 'wasm', '--resume', '--scores')).stderr).toContain(
      'spans.jsonl is missing, though there are documents with predictions',
    );
  });
});
