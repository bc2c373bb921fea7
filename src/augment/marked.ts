import { codePoints } from '../data/codepoints.js';
import { InputError } from '../errors.js';
import type { SpanRequest } from './excerpt.js';

/** A sentence whose span is marked: `Le gusta [correr].` @throws InputError where not exactly one is */
export function marked(sentence: string): SpanRequest {
  const [before, span, after, ...more] = sentence.split(/[[\]]/);
  if (!span || after === undefined || more.length > 0 || sentence.indexOf('[') > sentence.indexOf(']'))
    throw new InputError(`«${sentence}» must have one span marked with [ and ]`);
  const start = codePoints(before!).length;
  return { text: before! + span + after, start, end: start + codePoints(span).length };
}
