import { z } from 'zod';
import { readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';

/** run.json: what a run was made with (`Provenance`), and from its end on what it took. */
export const recordSchema = z.object({
  started: z.string(),
  /** When its evaluation was written. */
  finished: z.string().optional(),
  /** Of all its sessions that ended by themselves, from reading the corpus to the last file. */
  seconds: z.number().optional(),
  /** Most memory that its process held at once, in MiB; a GPU's own is not in it. */
  peakMemoryMiB: z.number().optional(),
  versions: z.record(z.string(), z.string()),
  engine: z.object({ name: z.string(), device: z.string(), description: z.string() }),
  hardware: z.object({ processor: z.string(), threads: z.int(), memoryGiB: z.number() }),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  corpus: z.object({ folder: z.string(), hash: z.string(), documents: z.int() }),
  seed: z.int(),
  command: z.array(z.string()),
});
export type RunRecord = z.output<typeof recordSchema>;

/** How a sentence begins that refuses a run of another version; undefined where the run does not say which. */
export function ofOtherVersion(folder: string, version: string | undefined): string {
  const by = version === undefined ? 'another version' : `version ${version}`;
  return `${folder} was made by ${by} of meddoprof, whose files this one cannot read`;
}

/** Adds to run.json what a session of the run took. */
export async function recordSession(
  file: string,
  { seconds, finished }: { seconds: number; finished: boolean },
): Promise<void> {
  const record = JSON.parse(await readText(file)) as RunRecord;
  const peak = process.resourceUsage().maxRSS / 1024;
  const value: RunRecord = {
    ...record,
    ...(finished && { finished: new Date().toISOString() }),
    seconds: Math.round((record.seconds ?? 0) + seconds),
    peakMemoryMiB: Math.round(Math.max(record.peakMemoryMiB ?? 0, peak)),
  };
  await writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
