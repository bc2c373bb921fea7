import { jest } from '@jest/globals';

/** What an action wrote to stdout and stderr, and what it returned. */
export async function captureOutput<T>(
  action: () => Promise<T> | T,
): Promise<{ stdout: string; stderr: string; value: T }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text: unknown) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    const value = await action();
    return { ...written, value };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
