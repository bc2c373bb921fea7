import type { CorpusFormatName } from '../../config/choices.js';
import { brat } from './brat.js';
import { casjson } from './casJson.js';
import { conll } from './conll.js';
import { doccano } from './doccano.js';
import type { CorpusFormat } from './format.js';
import { huggingface } from './huggingFace.js';
import { prodigy } from './prodigy.js';
import { xmi } from './xmi.js';

/** The formats that corpora are read and written in. Nothing else asks which one it is. */
export const formats: Record<CorpusFormatName, CorpusFormat> = {
  brat,
  conll,
  huggingface,
  prodigy,
  doccano,
  xmi,
  casjson,
};
