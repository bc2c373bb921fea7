/** Lower case, without accents: `Médico` and `medico` are one. */
export function foldText(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '');
}

/** The words of a folded text, joined by one blank: what makes two mentions the same. */
export function matchKey(text: string): string {
  return (foldText(text).match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}
