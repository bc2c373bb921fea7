import type { Summary } from '../data.js';
import { h } from './dom.js';
import { section, type Section } from './section.js';

/** What it was made with, so that it can be made again. */
export function factsSection({ facts }: Pick<Summary, 'facts'>): Section {
  return section(
    'setup',
    'Setup',
    h(
      'dl',
      { class: 'facts' },
      facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
  );
}
