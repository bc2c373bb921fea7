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

/** Share of a run's spans that other roundings, of another build or machine, may find otherwise. */
const ROUNDED = 0.01;

/**
 * Whether they are of the predictions that the run's scores are of. A few spans may be others, where another build or
 * machine has made them: `notice` is told how many.
 * @throws InputError where more spans were predicted that are not among what they say was found
 */
export function checkCandidates(
  { folder, predictions }: Pick<FinishedRun, 'folder' | 'predictions'>,
  lines: readonly DocumentCandidates[],
  notice: (text: string) => void,
): void {
  const file = join(runPaths(folder).predictions, NAME);
  const others: string[] = [];
  let spans = 0;
  for (const { document, found } of lines)
    for (const [task, ofTask] of Object.entries(predictions.spans)) {
      const own = new Set((found[task] ?? []).map(([start, end, label]) => `${label} ${start} ${end}`));
      const predicted = (ofTask.get(document) ?? []).map(
        ({ label, start, end }) => `${label} ${start} ${end}`,
      );
      spans += predicted.length;
      for (const span of predicted) if (!own.has(span)) others.push(`${document}: ${span}`);
    }
  if (others.length === 0) return;
  if (others.length > Math.ceil(ROUNDED * spans))
    throw new InputError(
      `${file} is not of the predictions beside it (${others[0]}); remove it, and meddoprof tune makes it again`,
    );
  notice(
    `${others.length} of the ${spans} spans that ${folder} has predicted are not in ${file}: it was made by another build or on another machine, which round otherwise`,
  );
}
