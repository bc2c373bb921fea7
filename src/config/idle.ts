import { rootSchema, schemaAt } from './options.js';
import type { Problem } from './problems.js';
import { expandSchedule, isFrozen, keepsOutputs } from './schedule.js';
import type { Config } from './schema.js';
import { type Tree, treeAt } from './tree.js';

/** Options that others make idle. */
interface Idle {
  /** What makes them so. */
  winners: string[];
  because: string;
  losers: string[];
}

/**
 * Options that were set, but on top of ones that make them idle: the user believes that they count. Those that
 * stand below, as in an extended file, are let pass, and so is what switches something off.
 * @param pretrains whether it is pretraining that the config is for
 */
export function withoutEffect(config: Config, layers: readonly Tree[], pretrains = false): Problem[] {
  const lastToSet = (path: string[]) =>
    layers.findLastIndex((layer) => {
      const found = treeAt(layer, path);
      return found !== undefined && !isOff(found);
    });
  const problems = [...idleOptions(config, pretrains)].flatMap(({ winners, because, losers }) => {
    const decided = Math.max(
      ...winners.map((winner) =>
        layers.findLastIndex((layer) => treeAt(layer, winner.split('.')) !== undefined),
      ),
    );
    return losers
      .map((loser) => loser.split('.'))
      .filter((path) => lastToSet(path) > decided)
      .map((path) => ({ path, message: `has no effect, because ${because}, or leave this out` }));
  });
  const first = (problem: Problem) =>
    problems.find(({ path }) => String(path) === String(problem.path)) === problem;
  return problems.filter(first);
}

