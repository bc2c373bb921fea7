import type { CorpusFormatName } from '../../config/choices.js';
import { brat } from './brat.js';
import { conll } from './conll.js';
import type { CorpusFormat } from './format.js';

/** The formats that corpora are read and written in. Nothing else asks which one it is. */
export const formats: Record<CorpusFormatName, CorpusFormat> = { brat, conll };
