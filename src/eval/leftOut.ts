/** Spans of scored labels that a rule of reading leaves out, by why. */
export interface LeftOut {
  /** Named by a relation. */
  relations: number;
  /** On a first line that begins with a byte order mark. */
  byteOrderMark: number;
  /** In a file with a line of other than three fields, which drops it. */
  fields: number;
  /** Official rule: in a file with a span in parts, which drops it. Of all spans: in parts, with text between them. */
  parts: number;
}

export const noneLeftOut = (): LeftOut => ({ relations: 0, byteOrderMark: 0, fields: 0, parts: 0 });

export function sumLeftOut(all: readonly LeftOut[]): LeftOut {
  const sum = noneLeftOut();
  for (const one of all) for (const why of Object.keys(sum) as (keyof LeftOut)[]) sum[why] += one[why];
  return sum;
}

/** A sentence for each reason, `what` being "gold spans" or "predictions". */
export function leftOutNotices(
  folder: string,
  what: string,
  leftOut: LeftOut,
  isOfficial: boolean,
): string[] {
  const sentences: Record<keyof LeftOut, string> = {
    relations: 'that relations name, left out as by the official scorer',
    byteOrderMark: 'on a first line that a byte order mark hides from the official scorer',
    fields: 'in files that count as empty for a line of other than three fields',
    parts: isOfficial
      ? 'in files that count as empty for a span in parts'
      : 'in parts with text between them, left out as in training',
  };
  return Object.entries(sentences).flatMap(([why, sentence]) => {
    const count = leftOut[why as keyof LeftOut];
    return count === 0 ? [] : [`${folder}: ${what} ${sentence}: ${count}.`];
  });
}
