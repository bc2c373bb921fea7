import { readFileSync } from 'node:fs';
import { parseNorm, type NormRow } from '../../src/data/norm.js';

/** The rows of a NORM table. */
export function normRows(file: string): NormRow[] {
  return parseNorm(readFileSync(file, 'utf8'), file).rows;
}
