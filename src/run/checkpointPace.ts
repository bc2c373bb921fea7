/** A checkpoint that took longer than this, in milliseconds, makes the next one wait. */
const TRIFLE = 1000;
/** Of the time at most one part in so many goes to checkpoints. */
const PARTS = 10;

/**
 * Lets checkpoints between epochs take no more than a tenth of the time: on a fast card 200 steps are done in a few seconds, and a
 * checkpoint is a gigabyte. One that takes no time to speak of is never held up, so that runs of small models are kept at the
 * same steps every time.
 * @param now milliseconds
 */
export function checkpointPace(now = () => performance.now()) {
  let next = -Infinity;
  return {
    /** Whether one may be written now. */
    allows: () => now() >= next,
    /** Writes one, and times it. */
    async write(checkpoint: () => Promise<void>): Promise<void> {
      const started = now();
      await checkpoint();
      const took = now() - started;
      next = took > TRIFLE ? now() + (PARTS - 1) * took : -Infinity;
    },
  };
}
