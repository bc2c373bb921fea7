import { codePoints } from '../../../data/codepoints.js';
import type { Outcome, Pair } from '../../../eval/pairs.js';
import type { Documents, ReportDocument } from '../../data.js';
import { codeName } from '../codes.js';
import { kinds } from '../colours.js';
import { h } from '../dom.js';
import { score } from '../format.js';

export function kindTitle(outcome: Outcome): string {
  return kinds.find(({ kind }) => kind === outcome)?.title ?? 'right';
}

/** A pair in words: what the gold has, what was predicted, and what spoke for codes. */
export function describePair(
  { outcome, gold, predicted }: Pair,
  { text, name }: ReportDocument,
  { concepts, codings }: Documents,
  coding: number | undefined,
): HTMLElement {
  const points = codePoints(text);
  const side = (title: string, { start, end, label, score: sure }: NonNullable<Pair['gold']>) => [
    ` ${title} `,
    concepts[label] === undefined ? h('b', {}, label) : codeName(label, concepts),
    ' ',
    h('q', {}, points.slice(start, end)),
    h('small', {}, ` ${start}–${end}`),
    sure !== undefined && h('small', {}, `, score ${score(sure)}`),
  ];
  const candidates = coding === undefined ? [] : codings[coding]!.candidates;
  return h(
    'span',
    {},
    h('b', { class: `outcome ${outcome}` }, kindTitle(outcome)),
    h('small', {}, ` ${name}`),
    gold && side('gold', gold),
    gold && predicted && ' ·',
    predicted && side('predicted', predicted),
    candidates.length > 0 && [
      ' · candidates: ',
      candidates.map(({ code, score: worth, exact }, i) => [
        i > 0 && ', ',
        codeName(code, concepts),
        ` ${exact ? 'exact' : worth.toFixed(2)}`,
      ]),
    ],
  );
}
