import { NORM } from '../../../config/choices.js';
import { outcomes, type Outcome } from '../../../eval/pairs.js';
import type { Documents } from '../../data.js';
import { h } from '../dom.js';
import { trackTitle } from '../scores.js';
import { kindTitle } from './describe.js';
import type { Filter, Order } from './filter.js';

export interface Controls {
  element: HTMLElement;
  filter(): Filter;
  /** Sets some of them, as if somebody had. */
  set(filter: Partial<Filter>): void;
  focusSearch(): void;
}

/** What to look at: whose predictions, which track, kind of error, label, document, text. */
export function controls(documents: Documents, onChange: () => void): Controls {
  const { tracks, systems } = documents;
  const system = choice(
    'Predictions of',
    systems.map((name, i) => [String(i), name]),
  );
  const track = choice(
    'Track',
    tracks.map((one, i) => [String(i), trackTitle(one.track)]),
  );
  const kind = choice('Errors', [
    ['all', 'all documents'],
    ['error', 'any error'],
    ...outcomes
      .filter((outcome) => outcome !== 'correct')
      .map((outcome): [string, string] => [outcome, kindTitle(outcome)]),
    ['correct', 'none: what is right'],
  ]);
  const label = choice('Label', []);
  const order = choice('Order', [
    ['corpus', 'by name'],
    ['surest', 'surest errors first'],
    ['unsure', 'least sure first'],
  ]);
  const hasScores = documents.documents.some(({ predicted }) =>
    predicted.some((tracks) => tracks.some((spans) => spans.some((span) => span[4] !== undefined))),
  );
  const name = search('Document', 'its name');
  const text = search('Text', 'words of the text');
  const clear = h('button', { type: 'button', click: reset }, 'Clear');
  fillLabels();
  track.select.addEventListener('change', fillLabels); // before the listener that is told of the change
  let waiting: ReturnType<typeof setTimeout> | undefined;
  for (const { select } of [system, track, kind, label, order]) select.addEventListener('change', onChange);
  for (const { input } of [name, text])
    input.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(onChange, 120);
    });
  return {
    element: h(
      'form',
      {
        class: 'filters',
        role: 'search',
        'aria-label': 'Documents to show',
        submit: (event: Event) => event.preventDefault(),
      },
      systems.length > 1 && system.element,
      tracks.length > 1 && track.element,
      [kind, label, name, text].map(({ element }) => element),
      hasScores && order.element,
      clear,
    ),
    filter: () => ({
      system: Number(system.select.value),
      track: Number(track.select.value),
      kind: kind.select.value as Outcome | 'error' | 'all',
      label: label.select.value,
      document: name.input.value,
      text: text.input.value,
      order: order.select.value as Order,
    }),
    set,
    focusSearch: () => text.input.focus(),
  };

  function set(filter: Partial<Filter>) {
    if (filter.system !== undefined) system.select.value = String(filter.system);
    if (filter.track !== undefined) {
      track.select.value = String(filter.track);
      fillLabels();
    }
    if (filter.kind !== undefined) kind.select.value = filter.kind;
    if (filter.label !== undefined) label.select.value = filter.label;
    if (filter.document !== undefined) name.input.value = filter.document;
    if (filter.order !== undefined) order.select.value = filter.order;
    if (filter.text !== undefined) text.input.value = filter.text;
    onChange();
  }

  function reset() {
    set({ kind: 'all', label: '', document: '', text: '', order: 'corpus' });
  }

  function fillLabels() {
    const { track: own, labels } = tracks[Number(track.select.value)]!;
    const named = (code: string) => (own === NORM ? `${code} ${documents.concepts[code] ?? ''}` : code);
    label.select.replaceChildren(
      h('option', { value: '' }, own === NORM ? 'all codes' : 'all labels'),
      ...labels.map((one) => h('option', { value: one }, named(one))),
    );
  }
}

function choice(title: string, options: [value: string, text: string][]) {
  const id = `choose-${title.toLowerCase().replaceAll(' ', '-')}`;
  const select = h(
    'select',
    { id },
    options.map(([value, text]) => h('option', { value }, text)),
  );
  return { select, element: field(id, title, select) };
}

function search(title: string, placeholder: string) {
  const id = `search-${title.toLowerCase()}`;
  const input = h('input', { type: 'search', id, placeholder });
  return { input, element: field(id, title, input) };
}

function field(id: string, title: string, control: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: id }, title), control);
}
