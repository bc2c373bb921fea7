import { isDeepStrictEqual } from 'node:util';
import { decodeSpans } from '../data/decode.js';
import { InputError, UsageError } from '../errors.js';
import { oneAhead } from './meanwhile.js';
import { openPredictor, type OpenedPredictor } from './open.js';
import {
  groupByWindows,
  predictEncoded,
  predictTexts,
  type Prediction,
  type Predictor,
  type Text,
} from './predict.js';

/**
 * Finds spans in texts as `predictTexts` does, with several models: a word's probabilities are the means of theirs.
 * Thresholds and the like are those of the first.
 */
export async function* predictTogether(
  predictors: readonly Predictor[],
  texts: AsyncIterable<Text> | Iterable<Text>,
): AsyncGenerator<Prediction> {
  const [first, ...others] = predictors as [Predictor, ...Predictor[]];
  if (others.length === 0) return yield* predictTexts(first, texts);
  const { heads } = first.config;
  for await (const group of oneAhead(groupByWindows(first, texts))) {
    const predictions = await predictEncoded(first, group);
    for (const other of others) {
      const encoded = await other.tokenizer.encodeBatch(group.map(({ text }) => text));
      const own = group.map((text, i) => ({ ...text, encoded: encoded[i]! }));
      for (const [i, { name, probabilities }] of (await predictEncoded(other, own)).entries())
        predictions[i]!.probabilities.forEach((sum, head) => addTo(sum, probabilities[head]!, name));
    }
    for (const [i, { name, text, probabilities: sums }] of predictions.entries()) {
      const probabilities = sums.map((sum) => sum.map((value) => value / predictors.length));
      const spans = decodeSpans(heads, probabilities, group[i]!.encoded, first.decoding);
      yield { name, text, probabilities, spans };
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
  { batchSize, onNotice }: { batchSize: number; onNotice?: (text: string) => void },
): Promise<Together> {
  const predictors: OpenedPredictor[] = [];
  const dispose = () => predictors.forEach((predictor) => predictor.dispose());
  try {
    for (const folder of folders) {
      predictors.push(await openPredictor(folder, batchSize, onNotice));
      const [first, last] = [predictors[0]!, predictors.at(-1)!];
      if (!isDeepStrictEqual(last.config.heads, first.config.heads))
        throw new UsageError(
          `${folder} has other labels, another scheme or other outputs than ${folders[0]}: only models that find the same can predict together`,
        );
    }
    return { predictors, tasks: predictors[0]!.settings.tasks, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function addTo(sum: Float32Array, values: Float32Array, document: string): void {
  if (sum.length !== values.length)
    throw new InputError(
      `the vocabularies of the models cut ${document} into different words: they cannot predict together`,
    );
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
