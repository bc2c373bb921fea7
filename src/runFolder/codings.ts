import { existsSync } from 'node:fs';
import { sharesOf } from '../data/calibration.js';
import { spanAt, type Document } from '../data/document.js';
import type { Scored } from '../eval/calibrate.js';
import { writeAtomically } from '../files/write.js';
import { type Codings, codingsFormat } from '../formats/codings.js';
import { readStored } from '../formats/stored.js';

/** A code that a coded gold mention may have; `score` is its share among those that were considered. */
export interface CandidateCode extends Scored {
  document: string;
  /** The one that it gets. */
  isFirst: boolean;
}

/** The codes considered for the coded gold mentions of documents, as far as there are codings of them. */
export function goldCandidates(documents: readonly Document[], { task, mentions }: Codings): CandidateCode[] {
  const byKey = new Map(mentions.map((mention) => [codingKey(mention.text, mention.label), mention]));
  return documents.flatMap(({ name, spans, codes }) =>
    codes.flatMap(({ start, end, text, code }) => {
      const label = spanAt(spans[task], { start, end })?.label;
      const candidates = byKey.get(codingKey(text, label))?.candidates ?? [];
      const shares = sharesOf(candidates.map(({ score }) => score));
      return candidates.map((one, i) => ({
        document: name,
        isFirst: i === 0,
        score: shares[i]!,
        right: one.code === code,
      }));
    }),
  );
}

/** What two mentions of one coding have in common. */
export function codingKey(text: string, label: string | undefined): string {
  return `${label ?? ''}\t${text}`;
}

export async function writeCodings(file: string, codings: Codings): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(codings)}\n`);
}

/** Undefined where a run has none: it has no codes, or was made before they were kept. */
export async function readCodings(file: string): Promise<Codings | undefined> {
  return existsSync(file) ? readStored(file, codingsFormat) : undefined;
}
