import cliProgress from 'cli-progress';
import { formatDuration } from './format.js';
import type { Output } from './output.js';

export interface CountProgress {
  update(done: number, total: number): void;
  stop(): void;
}

/** Milliseconds between two lines where there is no terminal. */
const INTERVAL = 10_000;

/**
 * Shows on stderr how much of something is done: a bar on a terminal, a line now and then elsewhere.
 * @param then what follows, of which nobody can tell yet how long it takes
 */
export function countProgress(output: Output, what: string, then = ''): CountProgress {
  if (output.quiet) return { update: () => {}, stop: () => {} };
  let first: { done: number; at: number } | undefined;
  const rest = (done: number, total: number) => {
    first ??= { done, at: Date.now() };
    if (done === first.done) return '?';
    return formatDuration(((Date.now() - first.at) / 1000 / (done - first.done)) * (total - done));
  };
  const left: TimeLeft = (done, total) => `${rest(done, total)} left${then && `, ${then}`}`;
  return process.stderr.isTTY ? countBar(what, left) : countLines(output, what, left);
}

type TimeLeft = (done: number, total: number) => string;

function countLines(output: Output, what: string, left: TimeLeft): CountProgress {
  let next = Date.now() + INTERVAL;
  return {
    stop: () => {},
    update(done, total) {
      const text = left(done, total);
      if (Date.now() < next || done === total) return;
      next = Date.now() + INTERVAL;
      output.notice(`${done} of ${total} ${what}, ${text}`);
    },
  };
}

/** The bar goes when all is done. */
function countBar(what: string, left: TimeLeft): CountProgress {
  const bar = new cliProgress.SingleBar(
    {
      format: `{bar} {value} of {total} ${what}, {left}`,
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
      if (!bar.isActive) bar.start(total, done, { left: '? left' });
      bar.update(done, { left: left(done, total) });
      if (done === total) bar.stop();
    },
  };
}
