import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { augmentDocuments, type AugmentOptions } from '../augment/augment.js';
import { readAugmented, writeAugmented, type Augmented } from '../augment/provenance.js';
import { startEngine } from '../backend/engine.js';
import type { Config } from '../config/schema.js';
import { readCorpus, type Corpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { checkNames } from '../data/write.js';
import { configuredSplit, type Split } from '../data/split.js';
import { UsageError } from '../errors.js';

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
  options: AugmentOptions,
): Promise<AugmentResult> {
  if (config.augmentation.labels.length === 0)
    throw new UsageError(
      'augmentation.labels is empty: name the labels that are to get new examples, as in --set augmentation.labels=[ACTIVIDAD]',
    );
  const files = await readdir(folder).catch(() => []);
  if (files.length > 0) throw new UsageError(`${folder} is not empty: choose another --out`);
  const corpus = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
  const training = trainingDocuments(corpus, await configuredSplit(corpus.documents, config));
  const { notice } = await startEngine(config.backend);
  if (notice) options.onNotice?.(notice);
  const augmented = await augmentDocuments(training, config, options);
  await writeAugmented(folder, augmented, config.tasks);
  return {
    folder,
    counts: countLabels(config.tasks, training, augmented.documents),
    candidates: augmented.lines,
  };
}

/**
 * The new examples of a run: those in its folder, else those of `augmentation.corpus`, else made now, and
 * then kept in its folder. None where the config asks for none. The engine must have been started.
 */
export async function augmentRun(
  config: Config,
  { corpus, split }: { corpus: Corpus; split: Split },
  folder: string,
  options: AugmentOptions,
): Promise<Document[]> {
  const { labels, corpus: given } = config.augmentation;
  if (labels.length === 0) return [];
  const own = await stat(join(folder, 'augmented.jsonl')).then(
    () => true,
    () => false,
  );
  const training = new Set(split.training);
  if (own || given) {
    const { documents } = await readAugmented(own ? folder : given!, config.tasks, training);
    checkNames([...corpus.documents, ...documents]);
    return documents;
  }
  const augmented = await augmentDocuments(trainingDocuments(corpus, split), config, options);
  await rm(folder, { recursive: true, force: true }); // what a killed run left half written
  await writeAugmented(folder, augmented, config.tasks);
  return augmented.documents;
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
