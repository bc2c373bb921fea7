import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTexts } from '../data/corpus.js';
import { InputError, UsageError } from '../errors.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { openNormalizer } from '../normalize/folder.js';
import { codeSpans, rowsOf } from './codes.js';
import { openPredictor } from './open.js';
import { predictTexts } from './predict.js';
import { isOfShard, normName, type Shard } from './shard.js';
import { normTable, writeSubmission, writtenDocuments } from './submission.js';

export interface FolderPrediction {
  documents: number;
  /** Of the same shard, written by an earlier run. */
  skipped: number;
  /** Spans found, per task. */
  spans: Record<string, number>;
  /** Codes given; null where the run has no normalizer. */
  codes: number | null;
  seconds: number;
}

export interface FolderOptions {
  /** Folders where the checkpoint may be, the likeliest first. */
  candidates: string[];
  /** Folder of what finds codes; where there is none, no codes are given. */
  normalizer: string;
  /** Folder of .txt files. */
  input: string;
  out: string;
  batchSize: number;
  /** Only the documents of this part. */
  shard?: Shard;
  /** Leave out documents for which everything is written. */
  resume?: boolean;
  /** Told every hundred documents. */
  onProgress?: (documents: number, seconds: number) => void;
  onNotice?: (text: string) => void;
}

const REPORT_EVERY = 100;

/** Writes submission files for a folder of texts, as a stream: never more than a few documents are held. */
export async function predictFolder(options: FolderOptions): Promise<FolderPrediction> {
  const { input, out, candidates, shard } = options;
  if (!Number.isInteger(options.batchSize) || options.batchSize < 1)
    throw new UsageError('--batch-size needs a whole number, 1 or more');
  const folder = candidates.find((candidate) => existsSync(join(candidate, 'meddoprof.json')));
  if (!folder)
    throw new InputError(
      `there is no checkpoint in ${candidates.join(' nor in ')}: train one with meddoprof train`,
    );
  const predictor = await openPredictor(folder, options.batchSize, options.onNotice);
  const { tasks } = predictor.settings;
  if (Object.values(tasks).some((task) => resolve(out, task.folder) === resolve(input)))
    throw new UsageError(`--out ${out} would write among the texts of --input: choose another folder`);
  const normalizer = existsSync(options.normalizer)
    ? await openNormalizer(options.normalizer, openEmbedder).catch((error: unknown) => {
        predictor.dispose();
        throw error;
      })
    : undefined;
  const written = options.resume ? await writtenDocuments(out, tasks) : undefined;
  const isMine = (name: string) => !shard || isOfShard(name, shard);
  let skipped = 0;
  const isWanted = (name: string) => {
    if (!isMine(name)) return false;
    if (written?.has(name)) skipped += 1;
    return !written?.has(name);
  };
  const mine = written && new Set([...written].filter(isMine));
  const table = normalizer && normTable(out, { name: normName(shard), ...(mine && { written: mine }) });
  const counts = Object.fromEntries(Object.keys(tasks).map((task) => [task, 0]));
  let codes = 0;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let documents = 0;
  try {
    for await (const prediction of predictTexts(predictor, readTexts(input, isWanted))) {
      for (const task of Object.keys(tasks)) counts[task]! += prediction.spans[task]?.length ?? 0;
      if (normalizer) {
        const coded = await codeSpans(normalizer, Object.keys(tasks), prediction);
        const rows = rowsOf(prediction.name, coded);
        await table!.add(rows);
        codes += rows.length;
      }
      await writeSubmission(out, tasks, prediction); // last: a document that has it is done
      documents += 1;
      if (documents % REPORT_EVERY === 0) options.onProgress?.(documents, elapsed());
    }
    await table?.finish();
  } finally {
    await table?.close();
    normalizer?.dispose();
    predictor.dispose();
  }
  return { documents, skipped, spans: counts, codes: normalizer ? codes : null, seconds: elapsed() };
}
