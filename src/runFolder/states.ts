/**
 * running: its lock is held. finished: all is evaluated. failed: it ended with an error. interrupted: it was
 * stopped or killed, and can go on. unreadable: its config is of another version. damaged: one of its files is.
 */
export type RunState = 'running' | 'finished' | 'failed' | 'interrupted' | 'unreadable' | 'damaged';

/** States of a run that nobody works on. */
export const idleStates = [
  'finished',
  'failed',
  'interrupted',
  'unreadable',
  'damaged',
] as const satisfies readonly RunState[];
