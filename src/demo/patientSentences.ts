import type { Family } from './families.js';

/** What a patient lives on. */
export type State =
  | 'employed'
  | 'selfEmployed'
  | 'workplace'
  | 'onLeave'
  | 'unemployed'
  | 'retired'
  | 'student'
  | 'homemaker'
  | 'pensioner';

/** Sentences on the patient's own occupation: the note's first one, one of the background, one of the course. */
export interface PatientFamilies {
  opening: Family;
  social: Family;
  course?: Family;
}

const opening = (templates: string[], unseen: string[]): Family => ({
  section: 'history',
  class: 'PACIENTE',
  templates,
  unseen,
});
const social = (templates: string[], unseen: string[]): Family => ({
  section: 'background',
  class: 'PACIENTE',
  templates,
  unseen,
});
const course = (templates: string[], unseen: string[]): Family => ({
  section: 'course',
  class: 'PACIENTE',
  templates,
  unseen,
});

export const patientFamilies: Record<State, PatientFamilies> = {
  employed: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [trade] de profesión, que acude a Urgencias por {symptom}.',
        'Paciente de {age} años, [trade], que consulta por {symptom}.',
        '(Varón|Mujer) de {age} años que trabaja como [job] y acude por {symptom} de {2-9} días de evolución.',
        '[trade] de {age} años que ingresa por {symptom}.',
      ],
      [
        'Presentamos el caso de un(|a) [trade] de {age} años con {symptom} desde hace {2-9} semanas.',
        'Se trata de un(|a) [trade] de {age} años que refiere {symptom}.',
      ],
    ),
    social: social(
      [
        'Trabaja como [job].',
        'Trabaja de [job] desde hace {3-9} años.',
        'De profesión, [job].',
        'Profesión: [job].',
        'Es [trade], con exposición habitual a {exposure}.',
        'Ha trabajado siempre de [job].',
        'Vive con su familia y trabaja como [job].',
      ],
      [
        'Se gana la vida como [job].',
        'Ejerce de [trade] desde la juventud.',
        'Ocupación actual: [job].',
        'Desempeña su labor como [job] en jornada completa.',
      ],
    ),
    course: course(
      [
        'Ha vuelto a trabajar de [trade] sin limitaciones.',
        'Se le recomienda evitar esfuerzos en su puesto de [trade].',
        'Podrá trabajar como [trade] si no hay recaídas.',
      ],
      ['Tras el alta pudo reincorporarse como [trade].'],
    ),
  },
  selfEmployed: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [trade] y [selfEmployed], que acude a Urgencias por {symptom}.',
        'Paciente de {age} años, [trade] ([selfEmployed]), con {symptom}.',
      ],
      ['Presentamos el caso de un(|a) [trade], [selfEmployed], de {age} años con {symptom}.'],
    ),
    social: social(
      [
        'Trabaja como [trade] [selfEmployed].',
        'Es [selfEmployed] y trabaja de [job].',
        'Profesión: [trade] ([selfEmployed]).',
      ],
      ['Cotiza como [selfEmployed] y ejerce de [trade].'],
    ),
  },
  workplace: {
    opening: opening(
      [
        'Paciente (varón|mujer) de {age} años que [workplace] y consulta por {symptom}.',
        '(Varón|Mujer) de {age} años que [workplace] y acude a Urgencias por {symptom}.',
      ],
      ['(Hombre|Mujer) de {age} años de edad; [workplace] y refiere {symptom}.'],
    ),
    social: social(
      [
        '[workplace].',
        '[workplace] desde hace {3-9} años.',
        'Actualmente [workplace], con exposición a {exposure}.',
      ],
      ['Desde joven [workplace].'],
    ),
  },
  onLeave: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [trade], [onLeave] por {symptom}, que acude a revisión.',
        'Paciente de {age} años, [onLeave], que consulta por {symptom}.',
      ],
      ['Se trata de un(|a) [trade] de {age} años, [onLeave], que refiere {symptom}.'],
    ),
    social: social(
      [
        'Trabaja como [job], aunque está [onLeave] desde hace {2-9} meses.',
        'Es [trade] y se encuentra [onLeave].',
        'Actualmente [onLeave].',
        'De profesión, [trade], [onLeave] en este momento.',
      ],
      ['Lleva {2-9} meses [onLeave] en la empresa, donde trabaja de [trade].'],
    ),
    course: course(
      ['Continúa [onLeave] a la espera de revisión.', 'Permanecerá [onLeave] hasta la próxima visita.'],
      ['Sigue [onLeave] y se pauta reposo relativo.'],
    ),
  },
  unemployed: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, actualmente [unemployed], que acude a Urgencias por {symptom}.',
        'Paciente de {age} años, [unemployed], que consulta por {symptom}.',
      ],
      ['Se trata de (un varón|una mujer) de {age} años, [unemployed] desde hace meses, con {symptom}.'],
    ),
    social: social(
      [
        'Actualmente [unemployed].',
        'Está [unemployed] desde que cerró la empresa.',
        'Trabajaba como [job], pero ahora está [unemployed].',
        '[dismissed] hace {2-9} meses.',
        'Desde que [dismissed] se siente decaíd(o|a).',
        'Vive con sus padres y [hasNoWork].',
        'Refiere que [hasNoWork] y que pasa el día en casa.',
      ],
      [
        'Lleva {2-9} meses [unemployed].',
        'Su situación económica es mala, pues [hasNoWork].',
        'Antes era [trade] y hoy está [unemployed].',
      ],
    ),
    course: course(
      ['Sigue [unemployed], lo que empeora su ánimo.', 'Continúa [unemployed] y con problemas económicos.'],
      ['En la última visita estaba todavía [unemployed].'],
    ),
  },
  retired: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [retired], que acude a Urgencias por {symptom}.',
        '(Varón|Mujer) de {age} años, [trade] ya [retired], con {disease}, que consulta por {symptom}.',
        'Paciente de {age} años, [trade] [retired], que ingresa por {symptom}.',
      ],
      ['Presentamos el caso de un(|a) [trade] ya [retired] de {age} años con {symptom}.'],
    ),
    social: social(
      [
        '[retired] desde hace {2-9} años, trabajó como [job].',
        'Trabajó de [job] y ahora está [retired].',
        'Está [retired] y vive en un medio rural.',
        'Profesión: [trade], ya [retired].',
        'Fue [trade] durante más de treinta años.',
      ],
      ['Hasta hace poco ejerció de [trade] y hoy está [retired].', 'Vive sol(o|a) y está [retired].'],
    ),
  },
  student: {
    opening: opening(
      [
        '[student] de {age} años que acude a Urgencias por {symptom}.',
        '(Varón|Mujer) de {age} años, [student], sin antecedentes de interés, con {symptom}.',
        'Paciente de {age} años, [student], que consulta por {symptom}.',
      ],
      ['Se trata de un(|a) [student] de {age} años con {symptom} desde hace {2-9} semanas.'],
    ),
    social: social(
      [
        'Es [student] y convive con sus padres.',
        '[studies] y vive en un piso compartido.',
        'Solter(o|a), [student].',
      ],
      ['En la actualidad [studies] con buen rendimiento.', 'Vive con su familia y es [student].'],
    ),
  },
  homemaker: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [homemaker], que consulta por {symptom}.',
        'Paciente de {age} años, [homemaker], que acude a Urgencias por {symptom}.',
      ],
      ['(Hombre|Mujer) de {age} años de edad y [homemaker] que refiere {symptom}.'],
    ),
    social: social(
      ['Es [homemaker].', '[homemaker], con tres hijos.', 'Casad(o|a), [keepsHouse].'],
      ['Siempre ha sido [homemaker].', 'Desde su boda [keepsHouse].'],
    ),
  },
  pensioner: {
    opening: opening(
      [
        '(Varón|Mujer) de {age} años, [pensioner], que acude a Urgencias por {symptom}.',
        'Paciente [pensioner] de {age} años, con {disease}, que consulta por {symptom}.',
      ],
      ['Se trata de un(|a) [pensioner] de {age} años que refiere {symptom}.'],
    ),
    social: social(
      ['Es [pensioner].', '[hasPension].', 'Vive sol(o|a) y [hasPension].'],
      ['Desde hace años [hasPension].', 'No tiene pareja y es [pensioner].'],
    ),
  },
};

/** Unpaid activities of the patient. */
export const activityFamily: Family = social(
  [
    'En su tiempo libre [activity].',
    'Los fines de semana [activity].',
    'Además, [activity] dos veces por semana.',
    'Le gusta [activityName].',
    'Hasta hace un mes solía [activityName].',
  ],
  ['Como afición, [activity].', 'Disfruta mucho al [activityName].'],
);
