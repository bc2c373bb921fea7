import { NORM } from '../../config/choices.js';
import type { CodesSummary, Documents, MentionCoding } from '../data.js';
import { h } from './dom.js';
import { codesFigure } from './probabilities.js';
import { counted, score, whole } from './format.js';
import { section, type Section } from './section.js';
import { table } from './table.js';

/** Rows of a list before one asks for all. */
const LISTED = 15;

/** How well codes are found for gold spans, what was taken for what, and what speaks for each mention's code. */
export function codesSection(
  { gold, confusions, groups, reliability }: CodesSummary,
  documents: Documents,
): Section {
  const { concepts } = documents;
  const row = (name: string, { mentions, correct, accuracy, top5 }: CodesSummary['gold']['seen']) => [
    ...[name, whole(mentions), whole(correct)],
    ...[score(accuracy), score(top5)],
  ];
  return section(
    'codes',
    'Codes',
    h(
      'p',
      {},
      'Codes for the gold spans: only the code can be wrong here, where the NORM scores above also need the right span. ',
      'In first 5: the gold code is among the five best candidates. Seen: a training mention has the code.',
    ),
    table({
      caption: 'Codes of gold spans',
      header: ['mentions', 'number', 'right', 'accuracy', 'in first 5'],
      rows: [
        row('all', gold as CodesSummary['gold']['seen']),
        row('code seen in training', gold.seen),
        row('code not seen', gold.unseen),
        ...Object.entries(gold.terminologies).map(([name, scores]) => row(name, scores)),
      ],
    }),
    Object.keys(groups).length > 0 &&
      table({
        caption: 'Codes of predicted spans: span and code must be right',
        header: ['codes', 'precision', 'recall', 'F1', 'gold spans'],
        rows: Object.entries(groups).map(
          ([name, { precision, recall, f1, truePositives, falseNegatives }]) => [
            name,
            ...[precision, recall, f1].map((value) => score(value)),
            truePositives + falseNegatives,
          ],
        ),
      }),
    reliability && codesFigure(reliability),
    confusions.length > 0 &&
      growing(confusions.length, (count) =>
        table({
          caption: 'Codes taken for each other in gold spans, most frequent first',
          header: ['gold', 'taken for', 'times', 'mentions'],
          rows: confusions
            .slice(0, count)
            .map(({ gold: right, predicted, count: times, texts }) => [
              codeName(right, concepts),
              predicted === null ? 'no code' : codeName(predicted, concepts),
              times,
              texts.join(' · '),
            ]),
        }),
      ),
    mentionsList(documents),
  );
}

/** A code with its name. */
export function codeName(code: string, concepts: Record<string, string>): HTMLElement {
  return h('span', { class: 'code' }, h('code', {}, code), ' ', concepts[code]);
}

interface CodedMention {
  text: string;
  gold: string;
  found: string | undefined;
  count: number;
  coding: MentionCoding;
}

/** Each mention once: its gold code, the one that was found, candidates and nearest neighbours on demand. */
function mentionsList(documents: Documents): HTMLElement | undefined {
  const mentions = codedMentions(documents);
  if (mentions.length === 0) return undefined;
  const wrong = mentions.filter(({ gold, found }) => gold !== found);
  const onlyWrong = h('input', { type: 'checkbox', id: 'only-wrong', checked: true, change: show });
  const search = h('input', {
    type: 'search',
    id: 'mention-search',
    input: show,
    placeholder: 'mention, code or its name',
  });
  const result = h('p', { class: 'count', role: 'status' });
  const list = h('div', { class: 'mentions' });
  show();
  return h(
    'div',
    {},
    h('h3', {}, 'Mentions, candidates and nearest neighbours'),
    h(
      'p',
      {},
      'Open a mention to see the codes that were considered for it with their scores, and the texts of the terminology and of the training documents that are nearest to it.',
    ),
    h(
      'div',
      { class: 'filters' },
      h('label', { class: 'check' }, onlyWrong, ' Only where the code is wrong'),
      h('div', { class: 'field' }, h('label', { for: 'mention-search' }, 'Search'), search),
    ),
    result,
    list,
  );

  function show() {
    const query = search.value.trim().toLowerCase();
    const { concepts } = documents;
    const shown = (onlyWrong.checked ? wrong : mentions).filter(({ text, gold, found }) =>
      [text, gold, concepts[gold], found, found && concepts[found]].some((one) =>
        one?.toLowerCase().includes(query),
      ),
    );
    result.textContent = `${counted(shown.length, 'mention')} of ${whole(mentions.length)}`;
    list.replaceChildren(
      growing(shown.length, (count) =>
        h(
          'div',
          {},
          shown.slice(0, count).map((mention) => mentionDetails(mention, concepts)),
        ),
      ),
    );
  }
}

function codedMentions({ tracks, documents, codings }: Documents): CodedMention[] {
  const norm = tracks.findIndex(({ track }) => track === NORM);
  const mentions = new Map<string, CodedMention>();
  for (const { gold } of documents)
    for (const [, , code, index] of gold[norm] ?? []) {
      if (typeof index !== 'number') continue;
      const key = `${index} ${code}`;
      const known = mentions.get(key);
      const coding = codings[index]!;
      if (known) known.count++;
      else
        mentions.set(key, {
          text: coding.text,
          gold: code,
          found: coding.candidates[0]?.code,
          count: 1,
          coding,
        });
    }
  return [...mentions.values()].sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

function mentionDetails(
  { text, gold, found, count, coding }: CodedMention,
  concepts: Record<string, string>,
): HTMLElement {
  const right = gold === found;
  const details = h(
    'details',
    { class: right ? 'right' : 'wrong' },
    h(
      'summary',
      {},
      h('q', {}, text),
      count > 1 && h('small', {}, ` × ${count}`),
      h('span', { class: 'verdict' }, right ? 'right: ' : 'gold: ', codeName(gold, concepts)),
      !right &&
        h(
          'span',
          { class: 'verdict' },
          'found: ',
          found === undefined ? 'no code' : codeName(found, concepts),
        ),
    ),
  );
  details.addEventListener('toggle', () => details.append(...codingTables(coding, gold, concepts)), {
    once: true,
  });
  return details;
}

function codingTables(
  { text, candidates, neighbours }: MentionCoding,
  gold: string,
  concepts: Record<string, string>,
): HTMLElement[] {
  return [
    table({
      caption: `Candidates for “${text}”, the best first`,
      header: ['code', 'score', 'right'],
      rows: candidates.map(({ code, score: value, exact }) => [
        codeName(code, concepts),
        exact ? 'exact' : score(value),
        code === gold ? 'gold' : '',
      ]),
    }),
    ...(neighbours.length === 0
      ? []
      : [
          table({
            caption: `Nearest to “${text}”`,
            header: ['text', 'similarity', 'what it is', 'its code'],
            rows: neighbours.map(({ text: near, similarity, source, space, code }) => [
              near || '–',
              score(similarity),
              `${source} (${space})`,
              codeName(code, concepts),
            ]),
          }),
        ]),
  ];
}

/** A list that shows its first rows, and all when asked. */
function growing(total: number, make: (count: number) => HTMLElement): HTMLElement {
  const holder = h('div', {}, make(LISTED));
  if (total > LISTED) {
    const all = () => holder.replaceChildren(make(total));
    holder.append(h('button', { type: 'button', class: 'more', click: all }, `Show all ${whole(total)}`));
  }
  return holder;
}
