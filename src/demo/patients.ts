import type { Random } from '../data/random.js';
import type { Gender } from './grammar.js';
import type { State } from './patientSentences.js';

/** Whom a note is about. */
export interface Patient {
  gender: Gender;
  age: number;
  state: State;
}

export interface Relative {
  name: string;
  gender: Gender;
}

/** Draws a patient of 17 to 88 years and what they live on at that age. */
export function drawPatient(random: Random): Patient {
  const gender = random.next() < 0.5 ? 'm' : 'f';
  const age = 17 + random.int(72);
  return { gender, age, state: draw(random, statesAt(age, gender)) };
}

/** A relative: a worker is of the age to work, an elder may have retired. */
export function drawRelative(random: Random, patient: Patient, kind: 'worker' | 'elder'): Relative {
  const spouse: Relative =
    patient.gender === 'm' ? { name: 'mujer', gender: 'f' } : { name: 'marido', gender: 'm' };
  const parents: Relative[] = [
    { name: 'padre', gender: 'm' },
    { name: 'madre', gender: 'f' },
  ];
  const siblings: Relative[] = [
    { name: 'hermano', gender: 'm' },
    { name: 'hermana', gender: 'f' },
  ];
  const children: Relative[] = [
    { name: 'hijo', gender: 'm' },
    { name: 'hija', gender: 'f' },
    { name: 'sobrina', gender: 'f' },
  ];
  const young = patient.age < 35;
  const old = patient.age >= 60;
  const workers = young ? [...parents, ...siblings] : old ? children : [spouse, ...siblings];
  const elders = old ? [spouse, ...siblings] : parents;
  const choice = kind === 'elder' ? elders : workers;
  return choice[random.int(choice.length)]!;
}

function statesAt(age: number, gender: Gender): Partial<Record<State, number>> {
  if (age < 25) return { student: 6, employed: 3, unemployed: 1.5, workplace: 1 };
  if (age < 65)
    return {
      employed: 8,
      workplace: 1.5,
      selfEmployed: 1.5,
      onLeave: 2.5,
      unemployed: 3,
      homemaker: gender === 'f' ? 2.5 : 0.3,
      pensioner: 1,
    };
  return { retired: 7, pensioner: 1.5, homemaker: gender === 'f' ? 2 : 0 };
}

function draw<Key extends string>(random: Random, weights: Partial<Record<Key, number>>): Key {
  const entries = Object.entries(weights) as [Key, number][];
  let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [key, weight] of entries) {
    left -= weight;
    if (left < 0) return key;
  }
  return entries.at(-1)![0];
}
