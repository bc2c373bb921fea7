import { describe, expect, test } from '@jest/globals';
import { formatTable } from '../../src/cli/table.js';

describe('formatTable', () => {
  test('aligns numbers to the right and text to the left, without colours off a terminal', () => {
    const rows = [
      ['PROFESION', 0.705, '1,234'],
      ['ACTIVIDAD', 12, '-'],
    ];
    expect(formatTable(['label', 'F1', 'spans'], rows)).toBe(
      ['label         F1  spans', 'PROFESION  0.705  1,234', 'ACTIVIDAD     12      -'].join('\n'),
    );
  });

  test('treats figures as they are printed as numbers', () => {
    expect(formatTable(['a', 'b'], [['.705', '71.4 %']])).toBe('   a       b\n.705  71.4 %');
  });

  test('prints the header alone where there are no rows', () => {
    expect(formatTable(['label', 'F1'], [])).toBe('label  F1');
  });
});
