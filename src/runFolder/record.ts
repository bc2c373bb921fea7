import { writeJson } from '../files/json.js';
import { recordFormat, type RunRecord } from '../formats/record.js';
import { readStored } from '../formats/stored.js';

/** How a sentence begins that refuses a run of another version; `version` where the run says which. */
export function ofOtherVersion(folder: string, version: string | undefined): string {
  const by = version === undefined ? 'another version' : `version ${version}`;
  return `${folder} was made by ${by} of meddoprof, whose files this one cannot read`;
}

/** What run.json says of what a run learns from beside its corpus, in the first format that has room for it. */
export function learnedFrom(
  teachers: NonNullable<RunRecord['teachers']>,
  examples: RunRecord['examples'],
): Pick<RunRecord, 'format' | 'teachers' | 'examples'> {
  if (examples) return { format: 3, teachers, examples };
  return teachers.length > 0 ? { format: 2, teachers } : {};
}

/** Adds to run.json what a session of the run took. */
export async function recordSession(
  file: string,
  { seconds, finished }: { seconds: number; finished: boolean },
): Promise<void> {
  const record = await readStored(file, recordFormat);
  const peak = process.resourceUsage().maxRSS / 1024;
  const value: RunRecord = {
    ...record,
    finished: finished ? new Date().toISOString() : record.finished,
    seconds: Math.round((record.seconds ?? 0) + seconds),
    peakMemoryMiB: Math.round(Math.max(record.peakMemoryMiB ?? 0, peak)),
  };
  await writeJson(file, value);
}
