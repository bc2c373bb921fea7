import { describe, expect, test } from '@jest/globals';
import { contradictions } from '../../src/config/check.js';
import { configSchema } from '../../src/config/schema.js';

const two = { ner: { folder: 'a', labels: ['A'] }, class: { folder: 'b', labels: ['X'] } };

/** What is wrong with `agree: true` of a head. */
const problems = (head: 'crf' | 'spans', model: object, tasks: object = two) =>
  contradictions(
    configSchema.parse({ tasks, data: { corpus: 'c' }, model: { ...model, [head]: { agree: true } } }),
  ).map(({ path, message }) => `${path.join('.')} ${message}`);

describe.each(['crf', 'spans'] as const)('agreement of tasks by the head %s', (head) => {
  test.each([
    [
      'the head takes no notice of it',
      { head: 'sigmoid' },
      two,
      'is true, and model.head is sigmoid, which takes no notice of it; set it to false',
    ],
    [
      'outputs are joint',
      { head, outputs: 'joint' },
      two,
      'is true, and joint outputs give every span a label of each task anyway; set it to false',
    ],
    [
      'there is one task',
      { head },
      { ner: two.ner },
      'is true, and there is one task only, with nothing to agree with; set it to false',
    ],
  ])('is refused where %s', (_, model, tasks, message) => {
    expect(problems(head, model, tasks)).toEqual([`model.${head}.agree ${message}`]);
  });

  test('is taken with an output for each of two tasks', () => {
    expect(problems(head, { head })).toEqual([]);
  });
});
