import type { Family } from './families.js';

/** First sentences without an occupation. */
export const plainOpening: Family = {
  section: 'history',
  templates: [
    '(Varón|Mujer) de {age} años que acude a Urgencias por {symptom} de {2-9} días de evolución.',
    'Paciente de {age} años que consulta por {symptom}.',
    'Se trata de (un varón|una mujer) de {age} años con {symptom}.',
    'Paciente (varón|mujer) de {age} años que ingresa por {symptom}.',
    '(Hombre|Mujer) de {age} años de edad con {symptom}.',
  ],
  unseen: [
    '(Hombre|Mujer) de {age} años de edad, con {disease}, que presenta {symptom} desde hace {2-9} semanas.',
  ],
};

/**
 * Sentences without an occupation. Many hold words that look like one: trabajo respiratorio, dosis baja, paro
 * cardiaco, fumador, soltero, febrero, en lista de espera, the names of hospital services.
 */
export const clinicalFamilies: Family[] = [
  {
    section: 'history',
    templates: [
      'Refiere también {symptom}.',
      'El cuadro comenzó en {month} con {symptom}.',
      'Las molestias ceden en parte con {painkiller}.',
      'No refiere pérdida de apetito ni sudoración nocturna.',
      'No relaciona el cuadro con ningún traumatismo.',
      'Tomó {painkiller} por su cuenta, sin mejoría.',
      'Los síntomas empeoran por la noche y con los cambios de postura.',
      'Ha tenido episodios similares en los {2-5} años previos.',
      'No hubo paro cardiaco ni pérdida de conciencia.',
      'Por este cuadro no ha seguido ningún otro tratamiento médico.',
      'Describe un dolor mecánico que se alivia con el reposo.',
      'En casa tenía la tensión baja.',
      'Ha consultado antes en {service} de otro hospital.',
      'La familia <lo|la> nota más cansad<o|a> desde {month}.',
      'Duerme mal y come poco.',
    ],
    unseen: [
      'Comenta que el dolor aparece al subir escaleras.',
      'No refiere cambios en la actividad intestinal.',
      'Niega consumo de otros fármacos en el último mes.',
      'El cuadro le impide descansar.',
      'Las molestias aumentaron en {month}, tras un viaje.',
    ],
  },
  {
    section: 'background',
    templates: [
      'Antecedente de {treatedDisease}.',
      'Intervenid(o|a) de {surgery}.',
      'Diagnosticad(o|a) de {disease} hace {2-9} años.',
      'Suele tomar {drug} y {drug}.',
      'Independiente para las actividades básicas de la vida diaria.',
      'Tomó corticoides a dosis bajas durante un año.',
      'En estudio por {service} desde {2009-2018}.',
      'Dos ingresos previos en {service}.',
      'No ha viajado al extranjero.',
      'Portador(|a) de marcapasos desde {2009-2018}.',
      'En lista de espera para {test}.',
      'Lleva {2-9} años en tratamiento con un inhibidor de la bomba de protones.',
    ],
    unseen: [
      'Transfusión en {month} de {2009-2018}, bien tolerada.',
      'Vacunación completa según calendario.',
      'Ha recibido dos ciclos de rehabilitación.',
      'Consumidor(|a) ocasional de {painkiller}.',
    ],
  },
  {
    section: 'examination',
    templates: [
      'TA {110-150}/{60-90} mmHg, afebril.',
      'Buen estado general, consciente y orientad(o|a).',
      'Auscultación cardiopulmonar normal.',
      'Abdomen blando y depresible, sin masas.',
      'Exploración neurológica sin focalidad.',
      'Fuerza y sensibilidad conservadas.',
      'Saturación de oxígeno del {92-99} %.',
      'No hay aumento del trabajo respiratorio.',
      'Temblor de baja amplitud en la mano izquierda.',
      'Dolor a la palpación alrededor del ombligo.',
      'Camina con ayuda de un andador.',
      'A primera vista no hay lesiones cutáneas.',
    ],
    unseen: [
      'Eupneic(o|a) en reposo, sin edemas.',
      'Tonos rítmicos, sin soplos.',
      'Fuerza normal en ambas manos.',
    ],
  },
  {
    section: 'tests',
    templates: [
      'Se realiza {test}, sin hallazgos relevantes.',
      'Hemoglobina de {10-15},{1-9} g/dl y {4-9}.{100-900} leucocitos.',
      'Glucosa de {80-140} mg/dl con función renal conservada.',
      'El marcador tumoral fue negativo.',
      'El electroencefalograma muestra actividad de bajo voltaje.',
      'Cultivo de orina negativo.',
      'Como prueba adicional se realiza {test}.',
    ],
    unseen: [
      'La bioquímica y el hemograma fueron normales.',
      'En {test} no hay hallazgos relevantes.',
      'Valor del dímero D normal.',
    ],
  },
  {
    section: 'course',
    templates: [
      'Se inicia tratamiento con {drug}.',
      'Evoluciona favorablemente y recibe el alta médica.',
      'Se retiran los puntos a los {7-12} días.',
      'Una vez retirado el drenaje, la evolución fue buena.',
      'Precisa cura diaria de la herida.',
      'Se deriva a consultas de {service}.',
      'Pendiente de valoración por {service}.',
      'Se mantiene {drug} a dosis baja.',
      'Revisión en {service} en {2-6} meses.',
      'Requirió ventilación mecánica durante {2-6} días.',
      'Se descarta tratamiento quirúrgico por el momento.',
      'Buena respuesta a un agonista inhalado.',
      'Se emite informe médico y se programa {test}.',
    ],
    unseen: [
      'A los {2-6} meses está asintomátic(o|a).',
      'Se retira {drug} de forma gradual.',
      'Se explican los signos de alarma y se cita en {month}.',
    ],
  },
];

/** Sentences of which a note has one at most, lest they contradict each other. */
export const singleFamilies: Family[] = [
  {
    section: 'background',
    templates: [
      'Fumador(|a) activ(o|a) de {5-20} cigarrillos al día.',
      'Exfumador(|a) desde hace {2-9} años.',
      'Sin hábitos tóxicos.',
      'Bebe alcohol de forma ocasional.',
    ],
    unseen: ['Bebedor(|a) ocasional, no fuma.'],
  },
  {
    section: 'background',
    templates: ['Alergia a {allergen}.', 'No refiere alergias medicamentosas.'],
  },
];

/** For women of an age to have given birth. */
export const birthFamily: Family = {
  section: 'background',
  templates: [
    'Un ingreso previo por trabajo de parto prolongado.',
    'El trabajo de parto de su primer hijo transcurrió sin incidencias.',
  ],
};

/** Characters beyond U+FFFF, as messages bring them into notes. */
export const messageFamily: Family = {
  section: 'history',
  templates: [
    'Escribe a su familia: «hoy me duele mucho 😞».',
    'Aporta un mensaje de su móvil que dice «no puedo más 😣».',
    'Pone en un mensaje: «ya estoy mejor 🙂».',
  ],
};
