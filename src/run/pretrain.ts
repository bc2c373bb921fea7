import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startEngine } from '../backend/engine.js';
import { inWay, precisionNow } from '../backend/precision.js';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { lockOrRefuse } from '../files/holding.js';
import { writeJson } from '../files/json.js';
import { removeDeadLock } from '../files/lock.js';
import { recoverFolder, replaceFolder } from '../files/replace.js';
import { removeLeftovers } from '../files/temporary.js';
import { exists } from '../files/text.js';
import { writeAtomically, writeFolder } from '../files/write.js';
import {
  pretrainingFormat,
  pretrainingStateFormat,
  type PretrainingReport,
  type PretrainingState,
} from '../formats/pretraining.js';
import { readStored } from '../formats/stored.js';
import { areFinite, NotFinite } from '../model/finite.js';
import { saveWeights } from '../model/folder.js';
import { wholeValues } from '../model/parameters.js';
import { openSafetensors } from '../model/weights/safetensors.js';
import { restoreState, saveState, updatesOf, type Checked, type PartsOf } from '../train/optimizerState.js';
import { measure, pretrain, PRETRAINING, type Pretraining } from '../train/pretraining.js';
import { checkpointPace } from './checkpointPace.js';
import { closePretraining, preparePretraining, type PreparedPretraining } from './preparePretraining.js';
import { programVersions } from './provenance.js';
import { openPretraining } from './openPretraining.js';

const STATE = 'state.json';
const TENSORS = 'training.safetensors';
const KEPT: PartsOf = () => ['weight', 'first', 'second'];

/**
 * Trains the masked language model of `encoder.weights` further on raw text, and writes it as a folder that
 * `encoder.weights` takes, with its head, and pretraining.json. Beside it, in `<folder>.part`, stands what was
 * trained until a stop: the same call goes on from it, to the same numbers.
 * @throws UsageError where the folder is there, or what was stopped is of another config
 */
export async function pretrainEncoder(
  config: Config,
  folder: string,
  context: Context,
): Promise<PretrainingReport & { folder: string }> {
  const lock = `${resolve(folder)}.lock`;
  if (await exists(folder)) await removeDeadLock(lock); // of one that was killed at its very end
  await refuseWhatIsThere(folder);
  const parent = dirname(resolve(folder));
  const prepared = await preparePretraining(config);
  try {
    await mkdir(parent, { recursive: true });
    const unlock = await lockOrRefuse(lock, 'pretraining into this folder');
    try {
      await refuseWhatIsThere(folder); // another process may have ended meanwhile
      await removeLeftovers(parent);
      await startEngine(config.backend, context);
      return await inWay(config.backend, async () => {
        const report = await pretrainHere(config, prepared, folder, context);
        return { folder, ...report };
      });
    } finally {
      unlock();
    }
  } finally {
    await closePretraining(prepared);
  }
}

async function refuseWhatIsThere(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  const left = (await leftBeside(folder))
    ? `; ${folder}.part is what another pretraining had until a stop`
    : '';
  throw new UsageError(`${folder} is there already: choose another --out${left}`);
}

/** Whether something is left beside a finished pretraining. What it came of is removed: it was killed before it did so. */
async function leftBeside(folder: string): Promise<boolean> {
  const checkpoint = `${folder}.part`;
  if (!(await exists(checkpoint))) return false;
  const [report, state] = await Promise.all([
    readStored(join(folder, 'pretraining.json'), pretrainingFormat),
    readStored(join(checkpoint, STATE), pretrainingStateFormat),
  ]).catch(() => []);
  if (!report || !state || !isDeepStrictEqual(state.log, report.log)) return true;
  await rm(checkpoint, { recursive: true, force: true });
  return false;
}

