import type { Progress } from './progress.js';

/** What every source gets to work with. */
export interface Transfer {
  /** A folder for what is on its way; it stays after a failure, so that the next call can go on. */
  work: string;
  environment: NodeJS.ProcessEnv;
  progress: Progress;
  patience: Patience;
  /** Stops it; what came so far stays in `work`. */
  signal: AbortSignal;
}

/** How passing failures are met: tries without any progress, first pause (doubled each time), longest silence. */
export interface Patience {
  tries: number;
  pauseMilliseconds: number;
  silenceMilliseconds: number;
}

/** What a source left in a folder. */
export interface Delivery {
  folder: string;
  /** Bytes of what was got, packed as it came; a folder is as large as it is. */
  size?: number;
  /** Exactly what was got: a commit, a version, a file name. */
  resolved: string;
}
