import type { Corpus } from './corpus.js';
import { formatFault } from './fault.js';
import { groupBy } from './groupBy.js';

/** Warnings of one kind that are told in full. */
const SHOWN = 2;

/** What a reader left out of a corpus, in a few lines: the first warnings of each kind, and how many there are. */
export function warningLines({ folder, faults }: Pick<Corpus, 'folder' | 'faults'>): string[] {
  const warnings = faults.filter(({ severity }) => severity === 'warning');
  const kinds = groupBy(warnings, ({ kind }) => kind);
  if (kinds.size === 0) return [];
  const lines = [...kinds].flatMap(([kind, ofKind]) => {
    const told = ofKind.slice(0, SHOWN).map((fault) => `warning: ${formatFault(fault)}`);
    const left = ofKind.length - told.length;
    return left > 0 ? [...told, `warning: and ${left} more of this kind (${kind})`] : told;
  });
  return [...lines, `meddoprof check ${folder} shows all (with --config, by its tasks and labels).`];
}
