import type { Example } from '../../../data/examples.js';
import type { Output } from '../../../data/labels.js';
import { unitsOf } from '../../../data/units.js';
import { unitSpans } from './targets.js';

/**
 * Which gold spans of these documents are not learned: those of more than `longest` words, and those that words cannot
 * tell apart. A sentence, or none.
 */
export function notLearned(
  examples: readonly Example[],
  outputs: readonly Output[],
  longest: number,
): string[] {
  let [total, long, same] = [0, 0, 0];
  for (const { encoded, spans } of examples) {
    const units = unitsOf(encoded);
    for (const { first, last, again } of outputs.flatMap((output) => unitSpans(output, spans, units))) {
      total++;
      if (last - first >= longest) long++;
      else if (again) same++;
    }
  }
  if (long + same === 0) return [];
  const kinds = [
    ...(long > 0 ? [`${long} of more than ${longest} words (model.spans.longest)`] : []),
    ...(same > 0 ? [`${same} with the words and the label of another`] : []),
  ];
  return [
    `Of the ${total} gold spans of the training documents the head spans does not learn ${kinds.join(' and ')}.`,
  ];
}
