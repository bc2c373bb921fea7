import type { Family } from './families.js';

/** Occupations of the patient's relatives; the person spoken of is the relative. */
export const relativeFamily: Family = {
  section: 'background',
  class: 'FAMILIAR',
  relative: 'worker',
  templates: [
    'Su {relative}, [trade], padece {disease}.',
    'Convive con su {relative}, que trabaja como [job].',
    'Acude acompañad<o|a> de su {relative}, [trade] de profesión.',
    'Su {relative} es [job].',
    'Su {relative}, [unemployed], toma {drug}.',
    'Su {relative} está [unemployed] desde hace {2-9} meses.',
    'Su {relative} es su [carer].',
    'Su {relative} [activity] y goza de buena salud.',
  ],
  unseen: [
    '(El|La) {relative}, [trade], tuvo {disease}.',
    'Recibe ayuda de su {relative}, [job].',
    'Entre los antecedentes familiares, {relative} [trade] con {disease}.',
  ],
};

/** The same for relatives who may have stopped working. */
export const elderFamily: Family = {
  section: 'background',
  class: 'FAMILIAR',
  relative: 'elder',
  templates: [
    'Su {relative}, [trade] ya [retired], padece {disease}.',
    'Su {relative} está [retired] y toma {drug}.',
    'Su {relative} trabajó como [job].',
  ],
  unseen: ['(El|La) {relative}, [retired], tuvo {disease}.', 'Vive con su {relative}, [trade] [retired].'],
};

/** People whom any patient may meet. */
export const strangerFamily: Family = {
  section: 'history',
  class: 'OTROS',
  templates: [
    'Un(|a) [official] <lo|la> encontró desorientad<o|a> en {place}.',
    'Fue atendid<o|a> en {place} por un(|a) [official] hasta que llegó la ambulancia.',
    'Un(|a) vecin(o|a) [trade] avisó al 112.',
    'Dos [brigade] <lo|la> sacaron de su domicilio.',
    'Los [brigade] <lo|la> trasladaron a Urgencias.',
    'Refiere problemas con su [adviser].',
    'Su [adviser] le aconsejó consultar.',
  ],
  unseen: [
    'Gracias a un(|a) [official] que pasaba por {place} recibió ayuda.',
    'Cree que su [adviser] <lo|la> vigila.',
    'Avisados los [brigade], <lo|la> acompañaron hasta el hospital.',
  ],
};

/** People at the patient's work. */
export const workFamily: Family = {
  section: 'history',
  class: 'OTROS',
  templates: [
    'Sus [workmates] <lo|la> notan distint<o|a>.',
    'Tiene mala relación con sus [workmates].',
    'Discutió con su [superior] la semana previa al ingreso.',
    'Su [superior] avisó a la familia.',
  ],
  unseen: ['Fueron sus [workmates] quienes llamaron al 112.', 'Se siente presionad<o|a> por su [superior].'],
};

/** People at the patient's school. */
export const schoolFamily: Family = {
  section: 'history',
  class: 'OTROS',
  templates: [
    'Sus [classmates] se burlan de <él|ella>.',
    'Ha dejado de salir con sus [classmates].',
    'Su [teacher] avisó a la familia.',
    'Discutió con su [teacher] hace una semana.',
  ],
  unseen: ['Evita hablar con sus [classmates].', 'La familia se ha entrevistado con su [teacher].'],
};

/** The family doctor before the visit. */
export const referralFamily: Family = {
  section: 'history',
  class: 'SANITARIO',
  templates: [
    'Es remitid<o|a> por su [familyDoctor] para estudio.',
    'Consultó a su [familyDoctor], que pautó {drug}.',
    'Derivad<o|a> por su [familyDoctor] ante la persistencia de los síntomas.',
    'Su [familyDoctor] solicitó {test}.',
  ],
  unseen: [
    'Fue su [familyDoctor] quien inició tratamiento con {drug}.',
    'Había visitado dos veces a su [familyDoctor] sin mejoría.',
  ],
};

/** Specialists in the hospital. */
export const specialistFamily: Family = {
  section: 'course',
  class: 'SANITARIO',
  templates: [
    'Valorad<o|a> por (el|la) [specialist], se solicita {test}.',
    '(El|La) [specialist] de guardia indicó {test}.',
    'Sigue revisiones con (el|la) [specialist] cada {3-6} meses.',
    'Se comenta el caso con (el|la) [specialist], que aconseja iniciar {drug}.',
    '(El|La) [specialist] descarta patología urgente.',
    'A petición de(l| la) [specialist] se realiza {test}.',
  ],
  unseen: [
    'Pendiente de cita con (el|la) [specialist].',
    'Reevaluad<o|a> a la semana por (el|la) [specialist], no hay cambios.',
    'Un(|a) [specialist] revisó {test} y confirmó el diagnóstico.',
  ],
};

/** Other professionals. */
export const therapistFamily: Family = {
  section: 'course',
  class: 'SANITARIO',
  templates: [
    'Inicia seguimiento con (el|la) [therapist].',
    'Acude a sesiones semanales con un(|a) [therapist].',
    '(El|La) [therapist] refiere buena adherencia al plan.',
    'Se informa al [team] de planta.',
    'El [team] confirma la buena evolución.',
  ],
  unseen: ['Se solicita la colaboración de(l| la) [therapist].', 'Queda a cargo del [team].'],
};
