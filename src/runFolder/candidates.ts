import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { growingTable, tableNames, type GrowingTable } from '../data/growingTable.js';
import { linesOf } from '../data/lines.js';
import { candidatesFormat, type DocumentCandidates } from '../formats/candidates.js';
import type { RunPaths } from './paths.js';

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
