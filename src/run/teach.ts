import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { computeCached } from '../augment/cache.js';
import { precisionNow } from '../backend/precision.js';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import type { Example } from '../data/examples.js';
import { InputError } from '../errors.js';
import type { RunRecord } from '../formats/record.js';
import { cachedTeaching } from '../formats/teaching.js';
import { fromHalf, toHalf } from '../model/weights/dtype.js';
import { openPredictor } from '../predict/open.js';
import { predictTexts } from '../predict/predict.js';
import type { PreparedData } from './prepare.js';
import type { Teacher } from './teachers.js';

/** The phase in which teachers read the training documents. */
export const TEACHING = 'documents through the teachers';

/**
 * The data with what is learned in the place of the labels: of a document that has teachers the mean of their
 * scores, mixed with its labels. Each teacher reads each document as it does when it predicts, with windows and
 * a tokenizer of its own, and what it says of a word is kept in a file for all runs. The engine must have been started.
 */
export async function taught(
  data: PreparedData,
  { training: { teacher }, decoding }: Pick<Config, 'training' | 'decoding'>,
  identities: NonNullable<RunRecord['teachers']>,
  context: Context,
): Promise<PreparedData> {
  const { teachers, training, model } = data;
  if (teachers.length === 0) return data;
  const reached = context.phase(
    TEACHING,
    teachers.reduce((sum, { teaches }) => sum + teaches.size, training.length),
  );
  const sums = new Map<string, { of: number; scores: Float32Array[] }>();
  let done = 0;
  for (const [i, one] of teachers.entries()) {
    const documents = training.filter(({ name }) => one.teaches.has(name));
    const options = { cache: teacher.cache, hash: identities[i]!.hash };
    for await (const { index, scores } of scoresBy(one, documents, options, context)) {
      const { name, encoded } = documents[index]!;
      const sum = sums.get(name);
      const alike = sum?.scores ?? model.head.collect(encoded, [], decoding).scores();
      if (scores.some(({ length }, output) => length !== alike[output]!.length))
        throw new InputError(
          `training.teacher.runs: the vocabulary of ${one.run} cuts ${name} into other words than that of this config: name a run with the same vocabulary`,
        );
      if (sum) sum.scores.forEach((values, output) => add(values, scores[output]!));
      sums.set(name, { of: (sum?.of ?? 0) + 1, scores: sum?.scores ?? scores });
      await reached(++done);
    }
  }
  const soften = model.head.soften!; // the config is held to heads that have it
  const learned: Example[] = [];
  for (const example of training) {
    const sum = sums.get(example.name);
    const mean = sum?.scores.map((values) => values.map((value) => value / sum.of));
    learned.push({ ...example, targets: soften(example.targets, mean, teacher.weight) });
    await reached(++done);
  }
  return { ...data, training: learned };
}

/** What a teacher says of documents: its scores, those known already first. */
async function* scoresBy(
  { checkpoint }: Teacher,
  documents: readonly Example[],
  { cache, hash }: { cache: string; hash: string },
  context: Context,
): AsyncGenerator<{ index: number; scores: Float32Array[] }> {
  const key = createHash('sha256').update(`scores ${hash} ${precisionNow()}`).digest('hex').slice(0, 16);
  const requests = documents.map(({ text }) => ({ text, start: 0, end: text.length }));
  const open = async () => {
    const predictor = await openPredictor(checkpoint, {}, context);
    async function* compute(wanted: readonly { text: string }[]) {
      // All documents are grouped, so that those that are left are computed with the same ones as before a stop.
      const indexOf = new Map(wanted.map(({ text }, index) => [text, index]));
      const texts = documents.map(({ text }) => ({ name: text, text }));
      for await (const { text, scores } of predictTexts(predictor, texts, (text) => !indexOf.has(text))) {
        const index = indexOf.get(text);
        if (index === undefined) continue;
        indexOf.delete(text);
        yield { index, scores: scores.map(toBase64) };
      }
    }
    return { compute, dispose: predictor.dispose };
  };
  const what = { line: cachedTeaching, doing: 'asking the same teacher', open };
  const file = join(cache, `teacher-${key}.jsonl`);
  for await (const { index, scores } of computeCached(file, requests, what, context))
    yield { index, scores: scores.map(fromBase64) };
}

function add(sums: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}

function toBase64(values: Float32Array): string {
  const { buffer, byteOffset, byteLength } = toHalf(values);
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: string): Float32Array {
  return fromHalf(new Uint16Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer));
}
