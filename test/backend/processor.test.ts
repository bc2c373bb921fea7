import { describe, expect, test } from '@jest/globals';
import { hasBfloat16 } from '../../src/backend/processor.js';

describe('instructions for bfloat16', () => {
  test.each([
    ['flags\t\t: fpu sse2 avx512f avx512_bf16 vaes', true],
    ['flags\t\t: fpu amx_bf16', true],
    ['Features\t: fp asimd i8mm bf16 dgh', true],
    ['flags\t\t: fpu sse2 avx2 avx512f avx512_vnni', false],
    ['Features\t: fp asimd evtstrm', false],
    ['model name\t: bf16 of some maker', undefined],
    ['', undefined],
  ])('are known by the processor: %j', (features, expected) =>
    expect(hasBfloat16(`processor\t: 0\n${features}\nbogomips\t: 1\n`)).toBe(expected),
  );
});
