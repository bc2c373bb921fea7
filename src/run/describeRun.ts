import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../backend/started.js';
import { formatConfig } from '../config/format.js';
import type { Config } from '../config/schema.js';
import { readSplit, writeSplit } from '../data/split.js';
import { InputError } from '../errors.js';
import { writeJson } from '../files/json.js';
import { writeAtomically } from '../files/write.js';
import { recordFormat } from '../formats/record.js';
import { readStored } from '../formats/stored.js';
import type { RunPaths } from '../runFolder/paths.js';
import { learnedFrom } from '../runFolder/record.js';
import { checkExamples } from './augmentCorpus.js';
import type { PreparedData } from './prepare.js';
import { provenanceOf } from './provenance.js';
import { checkTeachers, type describeTeachers } from './teachers.js';

type Described = Awaited<ReturnType<typeof describeTeachers>>;

/** Writes what the run is made with. */
export async function describeRun(
  paths: RunPaths,
  config: Config,
  data: PreparedData,
  { engine, teachers }: { engine: Engine; teachers: Described },
): Promise<void> {
  const { folder, hash, documents } = data.corpus;
  await writeAtomically(paths.config, formatConfig(config));
  await writeSplit(paths.split, data.split);
  const started = new Date().toISOString();
  const provenance = await provenanceOf(engine, { folder, hash, documents: documents.length }, config.seed);
  const { given } = data;
  const learned = learnedFrom(teachers, given && { ...given, documents: given.documents.length });
  await writeJson(paths.run, { ...learned, started, ...provenance });
  for (const left of [paths.tensorboard, paths.predictions, paths.augmented])
    await rm(left, { recursive: true, force: true });
}

/** Whether the documents to go on with are those that the run was started with. */
export async function checkData(
  paths: RunPaths,
  { corpus, split, given }: PreparedData,
  teachers: Described,
): Promise<void> {
  const run = await readStored(paths.run, recordFormat);
  if (run.corpus.hash !== corpus.hash)
    throw new InputError(
      `${run.corpus.folder} has changed since ${paths.folder} was started: restore it, or start a new run`,
    );
  checkExamples(paths.folder, run.examples, given);
  checkTeachers(paths.folder, run.teachers, teachers);
  const { validation, test } = await readSplit(paths.split);
  if (!isDeepStrictEqual([validation, test], [split.validation, split.test]))
    throw new InputError(
      `data.split holds out other documents than ${paths.split}, with which the run was started: restore it, or start a new run`,
    );
}
