import { bert } from './bert.js';
import { debertaV2 } from './debertaV2/family.js';
import { distilbert } from './distilbert.js';
import type { EncoderConfig, Family } from './family.js';
import { modernbert } from './modernbert/family.js';
import { roberta } from './roberta.js';

/** The families that there are. A new one is a file or folder beside this one, and a line here. */
export const families: readonly Family[] = [distilbert, bert, roberta, modernbert, debertaV2];

/** The family that a config is of. */
export function familyOf({ type }: Pick<EncoderConfig, 'type'>): Family {
  return familyOfType(type)!;
}

/** Undefined: there is none for this model_type. */
export function familyOfType(type: string): Family | undefined {
  return families.find(({ types }) => types.includes(type));
}

export const knownTypes: readonly string[] = families.flatMap(({ types }) => types);
