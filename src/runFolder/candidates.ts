import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { growingTable, tableNames, type GrowingTable } from '../data/growingTable.js';
import { linesOf } from '../data/jsonLines.js';
import { InputError } from '../errors.js';
import { candidatesFormat, type DocumentCandidates } from '../formats/candidates.js';
import type { FinishedRun } from './finished.js';
import { runPaths, type RunPaths } from './paths.js';

const NAME = 'candidates.jsonl';

const candidateTable = linesOf(candidatesFormat, ({ document }) => document);

/** The spans of the documents that a run is scored on, with their scores; where documents are `written` it goes on. */
export function growingCandidates(
  { predictions }: RunPaths,
  written?: ReadonlySet<string>,
): GrowingTable<DocumentCandidates> {
  return growingTable(candidateTable, predictions, NAME, written);
}

/** What stands in the table already, whole or begun, of which a kill may have cut off the last line; by document. */
export async function writtenCandidates({ predictions }: RunPaths): Promise<Map<string, DocumentCandidates>> {
  const file = tableNames(NAME)
    .toReversed()
    .map((name) => join(predictions, name))
    .find((name) => existsSync(name));
  const lines = file === undefined ? [] : await candidateTable.read(file, { cut: true });
  return new Map(lines.map((line) => [line.document, line]));
}

/**
 * Whether they are of the predictions that the run's scores are of.
 * @throws InputError where a span was predicted that is not among what they say was found
 */
export function checkCandidates(
  { folder, predictions }: Pick<FinishedRun, 'folder' | 'predictions'>,
  lines: readonly DocumentCandidates[],
): void {
  for (const { document, found } of lines)
    for (const [task, ofTask] of Object.entries(predictions.spans)) {
      const own = new Set((found[task] ?? []).map(([start, end, label]) => `${label} ${start} ${end}`));
      for (const { label, start, end } of ofTask.get(document) ?? [])
        if (!own.has(`${label} ${start} ${end}`))
          throw new InputError(
            `${join(runPaths(folder).predictions, NAME)} is not of the predictions beside it (${document}: ${label} ${start} ${end}); remove it, and meddoprof tune makes it again`,
          );
    }
}
