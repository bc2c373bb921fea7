import { readdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { basename, join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { Corpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { outputsOf } from '../data/labels.js';
import { readSplit } from '../data/split.js';
import { groupTwins } from '../data/twins.js';
import { InputError, UsageError } from '../errors.js';
import { hashFile } from '../files/checksum.js';
import { exists } from '../files/text.js';
import type { ModelSettings } from '../formats/model.js';
import { recordFormat, type RunRecord } from '../formats/record.js';
import type { Split } from '../formats/split.js';
import { readStored } from '../formats/stored.js';
import { readModelSettings } from '../model/folder.js';
import { gateFile } from '../predict/gate.js';
import { checkpointOf } from '../predict/settings.js';
import { runPaths } from '../runFolder/paths.js';
import { readStatus } from '../runFolder/status.js';

/** A trained run whose scores another one learns. */
export interface Teacher {
  run: string;
  /** The folder of its best checkpoint. */
  checkpoint: string;
  /** The training documents that it teaches, by name. */
  teaches: ReadonlySet<string>;
  /** How many documents that are held out here it was trained on. */
  trainedOnHeldOut: number;
  /** The corpus that it was trained on, where that is another one: documents may have other names there. */
  otherCorpus?: string;
}

/**
 * The runs of `training.teacher`, and which documents each of them teaches.
 * @throws InputError naming what is no run or not finished, UsageError for one that finds other things or, where that is
 * refused, for documents that all were trained on
 */
export async function findTeachers(
  config: Config,
  { documents, hash }: Pick<Corpus, 'documents' | 'hash'>,
  split: Split,
): Promise<Teacher[]> {
  const { runs, seen } = config.training.teacher;
  const teachers: Teacher[] = [];
  const twins = runs.length > 0 ? groupTwins(documents) : [];
  for (const name of runs) {
    const run = name.replaceAll('{fold}', String(config.data.fold));
    const checkpoint = checkpointOf([join(run, 'checkpoints', 'best')]);
    await checkFinished(run);
    checkSame(run, await readModelSettings(checkpoint), config);
    const known = await trainedOn(run, twins);
    const teaches = seen === 'teach' ? split.training : split.training.filter((name) => !known.has(name));
    const heldOut = [...split.validation, ...(split.test ?? [])].filter((name) => known.has(name));
    const otherCorpus = await otherCorpusOf(run, hash);
    teachers.push({ run, checkpoint, teaches: new Set(teaches), trainedOnHeldOut: heldOut.length, otherCorpus }); // prettier-ignore
  }
  const untaught = withoutTeacher(teachers, split);
  if (seen === 'refuse' && untaught.length > 0)
    throw new UsageError(
      `training.teacher.runs: all of them were trained on ${counted(untaught, split)}; name one that was not, or set training.teacher.seen to skip or teach`,
    );
  return teachers;
}

/** Training documents that no teacher teaches; none where there are no teachers. */
function withoutTeacher(teachers: readonly Teacher[], { training }: Split): string[] {
  if (teachers.length === 0) return [];
  return training.filter((name) => !teachers.some(({ teaches }) => teaches.has(name)));
}

/** What people should know of the teachers, in sentences. */
export function noticesOfTeachers(teachers: readonly Teacher[], split: Split): string[] {
  const untaught = withoutTeacher(teachers, split);
  const heldOut = split.validation.length + (split.test?.length ?? 0);
  return [
    ...(untaught.length === 0
      ? []
      : [
          `All teachers were trained on ${counted(untaught, split)}: these are learned from their labels alone (training.teacher.seen).`,
        ]),
    ...teachers
      .filter(({ trainedOnHeldOut }) => trainedOnHeldOut > 0)
      .map(
        ({ run, trainedOnHeldOut }) =>
          `${run}, a teacher, was trained on ${trainedOnHeldOut} of the ${heldOut} documents that are held out here: the scores may be too good.`,
      ),
    ...teachers
      .filter(({ otherCorpus }) => otherCorpus !== undefined)
      .map(
        ({ run, otherCorpus }) =>
          `${run}, a teacher, was trained on another corpus (${otherCorpus}): what it has seen there under another name is taken for new to it.`,
      ),
  ];
}

/** The folder of the corpus that a run was trained on, where its files are not those of this one; a folder without a record is not told apart. */
async function otherCorpusOf(run: string, hash: string): Promise<string | undefined> {
  const record = runPaths(run).run;
  if (!(await exists(record))) return undefined;
  const { corpus } = await readStored(record, recordFormat);
  return corpus.hash === hash ? undefined : corpus.folder;
}

/** The teachers as a run's record keeps them: a checkpoint by the hash of its files. A gate teaches nothing, and may come later. */
export async function describeTeachers(
  teachers: readonly Teacher[],
): Promise<NonNullable<RunRecord['teachers']>> {
  const described: NonNullable<RunRecord['teachers']> = [];
  for (const { run, checkpoint } of teachers) {
    const hash = createHash('sha256');
    const names = (await readdir(checkpoint)).filter((name) => name !== basename(gateFile(checkpoint)));
    for (const name of names.sort()) hash.update(`${name} ${await hashFile(join(checkpoint, name))};`);
    described.push({ run, hash: hash.digest('hex') });
  }
  return described;
}

/** @throws InputError where a run that is gone on with had other teachers */
export function checkTeachers(folder: string, then: RunRecord['teachers'], now: RunRecord['teachers']): void {
  for (const [i, { run, hash }] of (now ?? []).entries())
    if (then?.[i]?.hash !== hash)
      throw new InputError(
        `${run}, a teacher, has changed since ${folder} was started: put its checkpoint back, or start a new run`,
      );
}

/** A run that is still trained has a best checkpoint, too, but of the epochs so far. */
async function checkFinished(run: string): Promise<void> {
  const state = (await readStatus(run))?.state;
  if (state === 'running' || state === 'interrupted' || state === 'failed')
    throw new InputError(
      `training.teacher.runs: ${run} is not finished (${state}): a teacher is trained to its end before; go on with: meddoprof train --resume ${run}`,
    );
}

/** Names of the documents that a run was trained on, and of their twins. */
async function trainedOn(run: string, twins: readonly (readonly Document[])[]): Promise<ReadonlySet<string>> {
  const file = join(run, 'split.json');
  if (!(await exists(file)))
    throw new InputError(
      `${file} is missing, which tells what ${run} was trained on: name a run with its split`,
    );
  const names = new Set((await readSplit(file)).training);
  const known = twins.filter((own) => own.some(({ name }) => names.has(name)));
  return new Set(known.flat().map(({ name }) => name));
}

function checkSame(run: string, settings: ModelSettings, { tasks, model }: Config): void {
  const refuse = (what: string): never => {
    throw new UsageError(`training.teacher.runs: ${run} ${what}: only a model that finds the same can teach`);
  };
  if (settings.model.head !== model.head)
    refuse(`has the head ${settings.model.head}, and model.head is ${model.head}`);
  if (settings.model.scheme !== model.scheme)
    refuse(`has the scheme ${settings.model.scheme}, and model.scheme is ${model.scheme}`);
  if (settings.model.outputs !== model.outputs)
    refuse(`has outputs ${settings.model.outputs}, and model.outputs is ${model.outputs}`);
  if (settings.model.crf.agree !== model.crf.agree)
    refuse(`has model.crf.agree ${settings.model.crf.agree}, and model.crf.agree is ${model.crf.agree}`);
  const outputs = (of: Pick<ModelSettings, 'tasks'>) => outputsOf(of.tasks, model.scheme, model.outputs);
  if (!isDeepStrictEqual(outputs(settings), outputs({ tasks })))
    refuse(`finds ${describeTasks(settings.tasks)}, and this config ${describeTasks(tasks)}`);
}

function describeTasks(tasks: Record<string, { labels: readonly string[] }>): string {
  return Object.entries(tasks)
    .map(([task, { labels }]) => `${task} (${labels.join(', ')})`)
    .join(', ');
}

function counted(names: readonly string[], { training }: Split): string {
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  return `${names.length} of the ${training.length} training documents (${shown})`;
}
