import type { RunProfile } from '../run/profileRun.js';
import type { StepProfile } from '../train/profile.js';
import { formatTable } from './table.js';

/** Where the time of a training step goes. */
export function runProfileTable(profile: RunProfile): string {
  const { shape, engine, precision, compiled, product, gigaflops, share } = profile;
  const parts = shape.batch === shape.windows ? '' : `, ${shape.batch} at once`;
  const speed = `${round(gigaflops)} GFLOP/s, ${percent(share)} of the machine's own matrix product (${round(product.gigaflops)} GFLOP/s in float32)`;
  return [
    `A step of ${shape.windows} windows of ${shape.seq} pieces${parts}, ${precision}, ${compiled ? 'as one call' : 'op by op'}: ${engine}`,
    stepProfileTable(profile),
    `The step computes ${round(profile.flops / 1e9)} GFLOP in products and LSTMs: ${speed}`,
    `Peak memory: ${round(profile.peakBytes / 2 ** 20)} MiB`,
  ].join('\n\n');
}

/** The same of any step: its time, and its ops when it runs op by op. */
export function stepProfileTable({
  seconds,
  hostSeconds,
  deviceSeconds,
  ops,
  ...profile
}: StepProfile): string {
  const total = ops.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const shown = ops.slice(0, MOST);
  const rest = ops.slice(MOST).reduce(
    (sum, op) => ({
      name: `${ops.length - MOST} others`,
      calls: sum.calls + op.calls,
      milliseconds: sum.milliseconds + op.milliseconds,
      bytes: sum.bytes + op.bytes,
    }),
    { name: '', calls: 0, milliseconds: 0, bytes: 0 },
  );
  const rows = [...shown, ...(ops.length > MOST ? [rest] : [])].map(
    ({ name, calls, milliseconds, bytes }) => [
      name,
      round(calls),
      milliseconds.toFixed(1),
      percent(milliseconds / total),
      (bytes / 2 ** 20).toFixed(1),
    ],
  );
  return [
    `${seconds.median.toFixed(3)} s a step (${seconds.least.toFixed(3)} to ${seconds.most.toFixed(3)} in ${profile.steps}): host ${hostSeconds.toFixed(3)} s, device ${deviceSeconds.toFixed(3)} s; op by op, matrix products take ${percent(profile.productShare)}`,
    formatTable(['op', 'calls', 'ms', 'share', 'MiB out'], rows),
  ].join('\n\n');
}

const MOST = 20; // ops in the table
const round = (value: number) => Math.round(value).toLocaleString('en');
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
