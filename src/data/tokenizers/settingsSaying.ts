import { completed, namedNormalization, type Normalization } from './normalizer.js';
import { noSettings, type TokenizerSettings } from './special.js';

const CONFIG = 'tokenizer_config.json';

/**
 * Files that say how texts are normalised, for Python too, by name: the settings as they stand where they do, else with
 * a tokenizer_config.json that has it beside what they say.
 */
export function settingsSaying(
  normalization: Normalization,
  { config, files }: TokenizerSettings = noSettings,
): Map<string, string | Uint8Array> {
  const { lowercase, stripAccents, splitChinese } = completed(normalization);
  const { do_lower_case: lower, strip_accents: strip, tokenize_chinese_chars: split } = config;
  const saved = new Map<string, string | Uint8Array>(files);
  if (lower === lowercase && (strip ?? lower) === stripAccents && (split ?? true) === splitChinese)
    return saved;
  const others = saved.has(CONFIG) ? config : { tokenizer_class: 'BertTokenizer' };
  const whole = { ...others, ...namedNormalization(normalization) };
  return saved.set(CONFIG, `${JSON.stringify(whole, null, 2)}\n`);
}
