import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../context.js';
import { InputError, UsageError } from '../errors.js';
import { openPredictor, type OpenedPredictor, type OpenOptions } from './open.js';
import { decode, groupsAhead, predictEncoded, predictTexts, type IsDone } from './predict.js';
import type { Prediction, Predictor, Text } from './predictor.js';

/**
 * Finds spans in texts as `predictTexts` does, with several models: a document's scores are the means of theirs.
 * Thresholds and the like are those of the first.
 */
export async function* predictTogether(
  predictors: readonly Predictor[],
  texts: AsyncIterable<Text> | Iterable<Text>,
  isDone?: IsDone,
): AsyncGenerator<Prediction> {
  const [first, ...others] = predictors as [Predictor, ...Predictor[]];
  if (others.length === 0) return yield* predictTexts(first, texts, isDone);
  const { head } = first.model;
  for await (const group of groupsAhead(first, texts, isDone)) {
    const predictions = await predictEncoded(first, group);
    for (const other of others) {
      const encoded = await other.tokenizer.encodeBatch(group.map(({ text }) => text));
      const own = group.map((text, i) => ({ ...text, encoded: encoded[i]! }));
      for (const [i, { name, scores }] of (await predictEncoded(other, own)).entries())
        predictions[i]!.scores.forEach((sum, output) => addTo(sum, scores[output]!, name));
    }
    for (const { scores: sums, encoded, ...text } of predictions) {
      const scores = sums.map((sum) => sum.map((value) => value / predictors.length));
      yield { ...text, encoded, scores, spans: decode(head, scores, encoded, first.decoding) };
    }
  }
}

export interface Together {
  predictors: OpenedPredictor[];
  tasks: OpenedPredictor['settings']['tasks'];
  dispose(): void;
}

/**
 * Puts the models of checkpoint folders on the engine.
 * @throws UsageError where they find different things; InputError; both name the folder
 */
export async function openTogether(
  folders: readonly string[],
  options: OpenOptions,
  context: Context,
): Promise<Together> {
  const predictors: OpenedPredictor[] = [];
  const dispose = () => predictors.forEach((predictor) => predictor.dispose());
  try {
    for (const folder of folders) {
      predictors.push(await openPredictor(folder, options, context));
      const [first, last] = [predictors[0]!, predictors.at(-1)!];
      const found = ({ settings: { model }, model: { head } }: OpenedPredictor) => [
        model.head,
        model.crf,
        head.outputs,
      ];
      if (!isDeepStrictEqual(found(last), found(first)))
        throw new UsageError(
          `${folder} has other labels, another head or scheme, other outputs or another agreement of them than ${folders[0]}: only models that find the same can predict together`,
        );
      const longest = ({ settings: { model } }: OpenedPredictor) => model.spans.longest;
      if (first.settings.model.head === 'spans' && longest(last) !== longest(first))
        throw new UsageError(
          `${folder} finds spans of at most ${longest(last)} words, and ${folders[0]} of at most ${longest(first)} (model.spans.longest): only models that find the same can predict together`,
        );
    }
    return { predictors, tasks: predictors[0]!.settings.tasks, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The same models with another decoding. */
export function decodingBy<P extends Predictor>(predictors: readonly P[], decoding: P['decoding']): P[] {
  return predictors.map((predictor) => {
    const windowStride = decoding.windowStride ?? predictor.windows.windowStride;
    return { ...predictor, decoding, windows: { ...predictor.windows, windowStride } };
  });
}

function addTo(sum: Float32Array, values: Float32Array, document: string): void {
  if (sum.length !== values.length)
    throw new InputError(
      `the vocabularies of the models cut ${document} into different words: they cannot predict together`,
    );
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
