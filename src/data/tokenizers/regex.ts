interface Group {
  /** Whether it can take the same text in several ways. */
  isLoose: boolean;
  isAtomic: boolean;
}

/** How often what stands before may come, at a place of a pattern; with a second + nothing of it is given back. */
const QUANTIFIER = /[*+?]\+|(?:[*+?]|\{(\d*),?(\d*)\})\??/y;
/** As often as that is taken for endless. */
const MANY = 10;

/**
 * Whether a pattern repeats a group that repeats something itself, or chooses, as `(x+)+` or `(x|xx)*`: there are texts that
 * such a group takes in more ways than anyone can try. Of Oniguruma's syntax it knows what bears on that.
 */
export function repeatsLooseGroups(pattern: string): boolean {
  const open: Group[] = [{ isLoose: false, isAtomic: false }];
  let before: Group | undefined; // what ends right here, a group or something repeated
  for (let at = 0; at < pattern.length;) {
    const inner = open.at(-1)!;
    const here = pattern[at]!;
    QUANTIFIER.lastIndex = at;
    const quantifier = QUANTIFIER.exec(pattern);
    if (quantifier) {
      if (before?.isLoose && isMany(quantifier)) return true;
      const isLoose = isVariable(quantifier);
      inner.isLoose ||= isLoose;
      before = { isLoose, isAtomic: false };
      at += quantifier[0].length;
      continue;
    }
    const ended: Group | undefined = here === ')' && open.length > 1 ? open.pop() : undefined;
    if (ended?.isAtomic) ended.isLoose = false;
    if (ended?.isLoose) open.at(-1)!.isLoose = true;
    if (here === '(') open.push({ isLoose: false, isAtomic: pattern.startsWith('(?>', at) });
    if (here === '|') inner.isLoose = true;
    before = ended;
    at = here === '[' ? classEnd(pattern, at) : at + (here === '\\' || pattern.startsWith('(?', at) ? 2 : 1);
  }
  return false;
}

function isMany([text, least, most]: RegExpExecArray): boolean {
  if (!text.startsWith('{')) return !text.startsWith('?');
  return text.includes(',') ? most === '' || Number(most) >= MANY : Number(least) >= MANY;
}

function isVariable([text, least, most]: RegExpExecArray): boolean {
  if (!text.startsWith('{')) return !/^.\+$/.test(text);
  return text.includes(',') && least !== most;
}

/** Where a class of characters ends, those within it included. */
function classEnd(pattern: string, start: number): number {
  let depth = 0;
  for (let at = start; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '[') depth++;
    else if (pattern[at] === ']' && --depth === 0) return at + 1;
  }
  return pattern.length;
}
