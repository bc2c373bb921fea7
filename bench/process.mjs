import { availableParallelism, loadavg } from 'node:os';
import { startEngine } from 'meddoprof/internal';

/** Starts the native engine, with so many threads of the CPU; returns what a result says of the process. */
export async function startBench(threads, precision = 'float32', device = 'cpu') {
  const loadBefore = Number(loadavg()[0].toFixed(1));
  process.env.TF_NUM_INTRAOP_THREADS = threads; // read when the engine starts
  const { description } = await startEngine({ engine: 'native', device, precision });
  return {
    engine: description.replace(/,.*/, ''),
    threads: Number(threads),
    cores: availableParallelism(),
    loadBefore,
    precision,
    device,
  };
}

/** The most memory that this process has had, as Python's ru_maxrss counts it. */
export const peakMiB = () => Math.round(process.resourceUsage().maxRSS / 1024);

/** What it has now. */
export const steadyMiB = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

/** Seconds of the clock and of all processors, from now on. */
export function stopwatch() {
  const start = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: rounded((performance.now() - start) / 1e3), cpu: rounded((user + system) / 1e6) };
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** To four digits that count. */
export const rounded = (value) => Number(value.toPrecision(4));
