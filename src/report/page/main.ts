import { codesSection } from './codes.js';
import { comparisonSections } from './compared.js';
import { readDocuments, readSummary } from './decode.js';
import { documentsView } from './documents/view.js';
import { h } from './dom.js';
import { errorsSection, type ShowErrors } from './errors.js';
import { factsSection } from './facts.js';
import { counted } from './format.js';
import { labelsSection } from './labels.js';
import { learningSection } from './learning.js';
import { probabilitiesSection } from './probabilities.js';
import { scoresSection } from './scores.js';
import type { Section } from './section.js';
import { themeButton } from './theme.js';
import type { Summary } from '../data.js';

const main = document.querySelector('main')!;
const nav = h('ul');
document.querySelector('nav')!.append(nav, themeButton());
try {
  await show();
  document.documentElement.dataset.ready = '';
} catch (error) {
  main.prepend(
    h('p', { class: 'failure', role: 'alert' }, `This report could not be shown: ${String(error)}`),
  );
  throw error;
}

/** The figures first; the documents, of which there may be many, once those are there. */
async function show() {
  const summary = await readSummary();
  main.append(pageHeader(summary));
  const go: { to?: ShowErrors } = {};
  const sections = summarySections(summary, (filter) => go.to?.(filter));
  const setup = factsSection(summary);
  for (const one of [...sections, setup]) add(one);
  await new Promise(requestAnimationFrame);
  const documents = await readDocuments();
  if (summary.kind === 'run' && summary.codes) add(codesSection(summary.codes, documents), setup);
  const view = documentsView(documents);
  go.to = view.showErrors;
  add(view.section);
  view.start();
}

function add({ id, title, element }: Section, before?: Section) {
  const link = h('li', { 'data-for': id }, h('a', { href: `#${id}` }, title));
  main.insertBefore(element, before?.element ?? null);
  nav.insertBefore(link, before ? nav.querySelector(`[data-for="${before.id}"]`) : null);
}

function pageHeader(summary: Summary): HTMLElement {
  const { title, documents, version } = summary;
  const folds = summary.kind === 'comparison' ? summary.comparison.folds : null;
  return h(
    'header',
    {},
    h('h1', {}, title),
    h(
      'p',
      { class: 'sub' },
      (folds === null
        ? `Trained on ${counted(documents.training, 'document')}, evaluated on ${counted(documents.validation, 'other')}.`
        : `Evaluated on ${counted(documents.validation, 'document')} in ${folds} folds.`) +
        ` meddoprof ${version}.`,
    ),
  );
}

function summarySections(summary: Summary, showErrors: ShowErrors): Section[] {
  if (summary.kind === 'comparison') return comparisonSections(summary);
  return [
    scoresSection(summary),
    learningSection(summary.learning),
    labelsSection(summary),
    ...(summary.probabilities ? [probabilitiesSection(summary.probabilities)] : []),
    errorsSection(summary, showErrors),
  ];
}
