import type { Output } from '../../../data/labels.js';

/** The labels of an output's spans: one of a task, or with joint outputs one of each. */
export type Labels = Record<string /*task*/, string /*label*/>;

/** What a span of this output may be labelled, in order: its channels without their tags. */
export function labelsOf({ channels }: Output): Labels[] {
  const distinct = new Map(channels.map(({ labels }) => [JSON.stringify(labels), labels]));
  return [...distinct.values()];
}
