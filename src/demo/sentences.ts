import type { Random } from '../data/random.js';
import type { Family, Section } from './families.js';
import { expand, type Expansion, type Filler, type Gender, type Mark, type Scope } from './grammar.js';
import { lexicon, type Word } from './lexicon.js';
import { drawRelative, type Patient } from './patients.js';

export interface LabelledMark extends Mark {
  class: string;
}

export interface Sentence {
  section: Section;
  text: string;
  marks: LabelledMark[];
}

/** Writes the sentences of one note, and keeps which templates and annotated words it used. */
export interface SentenceWriter {
  write(family: Family): Sentence;
  templates: Set<string>;
  words: Set<string>;
}

/** Whose occupation a sentence gives. */
interface Person {
  gender: Gender;
  /** Slot of the trades to draw from. */
  trades: 'trade' | 'craft';
  /** Drawn when a sentence first asks for it. */
  trade?: Word;
  /** What the patient calls a relative. */
  name?: string;
}

/** In notes that are held out: share of the sentences and of the annotated words that training never has. */
const unseenShare = { annotated: 0.3, plain: 0.2, words: 0.2 };

/** A writer for one patient's note. Templates and words are not repeated where others are left. */
export function sentenceWriter(random: Random, patient: Patient, heldOut: boolean): SentenceWriter {
  const templates = new Set<string>();
  const words = new Set<string>();
  const self: Person = {
    gender: patient.gender,
    trades: patient.state === 'selfEmployed' ? 'craft' : 'trade',
  };

  const pick = <T>(items: readonly T[]): T => items[random.int(items.length)]!;
  const choose = <T>(known: T[], unseen: T[], share: number, isUsed: (item: T) => boolean): T => {
    const items = heldOut && unseen.length > 0 && random.next() < share ? unseen : known;
    const fresh = items.filter((item) => !isUsed(item));
    return pick(fresh.length > 0 ? fresh : items);
  };
  const drawWord = (slot: string): Word => {
    const entry = lexicon[slot];
    if (!entry) throw new Error(`no slot "${slot}"`);
    const word = choose(entry.known, entry.unseen, unseenShare.words, ({ text }) => words.has(text));
    words.add(word.text);
    return word;
  };
  const drawPerson = (family: Family): Person => {
    if (family.class === undefined || family.class === 'PACIENTE') return self;
    if (family.relative) return { ...drawRelative(random, patient, family.relative), trades: 'trade' };
    return { gender: random.next() < 0.5 ? 'm' : 'f', trades: 'trade' };
  };
  const fillFor = (person: Person, slot: string): Filler => {
    if (slot === 'age') return { text: String(patient.age) };
    if (slot === 'relative') return { text: person.name! };
    if (slot !== 'trade' && slot !== 'job') return drawWord(slot);
    person.trade ??= drawWord(person.trades);
    const { long = [], ...trade } = person.trade;
    return slot === 'job' && long.length > 0 && random.next() < 0.5 ? { ...trade, text: pick(long) } : trade;
  };

  const write = (family: Family): Sentence => {
    const share = family.class ? unseenShare.annotated : unseenShare.plain;
    const template = choose(family.templates, family.unseen ?? [], share, (one) => templates.has(one));
    templates.add(template);
    const person = drawPerson(family);
    const scope: Scope = {
      person: person.gender,
      patient: patient.gender,
      fill: (slot) => fillFor(person, slot),
      int: random.int,
    };
    return finish(expand(template, scope), family);
  };
  return { write, templates, words };
}

/** A capital letter, and the family's class on every annotation. */
function finish({ text, marks }: Expansion, family: Family): Sentence {
  if (marks.length > 0 && family.class === undefined)
    throw new Error(`"${text}" has annotations, but its family has no class`);
  return {
    section: family.section,
    text: text.slice(0, 1).toUpperCase() + text.slice(1),
    marks: marks.map((mark) => ({ ...mark, class: family.class! })),
  };
}
