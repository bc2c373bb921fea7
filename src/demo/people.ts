import type { Concept } from './concepts.js';

/** The doctor who knows the patient best. */
export const familyDoctors: Concept[] = [
  {
    code: '2211.1',
    label: 'médic(o|a) generalista',
    alternatives: ['médic(o|a) de familia', 'médic(o|a)'],
    words: [
      'médic(o|a) de cabecera',
      'médic(o|a) de atención primaria',
      'médic(o|a) de familia',
      'médic(o|a)',
      'MAP',
    ],
    unseen: ['médic(o|a) de zona', 'facultativ(o|a) de atención primaria'],
  },
];

/** Doctors of a speciality. */
export const specialists: Concept[] = [
  {
    code: '2212',
    label: 'Médicos especialistas',
    words: [
      'neurólog(o|a)',
      'cardiólog(o|a)',
      'dermatólog(o|a)',
      'traumatólog(o|a)',
      'psiquiatra',
      'internista',
      'urólog(o|a)',
      'oftalmólog(o|a)',
      'especialista en neurología',
    ],
    unseen: ['neumólog(o|a)', 'reumatólog(o|a)', 'nefrólog(o|a)', 'especialista en endocrinología'],
  },
];

/** Other professionals who see the patient. */
export const therapists: Concept[] = [
  {
    code: '2221.1',
    label: 'enfermer(o|a)',
    words: ['enfermer(o|a)', 'enfermer(o|a) del centro de salud'],
    unseen: ['enfermer(o|a) de enlace'],
  },
  {
    code: '2634.2',
    label: 'psicólog(o|a)',
    words: ['psicólog(o|a)', 'psicólog(o|a) clínic(o|a)'],
    unseen: ['neuropsicólog(o|a)'],
  },
  { code: '2264.3', label: 'fisioterapeuta', words: ['fisioterapeuta'] },
  { code: '2269.1', label: 'terapeuta ocupacional', words: [], unseen: ['terapeuta ocupacional'] },
  { code: '2635.3', label: 'trabajador(|a) social', words: ['trabajador(|a) social'] },
  { code: '2265.1', label: 'dietista', alternatives: ['nutricionista'], words: ['nutricionista'] },
];

/** Groups of professionals; the words are masculine and singular. */
export const teams: Concept[] = [
  {
    code: '22',
    label: 'Profesionales de la salud',
    words: ['equipo de salud mental', 'personal de enfermería', 'personal sanitario', 'equipo médico'],
    unseen: ['equipo de cuidados paliativos'],
  },
];

/** People of other trades whom the patient meets. */
export const officials: Concept[] = [
  {
    code: '5412.1',
    label: 'agente de policía',
    alternatives: ['policía'],
    words: ['policía', 'agente de policía'],
    unseen: ['guardia civil'],
  },
  { code: '5411.1', label: 'bomber(o|a)', words: ['bomber(o|a)'] },
  { code: '5419.1', label: 'socorrista', words: ['socorrista'] },
  { code: '8322.1', label: 'taxista', words: ['taxista'] },
  { code: '3423.1', label: 'monitor(|a) deportiv(o|a)', words: [], unseen: ['monitor(|a) deportiv(o|a)'] },
];

/** Those who advise the patient or whom the patient has trouble with. */
export const advisers: Concept[] = [
  { code: '2611.1', label: 'abogad(o|a)', words: ['abogad(o|a)'], unseen: ['procurador(|a)'] },
  { code: '3423.1', label: 'monitor(|a) deportiv(o|a)', words: ['entrenador(|a)'] },
];

/** The patient's superiors at work. */
export const superiors: Concept[] = [
  {
    code: '1120.1',
    label: 'director(|a) de empresa',
    alternatives: ['jef(e|a)'],
    words: ['jef(e|a)', 'encargad(o|a)'],
    unseen: ['supervisor(|a)'],
  },
];

/** Those who teach the patient. */
export const teachers: Concept[] = [
  {
    code: '2330.1',
    label: 'profesor(|a) de educación secundaria',
    words: ['profesor(|a)', 'profesor(|a) de gimnasia'],
    unseen: ['tutor(|a) del instituto'],
  },
];

/** Officials in the plural, masculine. */
export const brigades: Concept[] = [
  { code: '5412.1', label: 'agente de policía', words: ['policías', 'agentes de policía'] },
  { code: '5411.1', label: 'bomber(o|a)', words: ['bomberos'] },
  { code: '5419.1', label: 'socorrista', words: ['socorristas'] },
  { code: '3258.1', label: 'técnic(o|a) de ambulancia', words: [], unseen: ['conductores de ambulancia'] },
];

/** Those who work with the patient, in the plural. */
export const workmates: Concept[] = [
  {
    code: 'SCTID: 106541005',
    label: 'trabajador',
    words: ['compañeros de trabajo', 'compañeros de la oficina'],
    unseen: ['colegas de trabajo'],
  },
];

/** Those who study with the patient, in the plural. */
export const classmates: Concept[] = [
  {
    code: 'SCTID: 65853000',
    label: 'estudiante',
    words: ['compañeros de clase', 'compañeros del instituto'],
    unseen: ['compañeros de facultad'],
  },
];
