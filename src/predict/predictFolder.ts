import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTexts } from '../data/corpus.js';
import { InputError, UsageError } from '../errors.js';
import { openPredictor } from './open.js';
import { predictTexts } from './predict.js';
import { writeSubmission } from './submission.js';

export interface FolderPrediction {
  documents: number;
  /** Spans found, per task. */
  spans: Record<string, number>;
  seconds: number;
}

export interface FolderOptions {
  /** Folders where the checkpoint may be, the likeliest first. */
  candidates: string[];
  /** Folder of .txt files. */
  input: string;
  out: string;
  batchSize: number;
  /** Told every hundred documents. */
  onProgress?: (documents: number, seconds: number) => void;
}

const REPORT_EVERY = 100;

/** Writes submission files for a folder of texts, as a stream: never more than a few documents are held. */
export async function predictFolder(options: FolderOptions): Promise<FolderPrediction> {
  const { input, out, candidates } = options;
  if (!Number.isInteger(options.batchSize) || options.batchSize < 1)
    throw new UsageError('--batch-size needs a whole number, 1 or more');
  const folder = candidates.find((candidate) => existsSync(join(candidate, 'meddoprof.json')));
  if (!folder)
    throw new InputError(
      `there is no checkpoint in ${candidates.join(' nor in ')}: train one with meddoprof train`,
    );
  const predictor = await openPredictor(folder, options.batchSize);
  const { tasks } = predictor.settings;
  if (Object.values(tasks).some((task) => resolve(out, task.folder) === resolve(input)))
    throw new UsageError(`--out ${out} would write among the texts of --input: choose another folder`);
  const counts = Object.fromEntries(Object.keys(tasks).map((task) => [task, 0]));
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let documents = 0;
  try {
    for await (const prediction of predictTexts(predictor, readTexts(input))) {
      await writeSubmission(out, tasks, prediction);
      for (const task of Object.keys(tasks)) counts[task]! += prediction.spans[task]?.length ?? 0;
      documents += 1;
      if (documents % REPORT_EVERY === 0) options.onProgress?.(documents, elapsed());
    }
  } finally {
    predictor.dispose();
  }
  return { documents, spans: counts, seconds: elapsed() };
}
