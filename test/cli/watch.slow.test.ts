import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf } from '../../src/cli/output.js';
import { watch } from '../../src/cli/watch.js';
import type { Context } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import { lockWaiting } from '../../src/files/holding.js';
import { ownLock, tryLock } from '../../src/files/lock.js';
import { captureOutput } from '../support/captureOutput.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const send = (signal: NodeJS.Signals) => void process.emit(signal, signal);
const never = new Promise<never>(() => {});

let exit: jest.Spied<typeof process.exit>;
beforeEach(() => {
  exit = jest.spyOn(process, 'exit').mockImplementation((status) => {
    throw new Error(`the process ends with ${status}`);
  });
});
afterEach(() => {
  exit.mockRestore();
  process.exitCode = 0;
});

/** What people see of some work, what it returned, and the status that the process would have. */
async function watched<T>(work: (context: Context) => Promise<T>) {
  const told = outputOf({});
  const { stderr, value } = await captureOutput(() => watch(told, { goOn: 'Go on so' }, work));
  return { stderr, value, status: process.exitCode };
}

/** Work in batches, of which it keeps how many are done; a signal comes in one of them. */
async function batches(context: Context, { at, signal }: { at: number; signal: NodeJS.Signals }) {
  const kept: number[] = [];
  const reached = context.phase('batches', 5);
  try {
    for (let batch = 1; batch <= 5; batch++) {
      if (batch === at) send(signal);
      await reached(batch, async () => void kept.push(batch));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(`${error.message}, kept ${kept}`);
  }
  return 'done';
}

describe('work that is watched', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops at the next batch after %s, keeps it, says how to go on, and leaves status 130',
    async (signal) => {
      const { stderr, value, status } = await watched((context) => batches(context, { at: 3, signal }));
      expect(value).toBeUndefined();
      expect(status).toBe(130);
      expect(stderr).toMatch(/^Stopping .*\nStopped at 3 of 5 batches, kept 3\. Go on so\n$/);
    },
  );

  test('is no longer watched when it is done: signals do what they did before', async () => {
    const before = process.listenerCount('SIGTERM');
    expect(await watched(async () => process.listenerCount('SIGTERM'))).toMatchObject({ value: before + 1 });
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  test('gives its result where a stop comes too late to stop anything', async () => {
    const { value, status } = await watched(async () => {
      send('SIGTERM');
      return 'result';
    });
    await sleep(1500); // the process must not be ended later on
    expect([value, status]).toEqual(['result', 0]);
    expect(exit).not.toHaveBeenCalled();
  });

  test('begins no further phase after a stop', async () => {
    const { stderr, status } = await watched(async (context) => {
      send('SIGTERM');
      context.phase('batches', 5);
    });
    expect(status).toBe(130);
    expect(stderr).toMatch(/Stopped before the batches\. Go on so\n$/);
  });

  test('ends at once at a second Ctrl-C', async () => {
    await expect(
      watched(async () => {
        send('SIGINT');
        send('SIGINT');
      }),
    ).rejects.toThrow('the process ends with 130');
  });

  test('does not end at once at a second SIGTERM, which clusters send more than once', async () => {
    const { stderr } = await watched((context) => {
      process.once('SIGTERM', () => send('SIGTERM'));
      return batches(context, { at: 2, signal: 'SIGTERM' });
    });
    expect(stderr).toMatch(/kept 2\. Go on so/);
    expect(exit).not.toHaveBeenCalled();
  });

  test('stops while it waits for what another process holds', async () => {
    const file = join(folder(), 'lock');
    const other = await tryLock(file, ownLock());
    const { stderr, status } = await watched(async (context) => {
      const notice = (text: string) => {
        context.notice(text);
        setImmediate(() => send('SIGTERM'));
      };
      await lockWaiting(file, 'computing the same', { ...context, notice });
    });
    other.unlock!();
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /Waiting for process .*\nStopping .*\nStopped while process \d+ held .*\. Go on so\n$/s,
    );
  });
});

describe('work without batches', () => {
  /** The status that the process ends with while the work goes on. */
  const ended = async (work: (context: Context) => Promise<unknown>) => {
    const started = performance.now();
    const end = new Promise<unknown>((resolve) => exit.mockImplementation(resolve as typeof process.exit));
    const { value } = await captureOutput(() =>
      watch(outputOf({}), { goOn: 'Go on so' }, (context) => Promise.race([work(context), end])),
    );
    return { status: value, seconds: (performance.now() - started) / 1000 };
  };

  test('ends soon after a stop', async () => {
    const { status } = await ended(() => {
      send('SIGTERM');
      return never;
    });
    expect(status).toBe(130);
  });

  test('ends so after a phase of which all is done, too', async () => {
    const { status } = await ended(async (context) => {
      await context.phase('batches', 2)(2);
      send('SIGTERM');
      return never;
    });
    expect(status).toBe(130);
  });

  test('is not ended in a batch, however long it takes, and ends when that is kept', async () => {
    const kept: string[] = [];
    const { status, seconds } = await ended(async (context) => {
      const reached = context.phase('batches', 2);
      send('SIGTERM');
      await sleep(2500);
      kept.push('batch');
      await reached(2).catch(() => {});
      return never;
    });
    expect(status).toBe(130);
    expect(kept).toEqual(['batch']);
    expect(seconds).toBeGreaterThan(2.5);
  });
});