async function pretrainHere(
  config: Config,
  prepared: PreparedPretraining,
  folder: string,
  context: Context,
): Promise<PretrainingReport> {
  const checkpoint = `${folder}.part`;
  const key = keyOf(config, prepared);
  const { training, dispose } = await openPretraining(config, prepared, context);
  const checked: Checked = async (name, values) => {
    if (areFinite(await values)) return values;
    throw new NotFinite(
      `The pretraining lost its numbers (${name} has values that are none): lower pretraining.rate`,
    );
  };
  try {
    const kept = await restore(checkpoint, key, training);
    const before = kept ? kept.before : await measure(training, prepared.heldOut, context);
    const log = [...(kept?.log ?? [])];
    const { logSteps, checkpointSteps } = config.training;
    const steps = training.batches.length;
    const pace = checkpointPace();
    const keep = (done: number) =>
      pace.write(() => save(checkpoint, training, { format: 1, key, steps: done, before, log }, checked));
    const reached = context.phase(PRETRAINING, steps);
    await reached(kept?.steps ?? 0);
    for await (const logged of pretrain(training, kept?.steps ?? 0)) {
      const { step } = logged;
      if (step % logSteps === 0 || step === steps) log.push(logged);
      const isDue = (step % checkpointSteps === 0 && pace.allows()) || step === steps;
      if (isDue) await keep(step);
      await reached(step, isDue ? undefined : () => keep(step));
    }
    const after = await measure(training, prepared.heldOut, context);
    const report: PretrainingReport = {
      format: 1,
      weights: config.encoder.weights!,
      layers: config.encoder.layers,
      texts: prepared.texts,
      steps,
      before,
      after,
      log,
      seed: config.seed,
      versions: await programVersions(),
    };
    await writeFolder(folder, (fresh) => saveEncoder(fresh, prepared, training, report, checked));
    await rm(checkpoint, { recursive: true, force: true });
    return report;
  } finally {
    dispose();
  }
}

/** What was trained until a stop, if anything was. */
async function restore(
  checkpoint: string,
  key: string,
  { slots }: Pretraining,
): Promise<PretrainingState | undefined> {
  if (!(await recoverFolder(checkpoint))) return undefined;
  const state = await readStored(join(checkpoint, STATE), pretrainingStateFormat);
  if (state.key !== key)
    throw new UsageError(
      `${checkpoint} is of a pretraining with other options, texts or weights: remove it, or choose another --out`,
    );
  const file = await openSafetensors(join(checkpoint, TENSORS));
  await restoreState(file, slots, KEPT, state.updates).finally(() => file.close());
  return state;
}

async function save(
  checkpoint: string,
  { slots }: Pretraining,
  state: Omit<PretrainingState, 'updates'>,
  checked: Checked,
): Promise<void> {
  await replaceFolder(checkpoint, async (fresh) => {
    await saveState(join(fresh, TENSORS), slots, KEPT, checked);
    const whole: PretrainingState = { ...state, updates: updatesOf(slots) };
    await writeAtomically(join(fresh, STATE), `${JSON.stringify(whole)}\n`);
  });
}

async function saveEncoder(
  folder: string,
  { encoder, tokenizer, source, specs }: PreparedPretraining,
  { slots, held }: Pretraining,
  report: PretrainingReport,
  checked: Checked,
): Promise<void> {
  await writeJson(join(folder, 'pretraining.json'), report);
  await saveWeights(folder, { encoder, tokenizer, parameters: specs }, async (name) =>
    checked(name, wholeValues({ slots, held }, name, { read: source })),
  );
}

/** What the numbers of a pretraining depend on. */
function keyOf(
  { seed, pretraining, encoder, training, data }: Config,
  prepared: PreparedPretraining,
): string {
  const { logSteps: _, checkpointSteps: __, ...options } = training;
  const settings = [seed, pretraining, encoder, options, data.windowPieces, precisionNow()];
  const hash = createHash('sha256').update(JSON.stringify([settings, prepared.weightsIdentity]));
  for (const { encoded } of prepared.documents) hash.update(encoded.ids).update(';');
  return hash.digest('hex');
}
