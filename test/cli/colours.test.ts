import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

const { env } = process;
beforeEach(() => {
  jest.resetModules();
  process.env = { PATH: env.PATH, CI: 'true', FORCE_COLOR: '1' };
});
afterEach(() => {
  process.env = env;
});

/** What a stream of this kind gets where the environment allows colours. */
async function bold(stream: { isTTY?: boolean }) {
  const { coloursOf } = await import('../../src/cli/colours.js');
  return coloursOf(stream as NodeJS.WriteStream).bold('F1');
}

describe('coloursOf', () => {
  test('leaves what goes to a file or a pipe plain, in CI too', async () => {
    expect(await bold({})).toBe('F1');
  });

  test('colours what goes to a terminal', async () => {
    expect(await bold({ isTTY: true })).toBe('\u001b[1mF1\u001b[22m');
  });
});
