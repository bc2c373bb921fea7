import { describe, expect, test } from '@jest/globals';
import { isInside } from '../../src/files/inside.js';

describe('a path that a file names', () => {
  test.each(['task1', 'a/b', 'a/../b', './a', 'a..b', '..a', 'ä b'])('%j stays inside', (path) => {
    expect(isInside(path)).toBe(true);
  });
  test.each(['', '.', '..', '../a', 'a/../..', 'a/../../b', '/a', 'C:a', 'C:\\a', '..\\a', 'a\0b', 'a/..'])(
    '%j does not',
    (path) => {
      expect(isInside(path)).toBe(false);
    },
  );
});
