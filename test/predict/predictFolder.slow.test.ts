import { afterEach, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundSpan } from '../../src/data/document.js';
import { normRows } from '../support/normRows.js';
import { ownLock } from '../../src/files/lock.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
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
const given = (contents?: Record<string, string>) => modelAndTexts(folder, contents);
afterEach(() => {
  process.exitCode = undefined;
});

/** Spans with scores of five digits: products of other shapes differ in the last ones. */
const rounded = (spans: Record<string, FoundSpan[]>) =>
  Object.entries(spans).map(([task, found]) => [
    task,
    found.map(({ score, ...span }) => ({ ...span, score: expect.closeTo(score, 5) as unknown })),
  ]);

describe('meddoprof predict', () => {
  test('writes an .ann file per document and task, empty where nothing is found', async () => {
    const { model, input, out } = await given();
    const { status, stdout } = await predict(model, input, out, '--engine', 'wasm', '--json');
    expect(status).toBe(0);
    const names = Object.keys(texts).map((name) => `${name}.ann`);
    for (const task of ['ner', 'class']) expect(readdirSync(join(out, task)).sort()).toEqual(names.sort());
    expect(readFileSync(join(out, 'ner', 'empty.ann'), 'utf8')).toBe('');
    const found = Object.keys(texts).flatMap((name) => annotations(out, 'ner', name)).length;
    expect(JSON.parse(stdout)).toMatchObject({ documents: names.length, spans: { ner: found } });
  });

  test.each(Object.keys(texts))(
    'counts offsets in code points of the text as it stands: %s',
    async (name) => {
      const { model, input, out } = await given();
      await predict(model, input, out, '--engine', 'wasm');
      const points = Array.from(texts[name]!);
      const spans = ['ner', 'class'].flatMap((task) => annotations(out, task, name));
      for (const { start, end, text } of spans)
        expect(points.slice(start, end).join('').replace(/\s/g, ' ')).toBe(text.replace(/\s/g, ' '));
      if (!['empty', 'blank'].includes(name)) expect(spans.length).toBeGreaterThan(0); // or this test could not fail
    },
  );

  test('refuses a folder that holds predictions, unless it goes on with them, which keeps all', async () => {
    const { model, input, out } = await given();
    await predict(model, input, out, '--engine', 'wasm');
    const before = readFileSync(join(out, 'ner', 'empty.ann'), 'utf8');
    const refused = await predict(model, input, out, '--engine', 'wasm');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(
      `${out} holds predictions already: choose another --out, or add what is missing with --resume`,
    );
    const again = await predict(model, input, out, '--engine', 'wasm', '--resume');
    expect(again.stdout).toMatch(/^8 documents were there; new: 0 documents, 0 ner and 0 class spans/);
    const more = folder();
    writeFileSync(join(more, 'new.txt'), 'Es médico.');
    expect((await predict(model, more, out, '--engine', 'wasm', '--resume')).status).toBe(0);
    expect(readdirSync(join(out, 'ner'))).toHaveLength(Object.keys(texts).length + 1);
    expect(readFileSync(join(out, 'ner', 'empty.ann'), 'utf8')).toBe(before);
    expect(readdirSync(out).sort()).toEqual(['class', 'ner']); // no lock
  });

  test('says that there is a file where its folder should be', async () => {
    const { model, input, out } = await given();
    writeFileSync(out, '');
    const { status, stderr } = await predict(model, input, out, '--engine', 'wasm');
    expect(status).toBe(2);
    expect(stderr).toContain(`error: ${out} is no folder: choose another --out\n`);
  });

  test('says who predicts into the folder by now', async () => {
    const { model, input, out } = await given();
    mkdirSync(out);
    writeFileSync(join(out, '.norm.tsv.lock'), JSON.stringify({ ...ownLock(), since: '2026-01-02' }));
    const { status, stderr } = await predict(model, input, out, '--engine', 'wasm');
    expect(status).toBe(2);
    expect(stderr).toContain(`process ${process.pid} has been predicting into this folder since 2026-01-02`);
    expect(readdirSync(out)).toEqual(['.norm.tsv.lock']);
  });

  test('writes the codes of all spans into norm.tsv in the same pass, whatever characters the texts have', async () => {
    const { model, input, out } = await given();
    await savedNormalizer(model);
    const { codes } = await predictInto(model, { input, out });
    const rows = normRows(join(out, 'norm.tsv'));
    expect(rows).toHaveLength(codes!);
    for (const name of Object.keys(texts)) {
      const points = Array.from(texts[name]!);
      const own = rows.filter(({ filename }) => filename === name);
      for (const { text, span } of own) expect(text).toBe(points.slice(span!.start, span!.end).join(''));
      const spans = annotations(out, 'ner', name).map(({ start, end }) => `${start} ${end}`);
      const lettered = spans.filter((span) => {
        const [start, end] = span.split(' ').map(Number);
        return /[a-z]/i.test(points.slice(start, end).join('').normalize('NFD'));
      });
      expect(own.map(({ rawSpan }) => rawSpan)).toEqual(expect.arrayContaining([...new Set(lettered)]));
      expect([...new Set(spans)]).toEqual(expect.arrayContaining(own.map(({ rawSpan }) => rawSpan)));
      if (['bom', 'crlf', 'astral'].includes(name)) expect(own.length).toBeGreaterThan(0); // or this could not fail
    }
  });

  const few = { plain: sentence };

  test.each([
    ['a folder without a checkpoint', 'there is no checkpoint in'],
    ['no texts', 'has no .txt files'],
    ['output among the texts', 'would write among the texts'],
    ['a batch of nothing', '--batch-size needs a whole number'],
  ])('says what is wrong: %s', async (what, message) => {
    const { model, input, out } = await given(few);
    const result = await {
      'a folder without a checkpoint': () => predict(input, input, out),
      'no texts': () => predict(model, folder(), out, '--engine', 'wasm'),
      'output among the texts': () => {
        mkdirSync(join(input, 'ner'));
        return predict(model, join(input, 'ner'), input, '--engine', 'wasm');
      },
      'a batch of nothing': () => predict(model, input, out, '--batch-size', '0'),
    }[what]!();
    expect(result.stderr).toContain(message);
    expect(result.status).toBeGreaterThan(0);
    expect(existsSync(out)).toBe(false);
  });

  test('names a checkpoint without weights', async () => {
    const { model, input, out } = await given(few);
    rmSync(join(model, 'model.safetensors'));
    const { stderr, status } = await predict(model, input, out, '--engine', 'wasm');
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${model} has no weights`)]);
  });
});

describeEngines(
  'predicting texts',
  () => {
    test('leaves no tensor behind', async () => {
      const { model } = await given();
      await expectNoLeakedTensors(async () => {
        const predictor = await openPredictor(model, { batchSize: 4 }, createContext());
        for await (const { scores } of predictTexts(predictor, [{ name: 'a', text: texts.long! }]))
          expect(scores.map((values) => values.every((p) => p >= 0 && p <= 1))).toEqual([true, true]);
        predictor.dispose();
      });
    });

    test('gives a document what it gives the document alone', async () => {
      const { model } = await given();
      const predictor = await openPredictor(model, { batchSize: 4 }, createContext());
      const all = Object.entries(texts).map(([name, text]) => ({ name, text }));
      const together: unknown[] = [];
      for await (const { name, spans } of predictTexts(predictor, all))
        together.push({ name, spans: Object.entries(spans) });
      const alone: unknown[] = [];
      for (const text of all)
        for await (const { name, spans } of predictTexts(predictor, [text]))
          alone.push({ name, spans: rounded(spans) });
      predictor.dispose();
      expect(together).toEqual(alone);
    });

    test('reads no more documents than a few batches hold', async () => {
      const { model } = await given();
      const predictor = await openPredictor(model, { batchSize: 4 }, createContext());
      let read = 0;
      const texts = function* () {
        for (; read < 3000; read++) yield { name: `${read}`, text: 'Es médica.' };
      };
      for await (const { name } of predictTexts(predictor, texts())) {
        expect([name, read]).toEqual(['0', expect.any(Number)]);
        break;
      }
      expect(read).toBeLessThan(1000);
      predictor.dispose();
    });
  },
  ['native', 'wasm'],
);
