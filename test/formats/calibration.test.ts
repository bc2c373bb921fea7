import { expect, test } from '@jest/globals';
import { calibration1 } from '../../src/formats/calibration.js';

const read = (stored: unknown) => calibration1.safeParse(stored).success;

// prettier-ignore
test.each([[2], [[[0.5, 0.1]]], [[[0.5, 0.1], [0.7, 0.1]]]])('a temperature or a curve is read: %j', (stored) =>
  expect(read(stored)).toBe(true));

// prettier-ignore
test.each([[0], [-1], [[]], [[[0.5, 1.1]]], [[[0.7, 0.1], [0.5, 0.2]]], [[[0.7, 0.1], [0.7, 0.2]]]])(
  'a curve whose scores do not ascend, or what is no share, is refused: %j', (stored) => expect(read(stored)).toBe(false));
