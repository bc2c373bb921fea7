import type { z } from 'zod';

/**
 * What a schema first finds wrong in a file that a program has written, as a clause: "dim is missing",
 * "n_heads: expected number, received string". `whole` names the file's content.
 */
export function firstIssue({ issues }: z.ZodError, whole = 'the file'): string {
  const [issue] = issues as [z.core.$ZodIssue];
  const { path } = issue;
  const { message } = issue.code === 'invalid_key' ? issue.issues[0]! : issue;
  const key = pathText(path) || whole;
  const wrong = message.replace(/^Invalid (input|option): /, '');
  return /received undefined$/.test(wrong) ? `${key} is missing` : `${key}: ${wrong}`;
}

/** `training.schedule[0].rate` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
