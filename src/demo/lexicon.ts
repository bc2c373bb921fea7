import { compareStrings } from '../data/document.js';
import type { CodeRow } from '../data/norm.js';
import { clinicalWords } from './clinical.js';
import type { Concept } from './concepts.js';
import { forms, type Filler } from './grammar.js';
import { trades, workplaces } from './occupations.js';
import * as people from './people.js';
import { activities, statuses } from './situations.js';

/** A word of the lexicon; `long` are the same mention with a complement. */
export interface Word extends Filler {
  long?: string[];
}

/** The words of a slot: those of any document, and those that only validation documents use. */
export interface Words {
  known: Word[];
  unseen: Word[];
}

const occupations: Record<string, Concept[]> = {
  trade: trades,
  // Those who can work for themselves: farmers, craftsmen, hairdressers, drivers of taxis and lorries.
  craft: trades.filter(({ code }) => /^(61|7|514|8322|8332)/.test(code)),
  workplace: workplaces,
  familyDoctor: people.familyDoctors,
  specialist: people.specialists,
  therapist: people.therapists,
  team: people.teams,
  official: people.officials,
  brigade: people.brigades,
  adviser: people.advisers,
  superior: people.superiors,
  teacher: people.teachers,
};

const situations: Record<string, Concept[]> = {
  ...statuses,
  workmates: people.workmates,
  classmates: people.classmates,
};

/** All words by slot. */
export const lexicon: Record<string, Words> = {
  ...labelled('PROFESION', occupations),
  ...labelled('SITUACION_LABORAL', situations),
  ...labelled('ACTIVIDAD', activities),
  ...Object.fromEntries(
    Object.entries(clinicalWords).map(([slot, texts]) => [
      slot,
      { known: texts.map((text) => ({ text })), unseen: [] },
    ]),
  ),
};

/** The demo's terminology: a row per code, sorted; the masculine and the feminine are separated by a slash. */
export function codeTable(): CodeRow[] {
  const rows = new Map<string, CodeRow>();
  const concepts = [occupations, situations, activities].flatMap((slots) => Object.values(slots)).flat();
  for (const { code, label, alternatives = [] } of concepts) {
    const preferred = forms(label);
    const others = [...(preferred.length > 1 ? preferred : []), ...alternatives.flatMap(forms)];
    const known = rows.get(code)?.alternatives ?? [];
    rows.set(code, {
      code,
      label: rows.get(code)?.label ?? preferred.join('/'),
      alternatives: [...new Set([...known, ...others])],
    });
  }
  return [...rows.values()].sort((a, b) => compareStrings(a.code, b.code));
}

function labelled(label: string, slots: Record<string, Concept[]>): Record<string, Words> {
  const wordsOf = (concepts: Concept[], key: 'words' | 'unseen') =>
    concepts.flatMap(({ code, long, ...concept }) =>
      (concept[key] ?? []).map((text) => ({
        text,
        label,
        code,
        long: key === 'words' ? long : undefined,
      })),
    );
  return Object.fromEntries(
    Object.entries(slots).map(([slot, concepts]) => [
      slot,
      { known: wordsOf(concepts, 'words'), unseen: wordsOf(concepts, 'unseen') },
    ]),
  );
}
