import { normalizationSchema, type NormalizationConfig } from '../../src/config/sections/normalization.js';
import type { Embedder } from '../../src/normalize/embedder.js';
import type { Knowledge } from '../../src/normalize/knowledge.js';

/** Settings with every default but for what is given. */
export function normalizationSettings(changes: object = {}): NormalizationConfig {
  return normalizationSchema.parse(changes);
}

/** Only sentence embeddings, or only what is given. */
export const alone = (part: 'classifier' | 'lexical' | 'embedding', settings: object = {}) =>
  normalizationSettings({
    exact: [],
    classifier: { weight: 0 },
    lexical: { weight: 0 },
    [part]: { weight: 1, ...settings },
  });

/** A few concepts of both terminologies, and mentions of some. */
export const knowledge: Knowledge = {
  concepts: [
    {
      code: '2211.1',
      labels: ['médico generalista/médica generalista'],
      alternatives: ['médico de familia'],
    },
    { code: '2221.1', labels: ['enfermero/enfermera'], alternatives: [] },
    { code: '7112.1', labels: ['albañil'], alternatives: ['obrero de la construcción'] },
    { code: 'SCTID: 1', labels: ['desempleado'], alternatives: ['en paro'] },
  ],
  mentions: [
    { text: 'Enfermera', label: 'PROFESION', code: '2221.1', count: 3 },
    { text: 'no trabaja', label: 'SITUACION_LABORAL', code: 'SCTID: 1', count: 2 },
    { text: 'trabaja en la obra', label: 'PROFESION', code: '7112.1', count: 1 },
  ],
};

/** An embedder that counts letters: what it does can be done by hand. Remembers how often it was asked. */
export function letterEmbedder(name = 'letters'): Embedder & { asked: string[]; disposed: boolean } {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz';
  const embedder = {
    name,
    dimension: alphabet.length,
    asked: [] as string[],
    disposed: false,
    embed(sentences: readonly string[]) {
      embedder.asked.push(...sentences);
      const vectors = sentences.map((sentence) =>
        [...alphabet].map((letter) => sentence.toLowerCase().split(letter).length - 1),
      );
      return Promise.resolve(Float32Array.from(vectors.flat()));
    },
    dispose() {
      embedder.disposed = true;
    },
  };
  return embedder;
}
