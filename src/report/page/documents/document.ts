import { codePoints } from '../../../data/codepoints.js';
import type { Pair } from '../../../eval/pairs.js';
import { labelColour } from '../colours.js';
import { h } from '../dom.js';
import { counted, score } from '../format.js';
import { cutText, marksOf, type PlacedMark, type Stretch } from './clusters.js';
import type { ShownDocument } from './filter.js';
import { kindTitle } from './describe.js';

export interface Look {
  labels: readonly string[];
  /** Names of codes, where the labels are codes. */
  concepts: Record<string, string>;
  isCodes: boolean;
  /** Whether what is not looked for stands back. */
  fade: boolean;
}

/** A document in brat's manner: its text, with gold and predicted spans above it. */
export function documentElement(shown: ShownDocument, look: Look): HTMLElement {
  const { document, pairs, matches } = shown;
  const { toUtf16 } = codePoints(document.text);
  const errors = pairs.filter(({ outcome }) => outcome !== 'correct').length;
  const id = `document-${document.name}`;
  return h(
    'article',
    { class: 'document', 'aria-labelledby': id },
    h(
      'h3',
      { id },
      document.name,
      h(
        'small',
        {},
        ` ${counted(pairs.filter(({ gold }) => gold).length, 'gold span')}, ${counted(errors, 'error')}`,
      ),
    ),
    h(
      'div',
      { class: look.fade ? 'text fade' : 'text', lang: '' },
      cutText(document.text, marksOf(pairs, toUtf16)).map((stretch) =>
        stretch.marks.length === 0
          ? plainText(document.text, stretch.start, stretch.end, shown.hits)
          : clusterElement(document.text, stretch, { pairs, matches, hits: shown.hits, look }),
      ),
    ),
  );
}

function clusterElement(
  text: string,
  { marks, cuts, rows }: Stretch,
  { pairs, matches, hits, look }: Pick<ShownDocument, 'pairs' | 'matches' | 'hits'> & { look: Look },
): HTMLElement {
  const own = [...new Set(marks.map(({ pair }) => pair))];
  return h(
    'span',
    {
      class: `cluster${own.some((pair) => matches[pair]) ? ' match' : ''}`,
      'data-pairs': own.join(' '),
      role: 'group',
      tabindex: -1,
      'aria-label': own.map((pair) => spoken(pairs[pair]!)).join('; '),
    },
    cuts
      .slice(1)
      .map((end, i) =>
        h(
          'span',
          { class: isWrong(marks, i) ? 'words wrong' : 'words', style: `grid-area: ${rows + 1} / ${i + 1}` },
          plainText(text, cuts[i]!, end, hits).flatMap(markNewlines),
        ),
      ),
    marks.map((mark) => chip(mark, look)),
  );
}

/** Whether an error stands above a column. */
function isWrong(marks: readonly PlacedMark[], column: number): boolean {
  return marks.some(
    ({ outcome, columns: [first, end] }) => outcome !== 'correct' && first <= column && column < end,
  );
}

function chip(
  { label, side, outcome, row, columns: [first, end], score: sure }: PlacedMark,
  { labels, concepts, isCodes }: Look,
): HTMLElement {
  const colour = isCodes ? 'var(--other)' : labelColour(label, labels);
  const tag =
    side === 'both' ? undefined : side === 'gold' ? 'gold' : outcome === 'invented' ? 'invented' : 'pred.';
  return h(
    'span',
    {
      class: `chip ${side} ${outcome}`,
      style: `grid-area: ${row + 1} / ${first + 1} / auto / ${end + 1}; --colour: ${colour}`,
      title: concepts[label],
    },
    tag && h('i', {}, side === 'gold' && outcome === 'missed' ? 'missed' : tag),
    label,
    sure !== undefined && ` ${score(sure, 2)}`,
  );
}

/** A part of the text, with what the search found in it marked. */
function plainText(
  text: string,
  start: number,
  end: number,
  hits: [number, number][],
): (string | HTMLElement)[] {
  const parts: (string | HTMLElement)[] = [];
  let at = start;
  for (const [from, to] of hits) {
    if (to <= at || from >= end) continue;
    if (from > at) parts.push(text.slice(at, from));
    parts.push(h('mark', {}, text.slice(Math.max(from, at), Math.min(to, end))));
    at = Math.min(to, end);
  }
  if (at < end) parts.push(text.slice(at, end));
  return parts;
}

/** A line that ends under a span: the words go on beside it, so the end is a sign. */
function markNewlines(part: string | HTMLElement): (string | HTMLElement)[] {
  if (typeof part !== 'string') return [part];
  return part.split(/(\n)/).map((piece) => (piece === '\n' ? h('span', { class: 'newline' }, piece) : piece));
}

function spoken({ outcome, gold, predicted }: Pair): string {
  if (outcome === 'correct') return `right, ${gold!.label}`;
  return [kindTitle(outcome), gold && `gold ${gold.label}`, predicted && `predicted ${predicted.label}`]
    .filter(Boolean)
    .join(', ');
}
