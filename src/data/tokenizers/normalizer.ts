import { bertNormalizer } from 'tokenizers';

/** What BERT's normalizer does to texts, besides dropping control characters. */
export interface Normalization {
  lowercase: boolean;
  /** Left out: as lower case. */
  stripAccents?: boolean | undefined;
  /** Whether every Chinese character is a word; left out: it is. */
  splitChinese?: boolean | undefined;
}

/** With what is left out said. */
export function completed({ lowercase, stripAccents = lowercase, splitChinese = true }: Normalization) {
  return { lowercase, stripAccents, splitChinese };
}

/** BERT's normalizer. */
export function normalizer(normalization: Normalization) {
  const { lowercase, stripAccents, splitChinese } = completed(normalization);
  return bertNormalizer({ cleanText: true, handleChineseChars: splitChinese, stripAccents, lowercase });
}

/** What tokenizer_config.json says of it, and nothing where its silence says the same. */
export function namedNormalization(normalization: Normalization) {
  const { lowercase, stripAccents, splitChinese } = completed(normalization);
  return {
    do_lower_case: lowercase,
    strip_accents: stripAccents === lowercase ? undefined : stripAccents,
    tokenize_chinese_chars: splitChinese ? undefined : false,
  };
}
