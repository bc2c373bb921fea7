import { scoredNames } from '../data/split.js';
import type { FinishedRun } from '../runFolder/finished.js';
import type { Summary } from './data.js';

/** What a run was made with, for people. */
export function factsOf({ folder, config, record, split, epochs, steps }: FinishedRun): Summary['facts'] {
  const { encoder, model, training, data, seed } = config;
  const layers = encoder.layers ? `, layers ${encoder.layers.join(', ')}` : '';
  const { hidden, layers: count } = encoder.random;
  const choosing = split.test ? `${split.validation.length} to choose the best epoch, ` : '';
  const seconds = record.seconds ?? epochs.at(-1)?.seconds;
  return [
    [
      'Encoder',
      encoder.weights ? `${encoder.weights}${layers}` : `random weights, ${count} layers of ${hidden} units`,
    ],
    [
      'Head',
      [
        model.head,
        ...(model.head === 'spans' ? [] : [`scheme ${model.scheme}`]),
        model.outputs === 'perTask' ? 'an output for each task' : 'one output for all tasks',
      ].join(', '),
    ],
    ['Trunk', model.trunk === 'bilstm' ? `BiLSTM, ${model.lstmUnits} units in each direction` : model.trunk],
    [
      'Batches',
      `${training.accumulate > 1 ? `${training.accumulate} x ` : ''}${training.batchSize} windows of at most ${data.windowPieces} pieces`,
    ],
    ['Steps', `${epochs.at(-1)?.step ?? steps.at(-1)?.step ?? 0} in ${epochs.length} epochs`],
    [
      'Corpus',
      `${record.corpus.folder}, ${record.corpus.documents} documents, hash ${record.corpus.hash.slice(0, 12)}`,
    ],
    [
      'Split',
      `${split.training.length} documents to train, ${choosing}${scoredNames(split).length} held out, seed ${split.seed}`,
    ],
    ['Seed', String(seed)],
    ['Engine', `${record.engine.description}, ${config.backend.precision}`],
    [
      'Machine',
      `${record.hardware.processor}, ${record.hardware.threads} threads, ${record.hardware.memoryGiB} GiB`,
    ],
    ['Started', record.started.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ...(seconds === undefined ? [] : [['Took', `${Math.round(seconds)} s`] as [string, string]]),
    ...(record.peakMemoryMiB === undefined
      ? []
      : [['Most memory', `${record.peakMemoryMiB} MiB`] as [string, string]]),
    [
      'Versions',
      Object.entries(record.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...(record.git
      ? [
          [
            'Commit',
            `${record.git.commit.slice(0, 12)}${record.git.dirty ? ', with changed files' : ''}`,
          ] as [string, string],
        ]
      : []),
    ['Command', `meddoprof ${record.command.join(' ')}`],
    ['Folder', folder],
  ];
}
