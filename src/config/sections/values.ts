import { z } from 'zod';

/** Share of something: 0 to 1. */
export const share = z.number().min(0).max(1);
/** The same where all of it makes no sense: dropout of everything, a moment that never moves. */
export const partialShare = z.number().min(0).lt(1);
export const path = z
  .string()
  .min(1)
  .regex(/^[^\0]*$/, 'no path has a NUL character in it');
// Every whole number has a ceiling that no honest use meets: what cannot end is told before anything is made.
export const layerNumber = z.int().min(0).max(1000);
export const MOST_WINDOWS = 65_536; // of a batch, and batches of a step
export const MOST_EPOCHS = 1000;
export const MOST_STEPS = 1_000_000_000;
export const label = z.string().regex(/^[^\s;]+$/, 'a label has no spaces and no semicolons');
