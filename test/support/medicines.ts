import type { Document } from '../../src/data/document.js';
import { writeCorpus } from '../../src/data/write.js';
import { document } from './corpus.js';

const medicines = ['paracetamol', 'ibuprofeno', 'omeprazol', 'metformina', 'enalapril', 'amoxicilina'];
const doses = ['500 mg', '20 mg', '1 g', '40 mg', '850 mg'];
const sentences = [
  ['Toma ', ' de ', ' cada ocho horas.'],
  ['Se pautan ', ' de ', ' por vía oral.'],
  ['Tratamiento previo con ', ' de ', ', bien tolerado.'],
] as const;
const others = ['No refiere alergias conocidas.', 'Acude por dolor abdominal.', 'Sin hábitos tóxicos.'];

/** Labels that the project knows nothing of, in one task. */
export const medicineTask = { farmacos: { folder: 'farmacos', labels: ['MEDICAMENTO', 'DOSIS'] } };

/** Writes a corpus of notes with medicines and their doses. No two notes have both in common. */
export async function writeMedicines(folder: string, count = 30): Promise<void> {
  await writeCorpus(
    folder,
    Array.from({ length: count }, (_, i) => note(i)),
    medicineTask,
  );
}

function note(number: number): Document {
  const medicine = medicines[number % medicines.length]!;
  const dose = doses[number % doses.length]!;
  const [before, between, after] = sentences[number % sentences.length]!;
  const text = `${others[number % 2]}\n${before}${dose}${between}${medicine}${after}\n${others[2]}\n`;
  const spans = { farmacos: [['DOSIS', dose], ['MEDICAMENTO', medicine]] as [string, string][] }; // prettier-ignore
  return document(`nota-${number + 1}`, text, spans);
}
