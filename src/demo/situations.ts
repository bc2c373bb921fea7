import type { Concept } from './concepts.js';

const unemployment = { code: 'SCTID: 73438004', label: 'desempleado' };
const retirement = { code: 'SCTID: 105493001', label: 'retirado' };
const incapacity = { code: 'SCTID: 29962006', label: 'incapacidad' };
const studies = { code: 'SCTID: 65853000', label: 'estudiante' };
const pension = { code: 'SCTID: 160981007', label: 'pensión por invalidez', alternatives: ['pensionista'] };
const household = { code: 'SCTID: 444168002', label: 'ama de casa' };
const pastime = { code: 'SCTID: 300758009', label: 'participa en un pasatiempo' };
const exercise = { code: 'SCTID: 228447005', label: 'activo físicamente' };

/** Employment statuses, by the slot that takes them: phrases like an adjective, or a verb with its object. */
export const statuses: Record<string, Concept[]> = {
  retired: [
    {
      ...retirement,
      words: ['jubilad(o|a)', 'retirad(o|a)'],
      unseen: ['en situación de jubilación'],
    },
  ],
  unemployed: [
    {
      ...unemployment,
      words: ['en paro', 'desemplead(o|a)', 'en situación de desempleo', 'parad(o|a)'],
      unseen: ['sin empleo', 'en el paro'],
    },
  ],
  hasNoWork: [
    {
      ...unemployment,
      words: ['no trabaja', 'ha perdido su empleo', 'cobra el subsidio de desempleo'],
      unseen: ['cobra el paro', 'no tiene trabajo'],
    },
  ],
  dismissed: [
    {
      ...unemployment,
      words: ['fue despedid(o|a) de su puesto de [job]', 'perdió su empleo de [job]'],
      unseen: ['dejó su trabajo de [job]'],
    },
  ],
  onLeave: [
    {
      ...incapacity,
      words: ['de baja laboral', 'de baja', 'en situación de incapacidad temporal'],
      unseen: ['de baja médica', 'en situación de baja laboral'],
    },
  ],
  student: [
    {
      ...studies,
      words: ['estudiante', 'estudiante de Derecho', 'estudiante de bachillerato', 'universitari(o|a)'],
      unseen: ['estudiante de Arquitectura', 'alumn(o|a) de formación profesional'],
    },
  ],
  studies: [
    {
      ...studies,
      words: ['estudia bachillerato', 'cursa un ciclo formativo', 'estudia tercero de Magisterio'],
      unseen: ['cursa segundo de Enfermería', 'estudia primero de Biología'],
    },
  ],
  homemaker: [{ ...household, words: ['am(o|a) de casa'] }],
  keepsHouse: [
    {
      ...household,
      words: ['se dedica a las tareas del hogar'],
      unseen: ['se ocupa de las labores domésticas'],
    },
  ],
  pensioner: [
    {
      ...pension,
      words: ['pensionista', 'pensionista por enfermedad'],
      unseen: ['pensionista por incapacidad'],
    },
  ],
  hasPension: [
    {
      ...pension,
      words: ['cobra una pensión no contributiva', 'percibe una pensión por incapacidad permanente'],
      unseen: ['recibe una pensión por invalidez'],
    },
  ],
  selfEmployed: [
    {
      code: 'SCTID: 160906004',
      label: 'trabajador independiente',
      words: ['autónom(o|a)'],
      unseen: ['trabajador(|a) por cuenta propia'],
    },
  ],
  carer: [
    {
      code: 'SCTID: 407543004',
      label: 'cuidador primario',
      words: ['cuidador(|a) principal'],
      unseen: ['principal cuidador(|a)'],
    },
  ],
};

/** Unpaid activities: a verb with its object, and in the infinitive. */
export const activities: Record<string, Concept[]> = {
  guitar: [{ ...pastime, words: ['toca la guitarra'] }],
  activity: [
    {
      ...pastime,
      words: [
        'toca la guitarra en un grupo de amigos',
        '[guitar] y la bandurria',
        'canta en el coro de la parroquia',
        'pinta cuadros',
        'cultiva un pequeño huerto',
        'entrena a un equipo infantil de fútbol',
        'hace de voluntari(o|a) en un comedor social',
        'colabora con una protectora de animales',
      ],
      unseen: [
        'toca la batería en un grupo de amigos',
        'baila en una agrupación folclórica',
        'entrena a un equipo infantil de balonmano',
        'hace de voluntari(o|a) en una biblioteca',
      ],
    },
    {
      ...exercise,
      words: ['sale a correr', 'practica yoga', 'juega al pádel', 'acude al gimnasio'],
      unseen: ['juega al tenis', 'practica natación'],
    },
  ],
  activityName: [
    {
      ...pastime,
      words: ['tocar la guitarra', 'pintar cuadros', 'cantar en el coro', 'cuidar de su huerto'],
      unseen: ['tocar el piano', 'cuidar de sus palomas'],
    },
    { ...exercise, words: ['salir a correr', 'jugar al pádel'], unseen: ['jugar al tenis', 'nadar'] },
  ],
};
