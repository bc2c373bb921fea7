import type { Config } from './schema.js';

/** An option that differs between two configs, with both values. */
export interface Difference {
  key: string;
  values: [unknown, unknown];
}

/** The options in which two configs differ, in the order of the schema. */
export function configDifferences(a: Config, b: Config): Difference[] {
  return differences(a, b, '');
}

/** "training.batchSize was 16 and is 8" */
export function differenceText({ key, values: [was, is] }: Difference): string {
  return `${key} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`;
}

function differences(a: unknown, b: unknown, key: string): Difference[] {
  if (!isMapping(a) || !isMapping(b))
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ key, values: [a, b] }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((name) => differences(own(a, name), own(b, name), key ? `${key}.${name}` : name));
}

const own = (mapping: Record<string, unknown>, name: string) =>
  Object.hasOwn(mapping, name) ? mapping[name] : undefined;

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
