/**
 * Lower case, without accents and without what nobody sees (soft hyphens, zero-width spaces, byte order and direction
 * marks): `Médico`, `medico` and `mé\u00addico` are one.
 */
export function foldText(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]+/gu, '');
}

/** The words of a folded text, joined by one blank: what makes two mentions the same. */
export function matchKey(text: string): string {
  return (foldText(text).match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}
