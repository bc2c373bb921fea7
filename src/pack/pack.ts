import { existsSync } from 'node:fs';
import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NORM } from '../config/choices.js';
import { loadConfig } from '../config/load.js';
import type { Context } from '../context.js';
import { readSplit, scoredNames } from '../data/split.js';
import { InputError } from '../errors.js';
import { filesBelow } from '../files/below.js';
import { checkFree } from '../files/free.js';
import { refuseLink } from '../files/links.js';
import { writeAtomically, writeFolder } from '../files/write.js';
import { recordFormat } from '../formats/record.js';
import { readStored } from '../formats/stored.js';
import { openCheckpoint, saveModel, type WeightType } from '../model/folder.js';
import { wordTable } from '../model/part.js';
import { copyNormalizer } from '../normalize/copy.js';
import { gateFile } from '../predict/gate.js';
import { checkpointOf, predictionSettings } from '../predict/settings.js';
import type { TrackSummary } from '../report/data.js';
import { trackSummaries } from '../report/tracks.js';
import { readFinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { runPaths, type RunPaths } from '../runFolder/paths.js';
import { tunedSettings } from '../runFolder/tuned.js';
import { formatCard, type CardOptions } from './card.js';
import { compareWords, openBase, type WordRows } from './words.js';

export interface PackOptions extends CardOptions {
  /** The folder to make. */
  out: string;
  checkpoint: 'best' | 'last';
  type: WeightType;
  /** Put the rows of the word table back as they were before the training. */
  restoreWords: boolean;
  /** Take along what finds codes, and with it the mentions of the training documents. */
  mentions: boolean;
  /** By the thresholds that were tuned for the run. */
  tuned: boolean;
  /** Settings of --set: how spans are decoded; where corpus and encoder are now. */
  set: readonly string[];
}

/** What was packed. */
export interface Packed {
  out: string;
  type: WeightType;
  /** Bytes of each file. */
  files: Record<string, number>;
  /** null where the encoder that training began with is not there to compare with. */
  words: (WordRows & { restored: boolean }) | null;
  /** Whether what finds codes is in it. */
  codes: boolean;
  /** null where no document was held out to score. */
  tracks: TrackSummary[] | null;
}

/**
 * Makes a folder of a run's model to hand on: its weights, tokenizer and settings, and a model card. Of the training texts
 * it has nothing, but for what `mentions` asks for. `out` is there whole or not at all.
 * @throws UsageError where `out` is there already; InputError for a run without that checkpoint, a damaged file, values that
 * the type cannot hold, and words to restore where the encoder that training began with is not there
 */
export async function packRun(run: string, options: PackOptions, context: Context): Promise<Packed> {
  const { out, type, restoreWords } = options;
  await checkFree(out, 'folder', '--out');
  const paths = runPaths(run);
  const checkpoint = checkpointOf([join(paths.checkpoints, options.checkpoint)]);
  const [ofModel, ofRun] = partedSettings(options.set);
  const tuned = options.tuned ? await tunedSettings(run) : [];
  const { decoding } = await predictionSettings(checkpoint, [...tuned, ...ofModel]);
  const { config } = await loadConfig(paths.config, { set: ofRun });
  const record = await readStored(paths.run, recordFormat);
  const split = await readSplit(paths.split);
  const codes = options.mentions && existsSync(paths.normalizer);
  const all = await tracksOf(paths, ofRun, scoredNames(split).length, context);
  const tracks = all && all.filter(({ track }) => codes || track !== NORM);
  const { model, settings, weights, tokenizer } = await openCheckpoint(checkpoint);
  const packed = { ...settings, decoding };
  const redecoded = !isDeepStrictEqual(decoding, settings.decoding);
  const table = wordTable(model.parameters);
  const base = await openBase(config.encoder.weights, table.shape).catch(async (error: unknown) => {
    if (!(error instanceof InputError) || restoreWords) {
      await weights.close();
      throw error;
    }
    context.notice(`Which rows of the word table training has changed is not known: ${error.message}`);
    return undefined;
  });
  try {
    if (restoreWords && !base)
      throw new InputError(
        `${run} began with random weights: there are no words to restore; leave out --words restore`,
      );
    const words = base && {
      ...(await compareWords(weights, table, base.words, context)),
      restored: restoreWords,
    };
    const reached = context.phase('tensors', model.parameters.length);
    let done = 0;
    await writeFolder(out, async (fresh) => {
      const read = async (name: string) => {
        await reached(done++);
        return restoreWords && name === table.name ? base!.words.read() : weights.read(name);
      };
      await saveModel(fresh, model, { settings: packed, tokenizer }, read, type);
      const gate = gateFile(checkpoint);
      await refuseLink(gate);
      if (existsSync(gate)) await cp(gate, gateFile(fresh));
      if (codes) await copyNormalizer(paths.normalizer, join(fresh, 'normalizer'));
      const about = {
        settings: packed,
        encoder: model.encoder,
        config,
        record,
        split,
        tracks,
        codes,
        redecoded,
      };
      const card = formatCard({ ...about, words: words ?? null }, options);
      await writeAtomically(join(fresh, 'README.md'), card);
    });
    await reached(model.parameters.length);
    return { out, type, codes, tracks, files: await sizesIn(out), words: words ?? null };
  } finally {
    await weights.close();
    await base?.close();
  }
}

/** What says how spans are decoded, and what says where the run's corpus and encoder are. */
function partedSettings(set: readonly string[]): [string[], string[]] {
  const isDecoding = (setting: string) => setting.startsWith('decoding');
  return [set.filter(isDecoding), set.filter((setting) => !isDecoding(setting))];
}

/** The run's scores with their intervals; null where nothing was held out. */
async function tracksOf(
  { folder, evaluation }: RunPaths,
  set: string[],
  scored: number,
  context: Context,
): Promise<TrackSummary[] | null> {
  if (scored === 0) return null;
  if (!existsSync(evaluation))
    throw new InputError(
      `${folder} has no scores for its card: it is not finished; go on with: meddoprof train --resume ${folder}`,
    );
  const run = await readFinishedRun(folder, { set });
  return trackSummaries(run, await readGold(run), context);
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of await filesBelow(folder)) sizes[name] = (await stat(join(folder, name))).size;
  return sizes;
}
