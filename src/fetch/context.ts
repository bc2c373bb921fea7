import type { Progress } from './progress.js';
import type { Patience } from './request.js';

/** What every source gets to work with. */
export interface Context {
  /** A folder for what is on its way; it stays after a failure, so that the next call can go on. */
  work: string;
  environment: NodeJS.ProcessEnv;
  progress: Progress;
  patience: Patience;
}

/** What a source left in a folder. */
export interface Delivery {
  folder: string;
  /** Exactly what was got: a commit, a version, a file name. */
  resolved: string;
}
