import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inWay } from '../backend/precision.js';
import type { Context } from '../context.js';
import type { CorpusFormatName } from '../config/choices.js';
import { openTexts } from '../data/texts.js';
import type { CodedRow } from '../data/norm.js';
import { unreadIn } from '../data/unread.js';
import { UsageError } from '../errors.js';
import { lockOrRefuse } from '../files/holding.js';
import { removeLeftovers } from '../files/temporary.js';
import { unwritable } from '../files/write.js';
import { codedTaskOf } from '../normalize/normalizer.js';
import type { FoundSpanLine } from '../formats/foundSpan.js';
import { codeSpans, rowsOf } from './codes.js';
import { predictTogether } from './ensemble.js';
import { inRounds, meanwhile } from './meanwhile.js';
import type { OpenedModels } from './openModels.js';
import { normTable } from './normTable.js';
import { isOfShard, tableName, type Shard } from './shard.js';
import { spanLines, spanTable } from './spanTable.js';
import { writeSubmission, writtenDocuments } from './submission.js';
import type { Prediction } from './predictor.js';
import { growingTable, tableNames, type GrowingTable } from '../data/growingTable.js';

export interface FolderPrediction {
  documents: number;
  /** Of the same shard, written by an earlier run. */
  skipped: number;
  /** Spans found, per task. */
  spans: Record<string, number>;
  /** The file of spans with their scores; null where none was asked for. */
  scores: string | null;
  /** Codes given; null where the run has no normalizer. */
  codes: number | null;
  /** Windows of the first model, and those that it read to their end; null where all are. */
  windows: Prediction['windows'] | null;
  seconds: number;
}

export interface FolderOptions {
  /** Folder of .txt files, or a corpus in another format. */
  input: string;
  /** Of the input; auto (the default): told by the names of its files. */
  format?: CorpusFormatName | 'auto';
  out: string;
  /** Only the documents of this part. */
  shard?: Shard;
  /** Leave out documents for which everything is written. */
  resume?: boolean;
  /** Also write spans.jsonl: the spans with their scores, and the codes that they may have with theirs. */
  scores?: boolean;
  /** Write spans over a line end in fragments, as brat opens them; the official scorer drops such files. */
  fragments?: boolean;
}

/** Documents that are written while others are computed. */
const WRITTEN_AT_ONCE = 16;

/**
 * Writes submission files for a folder of texts, as a stream: never more than a few documents are held. The
 * folder is locked meanwhile, for this shard. The models stay the caller's, and stop by the context that they were opened with.
 * @throws UsageError where another process predicts into it, or where it holds predictions and none are resumed
 */
export function predictFolder(
  models: OpenedModels,
  options: FolderOptions,
  context: Context,
): Promise<FolderPrediction> {
  return inWay(models.backend, () => writePredictions(models, options, context));
}

async function writePredictions(
  { predictors, tasks, normalizer, decoding }: OpenedModels,
  options: FolderOptions,
  context: Context,
): Promise<FolderPrediction> {
  const { input, out, shard } = options;
  const names = Object.keys(tasks);
  let table: GrowingTable<CodedRow> | undefined;
  let scores: GrowingTable<FoundSpanLine> | undefined;
  let unlock: (() => void) | undefined;
  const writing = meanwhile(WRITTEN_AT_ONCE);
  const syncTables = inRounds(async () => {
    await table?.sync();
    await scores?.sync();
  });
  try {
    if (Object.values(tasks).some((task) => resolve(out, task.folder) === resolve(input)))
      throw new UsageError(`--out ${out} would write among the texts of --input: choose another folder`);
    unlock = await lockFolder(out, shard);
    await removeLeftovers(out, ...Object.values(tasks).map((task) => join(out, task.folder)));
    const { whole, some } = await writtenDocuments(out, tasks);
    const written = options.resume ? whole : undefined;
    const isMine = (name: string) => !shard || isOfShard(name, shard);
    const isBegun = (name: string) => tableNames(name).some((one) => existsSync(join(out, one)));
    const [norms, spans] = [tableName('norm', shard), tableName('spans', shard)];
    if (!options.resume && (isBegun(norms) || isBegun(spans) || [...some].some(isMine)))
      throw new UsageError(
        `${out} holds predictions already: choose another --out, or add what is missing with --resume`,
      );
    if (isBegun(spans) && !options.scores)
      throw new UsageError(`${out} was begun with --scores: go on with it, or ${spans} would lack spans`);
    const source = await openTexts(input, options.format);
    if (source.names.length > 0)
      for (const message of await unreadIn(input)) context.notice(`warning: ${input}: ${message}`);
    const all = source.names.filter(isMine);
    const left = new Set(all.filter((name) => !written?.has(name)));
    const skipped = all.length - left.size;
    const mine = written && new Set([...written].filter(isMine));
    table = normalizer && growingTable(normTable, out, norms, mine);
    scores = options.scores ? growingTable(spanTable, out, spans, mine) : undefined;
    const codedTask = normalizer && codedTaskOf(normalizer.settings, names);
    const counts = Object.fromEntries(names.map((task) => [task, 0]));
    let codes = 0;
    const windows = { all: 0, read: 0 };
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    const reached = context.phase('documents', all.length);
    const texts = skipped > 0 && left.size === 0 ? [] : source.read(isMine);
    for await (const prediction of predictTogether(predictors, texts, (name) => !left.has(name))) {
      if (!left.delete(prediction.name)) continue; // it is written: computed again with those of its batches
      for (const task of names) counts[task]! += prediction.spans[task]?.length ?? 0;
      const coded = normalizer ? await codeSpans(normalizer, names, prediction) : [];
      const rows = rowsOf(prediction.name, coded);
      await table?.add(rows);
      await scores?.add(spanLines(prediction, coded, { codedTask, calibration: decoding.codeCalibration }));
      codes += rows.length;
      windows.all += prediction.windows.all;
      windows.read += prediction.windows.read;
      await writing.start(async () => {
        await syncTables();
        await writeSubmission(out, tasks, prediction, options); // last: a document that has it is done
      });
      if (left.size === 0) break;
      await reached(all.length - left.size);
    }
    await writing.end();
    await table?.finish();
    await scores?.finish();
    return {
      documents: all.length - skipped,
      skipped,
      spans: counts,
      codes: normalizer ? codes : null,
      windows: predictors[0]!.gate ? windows : null,
      scores: scores ? join(out, spans) : null,
      seconds: elapsed(),
    };
  } finally {
    await writing.end().catch(() => {}); // its error is on its way already
    await table?.close();
    await scores?.close();
    unlock?.();
    if (unlock) await rmdir(out).catch(() => {}); // where it was made for nothing
  }
}

/** Shards of one prediction go into one folder side by side. */
async function lockFolder(out: string, shard: Shard | undefined): Promise<() => void> {
  await mkdir(out, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new UsageError(`${out} is no folder: choose another --out`);
    throw unwritable(out, error);
  });
  return lockOrRefuse(join(out, `.${tableName('norm', shard)}.lock`), 'predicting into this folder');
}