function* idleOptions(config: Config, pretrains: boolean): Generator<Idle> {
  const { data, encoder, model, decoding, training, augmentation, normalization, backend } = config;
  const isSet = (winner: string, losers: string[]): Idle => ({
    winners: [winner],
    losers,
    because: `${winner} is set; set that to null`,
  });
  const byValue = (winner: string, value: unknown, losers: string[]): Idle => ({
    winners: [winner],
    losers,
    because: `${winner} is ${JSON.stringify(value)?.replaceAll('"', '')}; set that to another value`,
  });

  // not data.splitSeed: an experiment file's `split` sets it for all configs, whatever each of them says
  if (data.split !== null) yield isSet('data.split', ['data.validationShare']);
  if (data.windowContext !== null)
    yield isSet('data.windowContext', ['data.windowStride', 'decoding.windowStride']);
  if (encoder.weights !== null) yield isSet('encoder.weights', ['encoder.random']);
  else {
    yield byValue('encoder.weights', null, ['encoder.layers']);
    if (encoder.vocabulary !== null) yield isSet('encoder.vocabulary', ['encoder.random.vocabularySize']);
  }

  if (model.trunk === 'none') yield byValue('model.trunk', 'none', ['model.lstmUnits']);
  const { head } = model;
  if (head !== 'spans') yield byValue('model.head', head, ['model.spans.longest', 'model.spans.size']);
  else yield byValue('model.head', head, ['model.scheme', 'decoding.pooling']);
  if (head !== 'sigmoid') yield byValue('model.head', head, ['training.labelWeights']);
  if (head !== 'crf') yield byValue('model.head', head, ['decoding.paths']);
  else {
    yield byValue('model.head', head, ['decoding.pooling']);
    if (decoding.paths === 'best')
      yield {
        winners: ['model.head', 'decoding.paths'],
        because: 'model.head is crf and decoding.paths is best; set decoding.paths to all',
        losers: below('decoding', ['paths', 'pooling', 'windowStride', 'calibration', 'codeCalibration']),
      };
  }
  if (head === 'spans' && model.spans.agree) yield byValue('model.spans.agree', true, ['decoding.overlap']);

  const { epochs, schedule, rateDecay } = training;
  if (schedule !== null) yield isSet('training.schedule', ['training.epochs']);
  else {
    if (epochs.frozen.length === 0)
      yield byValue('training.epochs.frozen', [], ['training.epochs.frozenEpochs']);
    if (rateDecay !== 'epochs') yield byValue('training.rateDecay', rateDecay, ['training.epochs.decay']);
    if (!epochs.pattern.includes('full'))
      yield byValue('training.epochs.pattern', epochs.pattern, ['training.epochs.negatives']);
  }
  const cache = ['training.cacheFolder', 'training.cachePrecision'];
  const written = expandSchedule(training);
  const isAlwaysFrozen = isFrozen(training);
  const whatFreezes = ['training.epochs.frozen', 'training.epochs.frozenEpochs', 'training.schedule'];
  if (isAlwaysFrozen)
    yield {
      winners: whatFreezes,
      because: 'the encoder is frozen in every epoch; train some of it',
      losers: ['training.layerRateFactor', ...(pretrains ? [] : dropoutOf(encoder))],
    };
  if (training.maskedShare > 0 && keepsOutputs(config))
    yield {
      winners: [...whatFreezes, 'training.cacheFrozen'],
      because: 'what a frozen encoder says is kept; set training.cacheFrozen to false',
      losers: ['training.maskedShare'],
    };
  const areEmbeddingsFrozen = written.every(
    ({ frozen }) => frozen === 'encoder' || frozen.includes('embeddings'),
  );
  if (areEmbeddingsFrozen)
    yield {
      winners: whatFreezes,
      because: 'the embeddings are frozen in every epoch; train them',
      losers: ['training.adversarialEpsilon'],
    };
  if (model.layerMix) yield byValue('model.layerMix', true, ['training.cacheFrozen', ...cache]);
  if (!training.cacheFrozen) yield byValue('training.cacheFrozen', false, cache);
  else if (!isAlwaysFrozen)
    yield {
      winners: whatFreezes,
      because: 'the encoder is not frozen in every epoch; freeze it',
      losers: cache,
    };

  const { runs } = training.teacher;
  if (runs.length === 0) yield byValue('training.teacher.runs', runs, below('training.teacher', ['runs']));

  if (augmentation.corpus !== null)
    yield isSet('augmentation.corpus', below('augmentation', ['corpus', 'labels']));
  else if (augmentation.labels.length === 0)
    yield byValue('augmentation.labels', [], below('augmentation', ['corpus', 'labels']));
  else if (augmentation.count !== null) yield isSet('augmentation.count', ['augmentation.multiple']);

  if (data.norm === 'none' && data.codes === null)
    yield {
      winners: ['data.norm', 'data.codes'],
      because: 'data.norm is none and data.codes is null; name a table',
      losers: ['normalization'],
    };
  for (const part of ['classifier', 'lexical', 'embedding'] as const)
    if (normalization[part].weight === 0)
      yield byValue(`normalization.${part}.weight`, 0, below(`normalization.${part}`, ['weight']));
  for (const part of ['lexical', 'embedding'] as const)
    if (normalization[part].neighbours === null)
      yield byValue(`normalization.${part}.neighbours`, null, [`normalization.${part}.votePower`]);
  const { kind, training: trained } = normalization.embedding;
  const prefix = 'normalization.embedding';
  if (kind !== 'pooledEncoder') yield byValue(`${prefix}.kind`, kind, [`${prefix}.layers`]);
  if (trained.epochs === 0)
    yield byValue(`${prefix}.training.epochs`, 0, below(`${prefix}.training`, ['epochs']));
  else yield byValue(`${prefix}.training.epochs`, trained.epochs, [`${prefix}.layers`]);

  if (backend.engine !== 'native' && backend.engine !== 'auto')
    yield byValue('backend.engine', backend.engine, ['backend.compile']);
}

/** What units of the encoder are dropped by, where any are: in training a frozen one drops none. */
function dropoutOf(encoder: Config['encoder']): string[] {
  const options = ['dropout', 'attentionDropout'] as const;
  return options.filter((option) => encoder[option] > 0).map((option) => `encoder.${option}`);
}

/** The options right below a section, but some. */
function below(section: string, but: string[]): string[] {
  const names = Object.keys(schemaAt(section.split('.'), rootSchema)?.properties ?? {});
  return names.filter((name) => !but.includes(name)).map((name) => `${section}.${name}`);
}

/** null, false, an empty list or section ask for nothing. */
function isOff({ value }: Tree): boolean {
  if (value instanceof Map) return [...value.values()].every(isOff);
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
