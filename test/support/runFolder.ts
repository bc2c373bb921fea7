import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of metrics.jsonl without the time it took, which no two runs share. */
export interface MetricsLine {
  kind: 'step' | 'epoch';
  step: number;
  epoch: number;
  [name: string]: unknown;
}

export function metricsOf(run: string): MetricsLine[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { seconds: _, ...metrics } = JSON.parse(line) as MetricsLine & { seconds: number };
    return metrics;
  });
}

/** What a run has come to: hashes of its checkpoints' files, its metrics, its evaluation. */
export function resultOf(run: string) {
  const files = ['last', 'best'].flatMap((checkpoint) =>
    ['model.safetensors', 'training.safetensors', 'state.json'].map((name) =>
      join('checkpoints', checkpoint, name),
    ),
  );
  const present = files.filter((file) => existsSync(join(run, file)));
  return {
    files: Object.fromEntries(present.map((file) => [file, hashOf(join(run, file))])),
    metrics: metricsOf(run),
    evaluation: JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as unknown,
  };
}

export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
