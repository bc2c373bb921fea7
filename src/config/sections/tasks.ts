import { z } from 'zod';
import { path, label } from './values.js';

export const taskSchema = z.strictObject({
  folder: path.describe('folder of the corpus that holds the .txt and .ann files of this task'),
  labels: z
    .array(label)
    .min(1)
    .describe('the labels that are learned and scored; others in the files are ignored'),
});

export type TaskConfig = z.output<typeof taskSchema>;
