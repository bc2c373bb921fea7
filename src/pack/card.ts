import { stringify } from 'yaml';
import { NORM } from '../config/choices.js';
import type { Config } from '../config/schema.js';
import { scoredNames } from '../data/split.js';
import type { EncoderConfig } from '../model/encoders/family.js';
import type { ModelSettings } from '../formats/model.js';
import type { RunRecord } from '../formats/record.js';
import type { Split } from '../formats/split.js';
import type { Measured, TrackSummary } from '../report/data.js';
import { codeSpan } from './markdown.js';
import type { WordRows } from './words.js';

/** What the run does not know of itself. */
export interface CardOptions {
  /** The hub's name of the model's licence: apache-2.0, cc-by-4.0, other … */
  license: string;
  /** ISO 639-1: es, pt … */
  languages: readonly string[];
  /** What the model is called. */
  name: string;
  /** What the corpus is called. */
  corpus: string;
  /** The hub's name of the encoder that training began with. */
  base?: string | undefined;
}

/** What the card tells of a run. */
export interface Described {
  settings: ModelSettings;
  encoder: EncoderConfig;
  config: Pick<Config, 'training' | 'encoder'>;
  record: RunRecord;
  split: Split;
  tracks: TrackSummary[] | null;
  codes: boolean;
  /** Whether spans are decoded otherwise than when the scores were measured. */
  redecoded: boolean;
  words: (WordRows & { restored: boolean }) | null;
}

/**
 * A model card, as Hugging Face's hub reads it: metadata, then what people should know. It has counts of the training texts
 * and nothing of what they say, and no path of the machine.
 * @see https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 */
export function formatCard(run: Described, options: CardOptions): string {
  return `---\n${stringify(metadata(run, options), { lineWidth: 0, aliasDuplicateObjects: false })}---\n\n${text(run, options)}`;
}

function metadata({ tracks, split }: Described, { license, languages, name, corpus, base }: CardOptions) {
  const side = split.test === undefined ? 'validation' : 'test';
  const dataset = { name: corpus, type: slug(corpus), split: side };
  const results = (tracks ?? []).map(({ track, all }) => ({
    task: { type: 'token-classification', name: nameOf(track) },
    dataset,
    metrics: (['precision', 'recall', 'f1'] as const).map((type) => ({
      type,
      value: rounded(all[type]),
      name: `${FIGURES[type]}, ${interval(all, type)}`,
    })),
  }));
  return {
    language: languages.length > 0 ? [...languages] : undefined,
    license,
    library_name: 'meddoprof',
    pipeline_tag: 'token-classification',
    tags: ['meddoprof', 'named-entity-recognition', 'clinical'],
    base_model: base,
    'model-index': results.length > 0 ? [{ name, results }] : undefined,
  };
}

function text(run: Described, { name, corpus, base }: CardOptions): string {
  const { settings, encoder, config, record, split, tracks } = run;
  const tasks = Object.entries(settings.tasks).map(([task, { labels }]) => `| ${codeSpan(task)} | ${labels.map(codeSpan).join(', ')} |`); // prettier-ignore
  const { head, trunk, scheme } = settings.model;
  return `# ${name}

Finds spans in text, with these labels:

| task | labels |
| --- | --- |
${tasks.join('\n')}

\`\`\`sh
npx meddoprof predict <this folder> --input <a folder of .txt files> --out predictions
\`\`\`

An encoder of ${encoder.layers} layers, ${encoder.hidden} wide${base === undefined ? '' : ` (from ${base})`}, ${trunk === 'none' ? 'no trunk' : `a ${trunk} trunk`}, ${head} heads, labels in ${scheme}; windows of ${settings.windows.windowPieces} pieces. ${whichSpans(settings)} \`config.json\`, \`model.safetensors\` and the tokenizer are as Hugging Face's transformers has them: \`AutoModel.from_pretrained\` opens the encoder alone.

## Scores

${tracks === null ? 'No document was held out: there are none.' : scores(run, corpus, tracks)}

## Training

Trained on ${split.training.length.toLocaleString('en')} documents of ${corpus} (SHA-256 of the corpus ${record.corpus.hash.slice(0, 16)}), with the seed ${record.seed}, in batches of ${config.training.batchSize}, by meddoprof ${record.versions.meddoprof} on ${record.engine.name} (${record.engine.device}).

## What it tells of the training texts

${privacy(run)}
`;
}

function scores({ split, redecoded }: Described, corpus: string, tracks: TrackSummary[]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const measured = (track: string, label: string, one: Measured) =>
    row([track, label, ...(['precision', 'recall', 'f1'] as const).map((type) => `${share(one[type])} (${interval(one, type)})`)]); // prettier-ignore
  const rows = tracks.flatMap(({ track, all, perLabel }) => [
    measured(nameOf(track), 'all', all),
    ...Object.entries(perLabel).map(([label, one]) => measured('', codeSpan(label), one)),
  ]);
  return `On ${heldOut(split).toLocaleString('en')} documents of ${corpus} that it was not trained on; exact spans, micro-averaged, with 95 % intervals of a bootstrap over documents.${split.test === undefined ? ' The best epoch was chosen on them.' : ''}${redecoded ? ' They were measured before the thresholds, or what else says how spans are decoded, became those that are in this folder.' : ''}

| | label | precision | recall | F1 |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function privacy({ words, codes, config }: Described): string {
  const table =
    words === null && config.encoder.weights === null
      ? 'The vocabulary was made of the training texts: its pieces are words and parts of words that occur in them.'
      : words === null
        ? 'Which rows of the word table training has changed was not compared: they may show which pieces the texts use.'
        : words.restored
          ? `The ${words.changed.toLocaleString('en')} rows of the word table that training had changed were put back as they were before, so that they do not show which pieces the texts use. The scores above were measured before that.`
          : words.changed === 0
            ? 'The word table is that of the encoder that training began with: it does not show which pieces the texts use.'
            : `${words.changed.toLocaleString('en')} of ${words.rows.toLocaleString('en')} rows of the word table differ from those of the encoder that training began with: they show which pieces the texts use, not in which order.`;
  const mentions = codes
    ? 'In `normalizer/` are the mentions of the training documents, word for word, with their codes.'
    : 'No mention, text or prediction is in this folder.';
  return `${table}\n\n${mentions}`;
}

const FIGURES = { precision: 'Precision', recall: 'Recall', f1: 'F1' };
const nameOf = (track: string) => (track === NORM ? 'codes' : track);
const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
const share = (value: number) => value.toFixed(3).replace(/^0/, '');
const heldOut = (split: Split) => scoredNames(split).length;
const slug = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'corpus'; // prettier-ignore

function interval({ intervals }: Measured, type: keyof typeof FIGURES): string {
  const [low, high] = intervals[type];
  return `${share(low)} to ${share(high)}`;
}

/** What is found: of a chain the best path has no thresholds. */
function whichSpans({ model, decoding: { paths, threshold, thresholds } }: ModelSettings): string {
  if (model.head === 'crf' && paths === 'best') return 'Spans are those of the best path of tags.';
  const own = Object.entries(thresholds)
    .filter(([, value]) => value !== threshold)
    .map(([label, value]) => `${codeSpan(label)}: ${value}`);
  return `Spans from a probability of ${threshold}${own.length === 0 ? '' : ` (${own.join(', ')})`} on.`;
}
