import { z } from 'zod';

/**
 * What a line of a teacher's file holds beside its key: the scores of every output as its head has them, as float16
 * in base64. Lines that are none are computed again.
 */
export const cachedTeaching = z.object({ scores: z.array(z.base64()) });
