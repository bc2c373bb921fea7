import { describe, expect, test } from '@jest/globals';
import { isFileName, isInside } from '../../src/files/inside.js';

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

describe('a name that a file gives', () => {
  test.each(['caso 1', 'a.b', '..a', 'ä', 'caso_clinico-2'])('%j can be a file', (name) => {
    expect(isFileName(name)).toBe(true);
  });
  test.each(['', '.', '..', '../a', 'a/b', '/a', 'a\\b', 'C:a', 'a\0b'])('%j cannot', (name) => {
    expect(isFileName(name)).toBe(false);
  });
});
