import { z } from 'zod';

/**
 * What a line of a teacher's file holds beside its key: the probabilities of every output [words * channels], as float16
 * in base64. Lines that are none are computed again.
 */
export const cachedTeaching = z.object({ probabilities: z.array(z.base64()) });
