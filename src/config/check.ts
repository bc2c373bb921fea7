import { normalize } from 'node:path';
import { isInside } from '../files/inside.js';
import { nearest } from './nearest.js';
import type { Problem } from './problems.js';
import { tooManyOutputs } from './outputs.js';
import type { Config } from './schema.js';
import type { Frozen } from './sections/training.js';

/** What is wrong between the options of a config that are each right by themselves. */
export function contradictions(config: Config): Problem[] {
  return [
    ...checkTasks(config),
    ...checkData(config),
    ...checkEncoder(config),
    ...checkOutputs(config),
    ...checkAgreement(config),
    ...checkFrozen(config),
    ...checkTeacher(config),
    ...checkLabels(config),
    ...checkCurves(config),
    ...checkBackend(config),
  ];
}

function* checkTasks({ tasks }: Config): Generator<Problem> {
  const owners = new Map<string, Map<string, string>>(); // of labels, by folder
  for (const [task, { folder, labels }] of Object.entries(tasks)) {
    const known = normalize(folder).replace(/\/$/, '');
    if (!isInside(folder))
      yield {
        path: ['tasks', task, 'folder'],
        message: `is ${folder}; it must be the name of a folder inside the corpus`,
      };
    const ofFolder = owners.get(known) ?? new Map<string, string>();
    owners.set(known, ofFolder);
    for (const [i, label] of labels.entries()) {
      const owner = ofFolder.get(label) ?? task;
      if (owner !== task)
        yield {
          path: ['tasks', task, 'labels', i],
          message: `is ${label}, a label of ${owner} too, and both have the folder ${known}; of tasks that share one each needs labels of its own`,
        };
      else ofFolder.set(label, task);
    }
    for (const [i, label] of repeated(labels))
      yield { path: ['tasks', task, 'labels', i], message: `is ${label}, which is in the list already` };
  }
}

/** What stands in a list for the second time, with its place. */
export function repeated<T>(values: readonly T[]): [number, T][] {
  const seen = new Set<T>();
  return [...values.entries()].filter(([, value]) => seen.size === seen.add(value).size);
}

function* checkData({ data, training }: Config): Generator<Problem> {
  const most = data.windowPieces - 2;
  if (data.windowContext === null && data.windowStride > most)
    yield {
      path: ['data', 'windowStride'],
      message:
        `is ${data.windowStride}, which leaves gaps between windows of ${data.windowPieces} pieces; ` +
        `it must be at most windowPieces - 2, ${most}`,
    };
  const widest = Math.floor((most * 3) / 8);
  if (data.windowContext !== null && data.windowContext > widest)
    yield {
      path: ['data', 'windowContext'],
      message: `is ${data.windowContext} on both sides, which leaves too little to be scored in windows of ${data.windowPieces} pieces; it must be at most three eighths of windowPieces - 2, ${widest}`,
    };
  if (training.patience !== null && data.validationShare === 0 && data.split === null)
    yield {
      path: ['training', 'patience'],
      message: 'needs validation documents; data.validationShare is 0',
    };
  yield* checkFolds(data);
}

function* checkFolds({ folds, fold, split }: Config['data']): Generator<Problem> {
  const path = ['data', 'folds'];
  if (folds === null) {
    if (fold !== null)
      yield { path: ['data', 'fold'], message: `is ${fold}, and data.folds does not say of how many` };
    return;
  }
  if (split !== null)
    yield { path, message: `is ${folds}, and data.split says which documents are held out; leave one out` };
  if (fold === null)
    yield {
      path,
      message: `is ${folds}, and data.fold does not say which one is held out; set it to 1 … ${folds}, or train all by an experiment file with folds: ${folds}`,
    };
  else if (fold > folds)
    yield { path: ['data', 'fold'], message: `is ${fold}, and there are ${folds} folds (data.folds)` };
}

function* checkEncoder({ encoder }: Config): Generator<Problem> {
  const { hidden, heads } = encoder.random;
  if (hidden % heads !== 0)
    yield {
      path: ['encoder', 'random', 'heads'],
      message: `is ${heads}, which does not divide encoder.random.hidden, ${hidden}`,
    };
}

function checkOutputs(config: Config): Problem[] {
  return [...tooManyOutputs(config)].map(({ path, fault, advice }) => ({
    path,
    message: `${fault}; ${advice}`,
  }));
}

