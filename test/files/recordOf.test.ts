import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { recordOf } from '../../src/files/recordOf.js';

const share = z.number().min(0).max(1);
const schema = z.strictObject({ thresholds: recordOf(z.string().regex(/^\S+$/), share).default({}) });

test('a table keeps every key of its own, __proto__ and constructor included', () => {
  const text = '{"thresholds":{"a":0.1,"__proto__":0.2,"constructor":0.3}}';
  const { thresholds } = schema.parse(JSON.parse(text));
  expect(Object.entries(thresholds).sort()).toEqual([
    ['__proto__', 0.2],
    ['a', 0.1],
    ['constructor', 0.3],
  ]);
  expect(Object.getPrototypeOf(thresholds)).toBe(Object.prototype);
});

test.each([
  ['{"thresholds":{"a":2}}', ['thresholds', 'a']],
  ['{"thresholds":{"__proto__":2}}', ['thresholds', '__proto__']],
  ['{"thresholds":{"__proto__":{"polluted":1}}}', ['thresholds', '__proto__']],
  ['{"thresholds":{"a b":0.5}}', ['thresholds', 'a b']],
  ['{"thresholds":7}', ['thresholds']],
  ['{"thresholds":null}', ['thresholds']],
])('%s has its mistake at its key', (text, path) => {
  expect(schema.safeParse(JSON.parse(text)).error!.issues.map((issue) => issue.path)).toEqual([path]);
});

test('a table reads in JSON Schema as the record that it is', () => {
  expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
    properties: {
      thresholds: { type: 'object', additionalProperties: { type: 'number', minimum: 0, maximum: 1 } },
    },
  });
});
