import type { WriteStream } from 'node:tty';
import { visible, visibleLine } from '../files/visible.js';

/** Tells people how a long transfer goes on. One at a time. */
export interface Progress {
  /** `total` and `done` in bytes; no total: it is not known. */
  begin(label: string, total?: number, done?: number): void;
  add(bytes: number): void;
  end(): void;
  notice(text: string): void;
}

export const silent: Progress = { begin() {}, add() {}, end() {}, notice() {} };

/** A bar on a terminal, a line every few seconds elsewhere. */
export async function progressOn(stream: WriteStream | NodeJS.WritableStream): Promise<Progress> {
  const notice = (text: string) => void stream.write(`${visible(text)}\n`);
  if (!('isTTY' in stream && stream.isTTY)) return progressInLines(notice);
  const { default: cliProgress } = await import('cli-progress');
  let bar: InstanceType<typeof cliProgress.SingleBar> | undefined;
  let meter: Meter;
  const rest = () => ({ amount: meter.amount(), rate: meter.rate(), left: meter.left() });
  return {
    notice,
    begin(label, total, done = 0) {
      meter = new Meter(total, done);
      const format = total
        ? '{label} {bar} {percentage} % of {amount}, {rate}{left}'
        : '{label} {amount}, {rate}';
      bar = new cliProgress.SingleBar(
        { format, stream, clearOnComplete: true, barsize: 30, linewrap: true },
        cliProgress.Presets.shades_classic,
      );
      bar.start(total ?? 0, done, { label: visibleLine(label), ...rest() });
    },
    add(bytes) {
      meter.add(bytes);
      bar?.update(meter.done, rest());
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** `notice` gets a line when a transfer begins to take long, and every `seconds` from then on. */
export function progressInLines(notice: (text: string) => void, seconds = 5): Progress {
  let label = '';
  let meter = new Meter();
  let next = 0;
  return {
    notice,
    begin(name, total, done = 0) {
      label = name;
      meter = new Meter(total, done);
      next = Date.now() + seconds * 1000;
    },
    add(bytes) {
      meter.add(bytes);
      if (Date.now() < next) return;
      next = Date.now() + seconds * 1000;
      const share = meter.total ? `${Math.floor((100 * meter.done) / meter.total)} % of ` : '';
      notice(`${label}: ${share}${meter.amount()}, ${meter.rate()}${meter.left()}`);
    },
    end() {},
  };
}

/** Amount, rate and time left of one transfer; bytes that were there before it do not count for the rate. */
class Meter {
  private readonly started = Date.now();

  constructor(
    readonly total?: number,
    public done = 0,
    private readonly before = done,
  ) {}

  add(bytes: number): void {
    this.done += bytes;
  }

  amount(): string {
    return formatBytes(this.total ?? this.done);
  }

  rate(): string {
    return `${formatBytes(this.perSecond())}/s`;
  }

  left(): string {
    const seconds = this.total ? (this.total - this.done) / this.perSecond() : Number.NaN;
    if (!Number.isFinite(seconds)) return '';
    const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
    return `, ${minutes ? `${minutes} min ` : ''}${rest} s left`;
  }

  private perSecond(): number {
    return (this.done - this.before) / Math.max(0.001, (Date.now() - this.started) / 1000);
  }
}

/** Decimal units, as sizes of files on the hub are given: 714.3 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return `${unit === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}
