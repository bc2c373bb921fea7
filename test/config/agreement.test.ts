import { expect, test } from '@jest/globals';
import { contradictions } from '../../src/config/check.js';
import { configSchema } from '../../src/config/schema.js';

const two = { ner: { folder: 'a', labels: ['A'] }, class: { folder: 'b', labels: ['X'] } };

/** What is wrong with `model.spans.agree: true`. */
const problems = (model: object, tasks: object = two) =>
  contradictions(
    configSchema.parse({ tasks, data: { corpus: 'c' }, model: { ...model, spans: { agree: true } } }),
  ).map(({ path, message }) => `${path.join('.')} ${message}`);

test.each([
  [
    'the head takes no notice of it',
    { head: 'sigmoid' },
    two,
    'is true, and model.head is sigmoid, which takes no notice of it; set it to false',
  ],
  [
    'outputs are joint',
    { head: 'spans', outputs: 'joint' },
    two,
    'is true, and joint outputs give every span a label of each task anyway; set it to false',
  ],
  [
    'there is one task',
    { head: 'spans' },
    { ner: two.ner },
    'is true, and there is one task only, with nothing to agree with; set it to false',
  ],
])('agreement of tasks is refused where %s', (_, model, tasks, message) => {
  expect(problems(model, tasks)).toEqual([`model.spans.agree ${message}`]);
});

test('agreement of tasks is taken with the head spans and an output for each of two tasks', () => {
  expect(problems({ head: 'spans' })).toEqual([]);
});
