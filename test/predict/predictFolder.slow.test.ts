import { afterEach, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { runProgram } from '../../src/cli/program.js';
import type { FoundSpan } from '../../src/data/document.js';
import { readNorm } from '../../src/data/norm.js';
import { ownLock } from '../../src/files/lock.js';
import type { FoundSpanLine } from '../../src/formats/foundSpan.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { saveNormalizer } from '../../src/normalize/folder.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { predictFolder } from '../../src/predict/predictFolder.js';
import { mergeShards } from '../../src/predict/shard.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { knowledge, normalizationSettings } from '../support/normalization.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

const sentence = 'La paciente trabaja de enfermera en un hospital. ';
const texts: Record<string, string> = {
  empty: '',
  blank: ' \n\n ',
  plain: sentence,
  bom: `\ufeff${sentence}`,
  crlf: 'Su padre es\r\nalbañil\r\ny ella, médica.\r\n',
  astral: `𝔸 😀 ${sentence}👩‍⚕️ médica 😀.`,
  combining: 'El me\u0301dico y la me\u0301dica.',
  long: sentence.repeat(20),
};

/** A saved model and a folder of texts. */
async function given(contents = texts) {
  const model = join(folder(), 'model');
  await saveTinyModel(model, 'tiny-distilbert');
  const input = writeFiles(
    folder(),
    Object.fromEntries(Object.entries(contents).map(([name, text]) => [`${name}.txt`, text])),
  );
  return { model, input, out: join(folder(), 'out') };
}

async function predict(model: string, input: string, out: string, ...options: string[]) {
  const { value, ...output } = await captureOutput(() =>
    runProgram(['predict', model, '--input', input, '--out', out, ...options]),
  );
  return { ...output, status: value };
}

/** Spans with scores of five digits: products of other shapes differ in the last ones. */
const rounded = (spans: Record<string, FoundSpan[]>) =>
  Object.entries(spans).map(([task, found]) => [
    task,
    found.map(({ score, ...span }) => ({ ...span, score: expect.closeTo(score, 5) as unknown })),
  ]);

/** Label, offsets and text of each line of an .ann file. */
function annotations(out: string, task: string, name: string) {
  const lines = readFileSync(join(out, task, `${name}.ann`), 'utf8')
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => {
    const [, label, start, end, text] = /^T\d+\t(\S+) (\d+) (\d+)\t(.*)$/.exec(line)!;
    return { label: label!, start: Number(start), end: Number(end), text: text! };
  });
}

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
    const more = folder();
    writeFileSync(join(more, 'new.txt'), 'Es médico.');
    expect((await predict(model, more, out, '--engine', 'wasm', '--resume')).status).toBe(0);
    expect(readdirSync(join(out, 'ner'))).toHaveLength(Object.keys(texts).length + 1);
    expect(readFileSync(join(out, 'ner', 'empty.ann'), 'utf8')).toBe(before);
    expect(readdirSync(out).sort()).toEqual(['class', 'ner']); // no lock
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
    const normalizer = join(folder(), 'normalizer');
    const settings = normalizationSettings({ classifier: { weight: 0 }, lexical: { ngrams: [1, 1] } });
    await saveNormalizer(
      normalizer,
      await buildNormalizer(knowledge, settings, { seed: 1 }, createContext()),
    );
    await startEngine({ engine: 'auto', device: 'cpu' });
    const { codes } = await predictFolder(
      { models: [[model]], normalizer, input, out, batchSize: 4 },
      createContext(),
    );
    const rows = await readNorm(join(out, 'norm.tsv'));
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

  describe('--scores', () => {
    /** Predicts with codes and scores, as a whole or in part, and reads the lines of spans.jsonl. */
    async function scored(given: { model: string; input: string; out: string }, options: object = {}) {
      const normalizer = join(folder(), 'normalizer');
      const settings = normalizationSettings({ classifier: { weight: 0 }, lexical: { ngrams: [1, 1] } });
      await saveNormalizer(
        normalizer,
        await buildNormalizer(knowledge, settings, { seed: 1 }, createContext()),
      );
      await startEngine({ engine: 'auto', device: 'cpu' });
      const { model, ...folders } = given;
      const all = { models: [[model]], normalizer, ...folders, batchSize: 4, scores: true, ...options };
      await predictFolder(all, createContext());
      return (name = 'spans.jsonl') =>
        readFileSync(join(given.out, name), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as FoundSpanLine);
    }

    test('writes every span of the .ann files with its text and a score, and codes with theirs', async () => {
      const folders = await given();
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
      const rows = await readNorm(join(folders.out, 'norm.tsv'));
      const coded = lines.filter(({ code }) => code !== undefined && code !== null);
      expect(
        new Set(coded.map(({ document, start, end, code }) => `${document} ${start} ${end} ${code}`)),
      ).toEqual(new Set(rows.map(({ filename, rawSpan, code }) => `${filename} ${rawSpan} ${code}`)));
      for (const { codes, code } of coded) {
        expect(codes![0]!.code).toBe(code);
        expect(codes!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
      }
      expect(lines.filter(({ task }) => task === 'class').every(({ codes }) => codes === undefined)).toBe(
        true,
      );
    });

    test('has the same lines where it goes on, and of shards that are merged', async () => {
      const whole = await given();
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

    test('may neither be left out nor added where a prediction goes on', async () => {
      const { model, input, out } = await given();
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
