import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { augmentDocuments, candidatesFor } from '../augment/augment.js';
import { readAugmented, writeAugmented, type Augmented } from '../augment/provenance.js';
import { startEngine } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { readCorpus, type Corpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { warningLines } from '../data/warnings.js';
import { checkNames } from '../data/write.js';
import { configuredSplit } from '../data/split.js';
import { maskedLmIdentity } from '../model/weights/maskedLm.js';
import type { RunRecord } from '../formats/record.js';
import type { Split } from '../formats/split.js';
import { InputError, UsageError } from '../errors.js';
import { checkFree } from '../files/free.js';
import { lockOrRefuse } from '../files/holding.js';
import { removeLeftovers } from '../files/temporary.js';

export interface AugmentResult {
  folder: string;
  /** Mentions of the training documents, per task and label. */
  counts: { task: string; label: string; before: number; after: number }[];
  candidates: Augmented['lines'];
}

/**
 * Writes new examples for the training documents of a config as a corpus: `data.split`, else the split that
 * `train` draws. @throws UsageError where the folder holds something, or the config asks for no labels
 */
export async function augmentCorpus(
  config: Config,
  folder: string,
  context: Context,
): Promise<AugmentResult> {
  if (config.augmentation.labels.length === 0)
    throw new UsageError(
      'augmentation.labels is empty: name the labels that are to get new examples, as in --set augmentation.labels=[ACTIVIDAD]',
    );
  const parent = dirname(resolve(folder));
  await mkdir(parent, { recursive: true });
  const unlock = await lockOrRefuse(`${resolve(folder)}.lock`, 'augmenting into this folder');
  try {
    await removeLeftovers(parent);
    await checkFree(folder, 'folder', '--out');
    return await makeCorpus(config, folder, context);
  } finally {
    unlock();
  }
}

async function makeCorpus(config: Config, folder: string, context: Context): Promise<AugmentResult> {
  const corpus = await readCorpus(config.data.corpus, config.tasks, config.data);
  for (const line of warningLines(corpus)) context.notice(line);
  const training = trainingDocuments(corpus, await configuredSplit(corpus.documents, config));
  await startEngine(config.backend, context);
  const augmented = await inWay(config.backend, () => augmentDocuments(training, config, context));
  await writeAugmented(folder, augmented, config.tasks);
  return {
    folder,
    counts: countLabels(config.tasks, training, augmented.documents),
    candidates: augmented.lines,
  };
}

/**
 * Whether a run can make its new examples, before it has a folder and an engine is started.
 * @throws UsageError as `candidatesFor`; InputError where the language model is not there, or is none
 */
export async function checkAugmentation(
  config: Config,
  { corpus, split }: { corpus: Corpus; split: Split },
): Promise<void> {
  const { labels, scoring, corpus: given } = config.augmentation;
  if (given !== null || labels.length === 0) return;
  candidatesFor(trainingDocuments(corpus, split), config);
  await maskedLmIdentity(scoring.weights, scoring);
}

/**
 * The new examples that a run makes: those in its folder, else made now, and then kept there. None where the
 * config asks for none, or has `givenExamples`. The engine must have been started.
 */
export async function augmentRun(
  config: Config,
  { corpus, split }: { corpus: Corpus; split: Split },
  folder: string,
  context: Context,
): Promise<Document[]> {
  if (config.augmentation.corpus !== null || config.augmentation.labels.length === 0) return [];
  const own = await stat(join(folder, 'augmented.jsonl')).then(
    () => true,
    () => false,
  );
  if (own) return (await readExamples(folder, config, { corpus, split })).documents;
  const augmented = await augmentDocuments(trainingDocuments(corpus, split), config, context);
  await rm(folder, { recursive: true, force: true }); // half of one, by an earlier version
  await writeAugmented(folder, augmented, config.tasks);
  return augmented.documents;
}

/** What `augmentation.corpus` gives, and the hash of all that is in it. */
export interface GivenExamples {
  folder: string;
  hash: string;
  documents: Document[];
}

/**
 * The examples of `augmentation.corpus`, those of `augmentation.labels` where it names any; undefined without it.
 * @throws InputError as readAugmented, UsageError for a label of which there are none
 */
export async function givenExamples(
  config: Pick<Config, 'augmentation' | 'tasks'>,
  data: { corpus: Corpus; split: Split },
): Promise<GivenExamples | undefined> {
  const { labels, corpus: folder } = config.augmentation;
  return folder === null ? undefined : readExamples(folder, config, data, labels);
}

/** @throws InputError where a run that is gone on with was given others; runs of earlier versions do not say which */
export function checkExamples(
  folder: string,
  then: RunRecord['examples'],
  now: GivenExamples | undefined,
): void {
  if (then && now && then.hash !== now.hash)
    throw new InputError(
      `${now.folder} (augmentation.corpus) has changed since ${folder} was started: restore it, or start a new run`,
    );
}

async function readExamples(
  folder: string,
  { tasks }: Pick<Config, 'tasks'>,
  { corpus, split }: { corpus: Corpus; split: Split },
  labels: readonly string[] = [],
): Promise<GivenExamples> {
  const { documents, lines, hash } = await readAugmented(folder, tasks, new Set(split.training));
  checkNames([...corpus.documents, ...documents]);
  if (labels.length === 0) return { folder, hash, documents };
  const labelOf = new Map(lines.filter(({ kept }) => kept).map(({ name, label }) => [name, label]));
  const there = new Set(labelOf.values());
  const lacking = labels.find((label) => !there.has(label));
  if (lacking !== undefined)
    throw new UsageError(
      `augmentation.labels: ${folder} has no example of ${lacking}; it has some of ${[...there].join(', ') || 'none'}`,
    );
  const wanted = documents.filter(({ name }) => labels.includes(labelOf.get(name)!));
  return { folder, hash, documents: wanted };
}

function trainingDocuments({ documents }: Corpus, { training }: Split): Document[] {
  const names = new Set(training);
  return documents.filter(({ name }) => names.has(name));
}

function countLabels(tasks: Config['tasks'], before: Document[], added: Document[]): AugmentResult['counts'] {
  return Object.entries(tasks).flatMap(([task, { labels }]) =>
    labels.map((label) => {
      const count = (documents: Document[]) =>
        documents.reduce(
          (sum, { spans }) => sum + spans[task]!.filter((span) => span.label === label).length,
          0,
        );
      return { task, label, before: count(before), after: count(before) + count(added) };
    }),
  );
}
