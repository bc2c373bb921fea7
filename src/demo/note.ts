import type { Random } from '../data/random.js';
import * as clinical from './clinicalSentences.js';
import type { Family, Section } from './families.js';
import { activityFamily, patientFamilies, type State } from './patientSentences.js';
import { drawPatient, type Patient } from './patients.js';
import * as people from './peopleSentences.js';
import { sentenceWriter, type LabelledMark, type Sentence } from './sentences.js';

/** A note; marks count UTF-16 units. */
export interface Note {
  text: string;
  marks: LabelledMark[];
  templates: string[];
  words: string[];
}

/** Order of the sections and their headings; a note without headings is one paragraph. */
const layouts: [Section, string][][] = [
  [
    ['history', 'Anamnesis'],
    ['background', 'Antecedentes personales'],
    ['examination', 'Exploración física'],
    ['tests', 'Pruebas complementarias'],
    ['course', 'Evolución'],
  ],
  [
    ['history', 'Motivo de consulta'],
    ['background', 'Antecedentes'],
    ['examination', 'Exploración'],
    ['tests', 'Exploraciones complementarias'],
    ['course', 'Evolución y comentarios'],
  ],
  [
    ['history', ''],
    ['background', ''],
    ['examination', ''],
    ['tests', ''],
    ['course', ''],
  ],
];

/** Sentences without an occupation: how many a section has at most. */
const clinicalCounts: Record<Section, number> = {
  history: 2,
  background: 3,
  examination: 2,
  tests: 1,
  course: 2,
};

/** Draws a note of 5 to 15 sentences. `message`: one of them holds an emoji. */
export function drawNote(random: Random, options: { heldOut: boolean; message: boolean }): Note {
  const patient = drawPatient(random);
  const writer = sentenceWriter(random, patient, options.heldOut);
  const sentences = drawFamilies(random, patient, options.message).map(writer.write);
  const layout = layouts[random.int(layouts.length)]!;
  const sections = layout
    .map(([section, heading]) => ({
      heading,
      sentences: sentences.filter((sentence) => sentence.section === section),
    }))
    .filter(({ sentences }) => sentences.length > 0);
  return { ...join(sections), templates: [...writer.templates], words: [...writer.words] };
}

/** The families of a note's sentences: the opening first, the patient before relatives, strangers and doctors. */
function drawFamilies(random: Random, patient: Patient, message: boolean): Family[] {
  const chance = (share: number) => random.next() < share;
  const own = patientFamilies[patient.state];
  const silent = !message && chance(0.17);
  const opens = !silent && chance(0.45);
  const families: Family[] = [opens ? own.opening : clinical.plainOpening];
  const add = (family: Family | undefined, share: number) => {
    if (family && chance(share)) families.push(family);
  };
  if (message) families.push(clinical.messageFamily);
  if (!silent) {
    add(own.social, opens ? 0.35 : 0.92);
    add(own.course, 0.3);
    add(activityFamily, 0.12);
  }
  for (const family of drawClinical(random)) families.push(family);
  for (const family of clinical.singleFamilies) add(family, 0.4);
  if (patient.gender === 'f' && patient.age >= 25 && patient.age < 55) add(clinical.birthFamily, 0.12);
  if (silent) return families;
  add(people.relativeFamily, 0.18);
  add(people.elderFamily, 0.06);
  add(people.strangerFamily, 0.28);
  if (worksWithOthers.includes(patient.state)) add(people.workFamily, 0.35);
  if (patient.state === 'student') add(people.schoolFamily, 0.5);
  add(people.referralFamily, 0.42);
  add(people.specialistFamily, 0.45);
  add(people.specialistFamily, 0.1);
  add(people.therapistFamily, 0.27);
  return families.slice(0, 15);
}

const worksWithOthers: State[] = ['employed', 'workplace', 'onLeave'];

function drawClinical(random: Random): Family[] {
  return clinical.clinicalFamilies.flatMap((family) =>
    Array<Family>(1 + random.int(clinicalCounts[family.section])).fill(family),
  );
}

/** The text of the sections with the marks moved to where their sentences stand. */
function join(sections: { heading: string; sentences: Sentence[] }[]): Pick<Note, 'text' | 'marks'> {
  let text = '';
  const marks: LabelledMark[] = [];
  for (const { heading, sentences } of sections) {
    if (heading !== '') text += (text === '' ? '' : '\n\n') + heading + '\n';
    else if (text !== '') text += ' ';
    sentences.forEach((sentence, index) => {
      if (index > 0) text += ' ';
      for (const mark of sentence.marks)
        marks.push({ ...mark, start: text.length + mark.start, end: text.length + mark.end });
      text += sentence.text;
    });
  }
  return { text: `${text}\n`, marks };
}
