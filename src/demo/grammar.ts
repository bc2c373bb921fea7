export type Gender = 'm' | 'f';

/** What fills a slot: text in the same notation; with a label and a code where it is annotated. */
export interface Filler {
  text: string;
  label?: string;
  code?: string;
}

/** An annotated stretch of an expanded sentence, in UTF-16 units. */
export interface Mark {
  start: number;
  end: number;
  label: string;
  code: string;
}

export interface Expansion {
  text: string;
  marks: Mark[];
}

/** Who a sentence speaks of, and where its slots are filled from. */
export interface Scope {
  /** Gender of the person whose occupation the sentence gives. */
  person: Gender;
  patient: Gender;
  fill(slot: string): Filler;
  /** Uniform among 0 … n - 1. */
  int(n: number): number;
}

const NOTATION =
  /\(([^()|]*)\|([^()|]*)\)|<([^<>|]*)\|([^<>|]*)>|\{(\d+)-(\d+)\}|\{([a-zA-Z]+)\}|\[([a-zA-Z]+)\]/g;

/**
 * Writes a sentence template out. The notation:
 * `(o|a)` masculine and feminine form, by the person spoken of; `<o|a>` the same, by the patient;
 * `{2-9}` a number between; `{slot}` the text of a filler; `[slot]` the same, annotated with its label.
 * Fillers are in this notation too, so annotations nest. `y` and `o` become `e` and `u` where the filler asks.
 */
export function expand(template: string, scope: Scope): Expansion {
  const expansion: Expansion = { text: '', marks: [] };
  let last = 0;
  for (const match of template.matchAll(NOTATION)) {
    expansion.text += template.slice(last, match.index);
    last = match.index + match[0].length;
    const [, he, she, patientHe, patientShe, least, most, plain, marked] = match;
    if (he !== undefined) expansion.text += scope.person === 'm' ? he : she;
    else if (patientHe !== undefined) expansion.text += scope.patient === 'm' ? patientHe : patientShe;
    else if (least !== undefined)
      expansion.text += Number(least) + scope.int(Number(most) - Number(least) + 1);
    else appendFiller(expansion, scope.fill((plain ?? marked)!), marked !== undefined, scope);
  }
  expansion.text += template.slice(last);
  return expansion;
}

/** The forms of a text in the notation: one, or the masculine and the feminine. */
export function forms(text: string): string[] {
  const form = (person: Gender) =>
    expand(text, { person, patient: person, fill: (slot) => ({ text: slot }), int: () => 0 }).text;
  return [...new Set([form('m'), form('f')])];
}

function appendFiller(expansion: Expansion, filler: Filler, marked: boolean, scope: Scope): void {
  const inner = expand(filler.text, scope);
  expansion.text = agree(expansion.text, inner.text);
  const start = expansion.text.length;
  expansion.text += inner.text;
  for (const mark of inner.marks) {
    expansion.marks.push({ ...mark, start: start + mark.start, end: start + mark.end });
  }
  if (!marked) return;
  if (filler.label === undefined || filler.code === undefined) {
    throw new Error(`the filler "${filler.text}" is annotated, but has no label or code`);
  }
  expansion.marks.push({ start, end: expansion.text.length, label: filler.label, code: filler.code });
}

/** `y` before the sound i is `e`, `o` before the sound o is `u`: the length stays. */
function agree(before: string, next: string): string {
  if (/ y $/.test(before) && /^h?[ií](?![aeo])/i.test(next)) return before.slice(0, -2) + 'e ';
  if (/ o $/.test(before) && /^h?[oó]/i.test(next)) return before.slice(0, -2) + 'u ';
  return before;
}
