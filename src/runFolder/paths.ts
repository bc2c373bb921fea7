import { join } from 'node:path';

/** A run's checkpoints: of the best epoch, and of the last step. */
export const checkpoints = ['best', 'last'] as const;

/** Where a run's files are. */
export function runPaths(folder: string) {
  const at = (...parts: string[]) => join(folder, ...parts);
  return {
    folder,
    config: at('config.yaml'),
    run: at('run.json'),
    lock: at('lock.json'),
    failure: at('failure.json'),
    split: at('split.json'),
    metrics: at('metrics.jsonl'),
    tensorboard: at('tensorboard'),
    checkpoints: at('checkpoints'),
    last: at('checkpoints', 'last'),
    best: at('checkpoints', 'best'),
    cache: at('cache'),
    augmented: at('augmented'),
    predictions: at('predictions'),
    evaluation: at('evaluation.json'),
    normalizer: at('normalizer'),
    normalization: at('normalization.json'),
    codings: at('codings.json'),
    tuned: at('tuned.json'),
    report: at('report.html'),
  };
}
export type RunPaths = ReturnType<typeof runPaths>;
