import type { DocumentCandidates } from '../../src/formats/candidates.js';
import { growingCandidates } from '../../src/runFolder/candidates.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { readGold } from '../../src/runFolder/gold.js';
import { runPaths } from '../../src/runFolder/paths.js';

/** What a model thinks of spans. */
export interface Opinion {
  /** Of a span that it found, by its label; .9 by default. */
  found?: (label: string) => number;
  /** Of a gold span that it missed; .3 by default. */
  missed?: number;
  /** Labels of which it finds a wrong span in every word, and of these. */
  invented?: Record<string, number>;
}

/** Writes what a finished run that was never trained thinks of the spans of the documents that it is scored on. */
export async function writeCandidates(
  folder: string,
  { found: scoreOf = () => 0.9, missed = 0.3, invented = {} }: Opinion = {},
): Promise<void> {
  const run = await readFinishedRun(folder);
  const { documents } = await readGold(run);
  const table = growingCandidates(runPaths(folder));
  for (const { name, text, spans } of documents) {
    const line: DocumentCandidates = { document: name, found: {}, candidates: {} };
    for (const [task, gold] of Object.entries(spans)) {
      const found = run.predictions.spans[task]!.get(name) ?? [];
      const isFound = (one: { label: string; start: number; end: number }) =>
        found.some(({ label, start, end }) => label === one.label && start === one.start && end === one.end);
      line.found[task] = found.map(({ label, start, end }) => [start, end, label, scoreOf(label)]);
      const wrong = run.config.tasks[task]!.labels.filter((label) => Object.hasOwn(invented, label));
      const scored = [
        ...found.map((one) => ({ ...one, score: scoreOf(one.label) })),
        ...gold.filter((one) => !isFound(one)).map((one) => ({ ...one, score: missed })),
        ...wrong.flatMap((label) =>
          [...text.matchAll(/ /g)].map(({ index }) => {
            return { label, start: index, end: index + 1, score: invented[label]! };
          }),
        ),
      ];
      line.candidates[task] = scored.map(({ label, start, end, score }) => [
        start,
        end,
        label,
        score,
        -1,
        score,
      ]);
    }
    await table.add([line]);
  }
  await table.finish();
}