function* checkAgreement({ tasks, model }: Config): Generator<Problem> {
  for (const head of ['crf', 'spans'] as const) {
    if (!model[head].agree) continue;
    const problem = (reason: string): Problem => ({
      path: ['model', head, 'agree'],
      message: `is true, and ${reason}; set it to false`,
    });
    if (model.head !== head) yield problem(`model.head is ${model.head}, which takes no notice of it`);
    else if (model.outputs === 'joint')
      yield problem('joint outputs give every span a label of each task anyway');
    else if (Object.keys(tasks).length < 2)
      yield problem('there is one task only, with nothing to agree with');
  }
}

function* checkFrozen({ encoder, training }: Config): Generator<Problem> {
  const layers = encoder.weights === null ? encoder.random.layers : (encoder.layers?.length ?? Infinity);
  const lists: [PropertyKey[], Frozen][] = [
    [['training', 'epochs', 'frozen'], training.epochs.frozen],
    ...(training.schedule ?? []).map((epoch, i): [PropertyKey[], Frozen] => [
      ['training', 'schedule', i, 'frozen'],
      epoch.frozen,
    ]),
  ];
  for (const [path, frozen] of lists)
    for (const [i, layer] of (frozen === 'encoder' ? [] : frozen).entries())
      if (typeof layer === 'number' && layer >= layers)
        yield { path: [...path, i], message: `is ${layer}; ${layerRange(layers)}` };
}

function layerRange(layers: number): string {
  return `the encoder has ${layers} layer${layers === 1 ? '' : 's'}, counted from 0`;
}

function* checkTeacher({ data, model: { head }, training: { teacher } }: Config): Generator<Problem> {
  const path = ['training', 'teacher', 'runs'];
  if (teacher.runs.length > 0 && head === 'spans')
    yield {
      path,
      message: `needs the head sigmoid or crf, and model.head is ${head}; leave it out, or change that`,
    };
  for (const [i, run] of teacher.runs.entries())
    if (run.includes('{fold}') && data.fold === null)
      yield { path: [...path, i], message: `is ${run}, and data.fold is not set; name the run as it is` };
  for (const [i, run] of repeated(teacher.runs))
    yield { path: [...path, i], message: `is ${run}, which is in the list already` };
}

/** A curve goes on by greater scores, or no score could be found on it. */
function* checkCurves({ decoding: { calibration, codeCalibration } }: Config): Generator<Problem> {
  const curves = [
    ...Object.entries(calibration).map(([label, one]) => ({ path: ['calibration', label], one })),
    { path: ['codeCalibration'], one: codeCalibration },
  ];
  for (const { path, one } of curves) {
    if (!Array.isArray(one)) continue;
    const at = one.findIndex(([score], i) => i > 0 && score <= one[i - 1]![0]);
    const message = `has the score ${one[at]?.[0]}, and the point before it ${one[at - 1]?.[0]}; the scores of a curve ascend`;
    if (at > 0) yield { path: ['decoding', ...path, at], message };
  }
}

/** Options that have a value for each of some labels. */
function* checkLabels({ tasks, decoding, training }: Config): Generator<Problem> {
  const labels = Object.values(tasks).flatMap((task) => task.labels);
  const known = new Set(labels);
  const tables: [string[], object][] = [
    [['decoding', 'thresholds'], decoding.thresholds],
    [['decoding', 'calibration'], decoding.calibration],
    [['training', 'labelWeights'], training.labelWeights],
  ];
  for (const [path, table] of tables)
    for (const label of Object.keys(table)) {
      if (known.has(label)) continue;
      const message = () => {
        const near = nearest(label, labels);
        const help = near === undefined ? `the labels are ${labels.join(', ')}` : `did you mean ${near}?`;
        return `is for a label of no task; ${help}`;
      };
      yield { path: [...path, label], message };
    }
}

function* checkBackend({ backend: { engine, device, precision } }: Config): Generator<Problem> {
  if (device === 'gpu' && (engine === 'wasm' || engine === 'cpu'))
    yield {
      path: ['backend', 'device'],
      message: `is gpu, and the engine ${engine} has none; set backend.engine to native, webgpu or auto`,
    };
  if (device === 'cpu' && engine === 'webgpu')
    yield {
      path: ['backend', 'device'],
      message: 'is cpu, and the engine webgpu computes on a GPU; set backend.engine to native, wasm or auto',
    };
  if (precision === 'bfloat16' && engine !== 'native' && engine !== 'auto')
    yield {
      path: ['backend', 'precision'],
      message: `is bfloat16, which the engine ${engine} lacks; set it to float32, or backend.engine to native`,
    };
}
