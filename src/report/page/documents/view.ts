import { NORM } from '../../../config/choices.js';
import type { ErrorKind } from '../../../eval/analysis.js';
import type { Documents, ReportDocument } from '../../data.js';
import { labelColour } from '../colours.js';
import { h } from '../dom.js';
import { counted, whole } from '../format.js';
import { section, type Section } from '../section.js';
import { controls } from './controls.js';
import { describePair } from './describe.js';
import { documentElement, type Look } from './document.js';
import { createFinder, type Shown } from './filter.js';
import { onKeys } from './keys.js';
import { PRINTED, virtualList } from './list.js';

export interface DocumentsView {
  section: Section;
  /** Fills the list; the section must be in the page. */
  start(): void;
  /** Shows the errors of a kind and goes to the first. */
  showErrors(filter: { track: string; kind: ErrorKind; label?: string }): void;
}

/** The documents with gold and predicted spans: filters, a list, and a way from error to error. */
export function documentsView(documents: Documents): DocumentsView {
  const find = createFinder(documents);
  const list = virtualList();
  const filters = controls(documents, update);
  const count = h('p', { class: 'count', role: 'status' });
  const legend = h('ul', { class: 'legend' });
  const place = h('span', { class: 'place' });
  const about = h('p', { class: 'about', 'aria-live': 'polite' });
  let shown: Shown = { documents: [], stops: [] };
  let stop = -1;
  const walk = h(
    'div',
    { class: 'walk', role: 'toolbar', 'aria-label': 'From error to error' },
    h(
      'button',
      { type: 'button', click: () => void go(stop - 1), 'aria-keyshortcuts': 'p', title: 'key p' },
      '‹ Previous',
    ),
    place,
    h(
      'button',
      { type: 'button', click: () => void go(stop + 1), 'aria-keyshortcuts': 'n', title: 'key n' },
      'Next error ›',
    ),
    about,
  );
  list.element.addEventListener('click', (event) => select((event.target as Element).closest('.cluster')));
  onKeys({ n: () => void go(stop + 1), p: () => void go(stop - 1), '/': filters.focusSearch });
  const element = section(
    'documents',
    'Documents',
    h(
      'p',
      {},
      'Gold spans and predictions stand above the text. Keys: ',
      ...[
        h('kbd', {}, 'n'),
        ' next error, ',
        h('kbd', {}, 'p'),
        ' previous error, ',
        h('kbd', {}, '/'),
        ' search. A span that is clicked is explained below.',
      ],
    ),
    filters.element,
    legend,
    count,
    list.element,
    walk,
  );
  return { section: element, start: update, showErrors };

  function update() {
    const filter = filters.filter();
    shown = find(filter);
    stop = -1;
    const { track, labels } = documents.tracks[filter.track]!;
    const isCodes = track === NORM;
    const look: Look = {
      labels,
      concepts: documents.concepts,
      isCodes,
      fade: filter.kind !== 'all' || filter.label !== '',
    };
    const perLine = Math.max(30, list.element.clientWidth / 8.2);
    list.show(
      shown.documents.length,
      (index) => documentElement(shown.documents[index]!, look),
      (index) =>
        90 +
        30 * linesOf(shown.documents[index]!.document, perLine) +
        26 * shown.documents[index]!.pairs.length,
    );
    legend.replaceChildren(...legendOf(labels, isCodes));
    const all = documents.documents.length;
    const isCut = shown.documents.length > PRINTED;
    count.replaceChildren(
      `${counted(shown.documents.length, 'document')} of ${whole(all)}, ${filter.kind === 'correct' ? counted(shown.stops.length, 'right span') : counted(shown.stops.length, 'error')}`,
      isCut ? h('span', { class: 'print-only' }, ` (the first ${PRINTED} documents are printed)`) : '',
    );
    tell();
  }

  function showErrors({ track, kind, label = '' }: { track: string; kind: ErrorKind; label?: string }) {
    filters.set({
      track: documents.tracks.findIndex((one) => one.track === track),
      kind,
      label,
      document: '',
      text: '',
    });
    void go(0);
  }

  /** Goes to an error of those that are shown; after the last comes the first. */
  async function go(to: number) {
    const { length } = shown.stops;
    if (length === 0) return;
    stop = (to + length) % length;
    const { document, pair } = shown.stops[stop]!;
    const item = await list.reach(document);
    const cluster = [...item.querySelectorAll<HTMLElement>('.cluster')].find((one) =>
      one.dataset.pairs!.split(' ').includes(String(pair)),
    );
    cluster?.scrollIntoView({ block: 'center' });
    cluster?.focus({ preventScroll: true });
    tell();
  }

  function select(cluster: Element | null) {
    if (!(cluster instanceof HTMLElement)) return;
    const index = Number(cluster.closest<HTMLElement>('.item')!.dataset.index);
    const pairs = cluster.dataset.pairs!.split(' ').map(Number);
    cluster.focus({ preventScroll: true });
    const at = shown.stops.findIndex(({ document, pair }) => document === index && pairs.includes(pair));
    if (at >= 0) stop = at;
    tell(index, pairs);
  }

  /** Says where one is, and what is there. */
  function tell(document = shown.stops[stop]?.document, pairs = stop < 0 ? [] : [shown.stops[stop]!.pair]) {
    place.textContent =
      stop < 0 ? `${whole(shown.stops.length)} in all` : `${whole(stop + 1)} of ${whole(shown.stops.length)}`;
    about.replaceChildren(
      ...pairs.map((pair) => {
        const { document: own, pairs: all } = shown.documents[document!]!;
        return describePair(all[pair]!, own, documents, codingOf(own, all[pair]!));
      }),
    );
  }

  function codingOf(
    document: ReportDocument,
    { gold, predicted }: Shown['documents'][number]['pairs'][number],
  ) {
    const filter = filters.filter();
    const spans = [...document.gold[filter.track]!, ...document.predicted[filter.system]![filter.track]!];
    const span = predicted ?? gold!;
    return (
      spans.find(
        ([start, end, , coding]) => start === span.start && end === span.end && typeof coding === 'number',
      )?.[3] ?? undefined
    );
  }
}

function linesOf({ text }: ReportDocument, perLine: number): number {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
}

function legendOf(labels: readonly string[], isCodes: boolean): HTMLElement[] {
  const sample = (name: string, text: string) =>
    h('li', {}, h('span', { class: `chip ${name}`, style: '--colour: var(--other)' }, 'label'), text);
  return [
    ...(isCodes
      ? []
      : labels.map((label) =>
          h('li', {}, h('span', { class: 'key band', style: `--key: ${labelColour(label, labels)}` }), label),
        )),
    sample('both', 'right: gold and predicted'),
    sample('gold', 'gold only'),
    sample('predicted', 'predicted only'),
  ];
}
