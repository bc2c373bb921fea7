import cliProgress from 'cli-progress';
import { formatDuration } from './format.js';
import type { Output } from './output.js';

export interface CountProgress {
  update(done: number, total: number): void;
  stop(): void;
}

/** Milliseconds at least between two lines where there is no terminal. */
const INTERVAL = 10_000;
/** Lines for what is left: fewer and fewer for what takes hours, so that a log can be read. */
const LINES = 20;
/** Milliseconds at the beginning whose pace does not count: what an earlier process has done comes at once. */
const WARM_UP = 1000;

/**
 * Shows on stderr how much of something is done: a bar on a terminal, a line now and then elsewhere.
 * @param then what follows, of which nobody can tell yet how long it takes; told in the first line, and by the bar
 */
export function countProgress(output: Output, what: string, then = ''): CountProgress {
  if (output.quiet) return { update: () => {}, stop: () => {} };
  return process.stderr.isTTY ? countBar(what, then) : countLines(output, what, then);
}

function countLines(output: Output, what: string, then: string): CountProgress {
  const left = timeLeft();
  let next = Date.now() + INTERVAL;
  let rest = then && `, ${then}`;
  return {
    stop: () => {},
    update(done, total) {
      const seconds = left(done, total);
      if (Date.now() < next || done === total) return;
      next = Date.now() + Math.max(INTERVAL, ((seconds ?? 0) * 1000) / LINES);
      output.notice(`${done} of ${total} ${what}, ${formatLeft(seconds)} left${rest}`);
      rest = '';
    },
  };
}

/** The bar goes when all is done. */
function countBar(what: string, then: string): CountProgress {
  const left = timeLeft();
  const bar = new cliProgress.SingleBar(
    {
      format: `{bar} {value} of {total} ${what}, {left} left${then && `, ${then}`}`,
      stream: process.stderr,
      hideCursor: true,
      linewrap: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  return {
    stop: () => bar.stop(),
    update(done, total) {
      const shown = { left: formatLeft(left(done, total)) };
      if (!bar.isActive) bar.start(total, done, shown);
      bar.update(done, shown);
      if (done === total) bar.stop();
    },
  };
}

/** Tells, with every update, how many seconds the rest takes; undefined where nothing tells yet. */
function timeLeft(): (done: number, total: number) => number | undefined {
  const began = Date.now();
  let first = { done: 0, at: began };
  return (done, total) => {
    const now = Date.now();
    if (now - began < WARM_UP) first = { done, at: now };
    return done === first.done ? undefined : ((now - first.at) / 1000 / (done - first.done)) * (total - done);
  };
}

const formatLeft = (seconds: number | undefined) => (seconds === undefined ? '?' : formatDuration(seconds));
