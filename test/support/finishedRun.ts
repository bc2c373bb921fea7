import { formatConfig } from '../../src/config/format.js';
import type { Config } from '../../src/config/schema.js';
import { readCorpus } from '../../src/data/corpus.js';
import type { Document } from '../../src/data/document.js';
import { writeAtomically } from '../../src/files/write.js';
import { randomFrom, type Random } from '../../src/data/random.js';
import { configuredSplit, scoredNames, writeSplit } from '../../src/data/split.js';
import { evaluateNorm, evaluateSpans } from '../../src/eval/evaluation.js';
import { normTable } from '../../src/predict/normTable.js';
import { writeSubmission } from '../../src/predict/submission.js';
import { growingTable } from '../../src/data/growingTable.js';
import { runPaths } from '../../src/runFolder/paths.js';
import type { RunRecord } from '../../src/formats/record.js';

export interface MadeRun {
  folder: string;
  seed?: number;
  /** How many of a hundred gold spans and codes it gets right; the others are missed or longer than they are. */
  skill?: number;
  /** Mean F1 on validation after each epoch. */
  curve?: number[];
  record?: Partial<RunRecord>;
}

/**
 * Writes the folder of a finished run of a config without training one: its predictions are the gold of the
 * documents that are scored with mistakes drawn from the seed. Without weights.
 */
export async function writeFinishedRun(config: Config, made: MadeRun): Promise<string> {
  const { folder, seed = 1, skill = 80, curve = [0.4, 0.6] } = made;
  const paths = runPaths(folder);
  const corpus = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
  const split = await configuredSplit(corpus.documents, { ...config, seed });
  const scored = new Set(scoredNames(split));
  const held = corpus.documents.filter(({ name }) => scored.has(name));
  const random = randomFrom(seed * 1000 + skill);
  const predicted = held.map((document) => predict(document, random, skill));
  await writeAtomically(paths.config, formatConfig({ ...config, seed }));
  await writeSplit(paths.split, split);
  await writeAtomically(paths.report, '<!doctype html><title>A report</title>');
  const json = (file: string, value: unknown) => writeAtomically(file, JSON.stringify(value));
  const record: RunRecord = {
    started: '2026-01-01T00:00:00.000Z',
    finished: '2026-01-01T01:00:00.000Z',
    seconds: 3600,
    peakMemoryMiB: 2048,
    versions: { meddoprof: '0.1.0', node: '20.0.0' },
    engine: { name: 'native', device: 'cpu', description: 'none' },
    hardware: { processor: 'none', threads: 2, memoryGiB: 16 },
    git: null,
    corpus: { folder: corpus.folder, hash: corpus.hash, documents: corpus.documents.length },
    seed,
    command: [],
    ...made.record,
  };
  await json(paths.run, record);
  await writeAtomically(paths.metrics, curve.map((f1, epoch) => metricsLine(config, f1, epoch)).join(''));
  for (const { name, text, spans } of predicted)
    await writeSubmission(paths.predictions, config.tasks, { name, text, spans });
  const rows = predicted.flatMap(rowsOf);
  const table = growingTable(normTable, paths.predictions, 'norm.tsv');
  await table.add(rows);
  await table.finish();
  await json(paths.evaluation, {
    ...Object.fromEntries(
      Object.entries(config.tasks).map(([task, { labels }]) => {
        const spans = (documents: Document[]) =>
          new Map(documents.map(({ name, spans }) => [name, spans[task]!]));
        return [task, evaluateSpans(spans(held), spans(predicted), labels)];
      }),
    ),
    norm: evaluateNorm(held.flatMap(rowsOf), rows),
  });
  return folder;
}

function predict(document: Document, random: Random, skill: number): Document {
  const isRight = () => random.int(100) < skill;
  const spans = Object.entries(document.spans).map(([task, gold]) => {
    const found = gold.flatMap((span) => {
      if (isRight()) return [span];
      return random.int(2) === 0 ? [] : [{ ...span, start: Math.max(0, span.start - 2) }];
    });
    return [task, found] as const;
  });
  const codes = document.codes.map((code) => (isRight() ? code : { ...code, code: '1' }));
  return { ...document, spans: Object.fromEntries(spans), codes };
}

function rowsOf({ name, codes }: Document) {
  return codes.map(({ start, end, text, code }) => ({ filename: name, text, span: { start, end }, code }));
}

function metricsLine({ tasks }: Config, f1: number, epoch: number): string {
  const names = Object.keys(tasks);
  const line = { kind: 'epoch', step: 10 * (epoch + 1), epoch, isBest: true, words: {}, f1 };
  const seconds = 60 * (epoch + 1);
  return `${JSON.stringify({ ...line, tasks: Object.fromEntries(names.map((task) => [task, { f1 }])), seconds })}\n`;
}
