/**
 * What is damaged, and which commands then read it. `files` are patterns of paths in the workspace, of which one is
 * drawn; `args` the command, run in the workspace; `out` what it may make. `alone`: a process of its own each time. `most`: bytes
 * of a damaged file, where more of them takes longer by right.
 */
const predict = ['predict', 'runs/a', '--input', 'notes', '--out', 'out', '--engine', 'wasm', '--quiet'];
const dry = ['train', 'tiny.yaml', '--dry-run', '--json'];
const check = ['check', 'corpus', '--config', 'tiny.yaml', '--json'];

/** The corpus of another format that a file is of: the file itself, or its folder. */
const formatOf = (file) => (file.endsWith('.jsonl') ? file : file.split('/').slice(0, 2).join('/'));

export const targets = [
  { name: 'corpus, check', files: /^corpus\/(.*\.(txt|ann)|norm\.tsv)$/, args: check },
  { name: 'corpus, train', files: /^corpus\/(.*\.(txt|ann)|norm\.tsv)$/, args: dry },
  {
    name: 'codes',
    files: /^codes\.tsv$/,
    args: ['normalize', 'tiny.yaml', '--mentions', 'mentions.txt', '--json'],
  },
  {
    name: 'mentions',
    files: /^mentions\.txt$/,
    args: ['normalize', 'tiny.yaml', '--mentions', 'mentions.txt'],
  },
  { name: 'config', files: /^tiny\.yaml$/, args: dry },
  {
    name: 'experiment',
    files: /^experiment\.yaml$/,
    args: ['train', 'experiment.yaml', '--dry-run', '--json'],
  },
  { name: 'checkpoint, JSON', files: /^runs\/a\/checkpoints\/best\/.*\.json$/, args: predict, out: ['out'] },
  {
    name: 'checkpoint, vocabulary',
    files: /^runs\/a\/checkpoints\/best\/vocab\.txt$/,
    args: predict,
    out: ['out'],
  },
  {
    name: 'checkpoint, weights',
    files: /^runs\/a\/checkpoints\/best\/.*\.safetensors$/,
    args: predict,
    out: ['out'],
  },
  { name: 'normalizer', files: /^runs\/a\/normalizer\//, args: ['normalize', 'runs/a', '--mentions', 'mentions.txt', '--json'] }, // prettier-ignore
  { name: 'notes', files: /^notes\//, args: predict, out: ['out'], most: 300_000 },
  { name: 'run, listed', files: /^runs\/a\/[^/]+\.(jsonl?|yaml)$/, args: ['runs', 'runs', '--json'] },
  { name: 'run, shown', files: /^runs\/a\/[^/]+\.(jsonl?|yaml)$/, args: ['runs', 'show', 'runs/a'] },
  { name: 'run, reported', files: /^runs\/a\/([^/]+\.(jsonl?|yaml)|predictions\/.*)$/, args: ['report', 'runs/a'], out: ['runs/a/report.html'] }, // prettier-ignore
  { name: 'run, compared', files: /^runs\/a\/([^/]+\.(jsonl?|yaml)|predictions\/.*)$/, args: ['compare', 'runs/a', 'runs/b', 'runs/c', '--resamples', '100'] }, // prettier-ignore
  { name: 'split', files: /^split\.json$/, args: dry },
  { name: 'encoder', files: /^encoder\/(bert|roberta)\/(config|tokenizer|tokenizer_config|special_tokens_map)?.*\.(json|txt)$/, args: (file) => [...dry, '--set', `encoder.weights=${file.split('/').slice(0, 2).join('/')}`, '--set', 'data.windowPieces=32', '--set', 'data.windowStride=16'] }, // prettier-ignore
  {
    name: 'tokenizer',
    files: /^unigram\/tokenizer\.json$/,
    args: [...dry, '--set', 'encoder.vocabulary=unigram/tokenizer.json'],
  },
  { name: 'encoder, weights', files: /^encoder\/bert\/model\.safetensors$/, args: [...dry, '--set', 'encoder.weights=encoder/bert', '--set', 'data.windowPieces=32', '--set', 'data.windowStride=16'] }, // prettier-ignore
  { name: 'augmented', files: /^augmented\//, args: [...dry, '--set', 'augmentation.corpus=augmented', '--set', 'augmentation.labels=[ACTIVIDAD]'] }, // prettier-ignore
  { name: 'archive', files: /^archives\//, args: (file) => ['fetch', `file:${file}`, '--out', 'out', '--quiet'], out: ['out'] }, // prettier-ignore
  { name: 'spans, evaluated', files: /^(corpus\/task1|runs\/a\/predictions\/task1)\/.*\.ann$/, args: ['evaluate', '--task', 'ner', '--gold', 'corpus', '--predictions', 'runs/a/predictions', '--json'] }, // prettier-ignore
  { name: 'formats, checked', files: /^formats\/.*\.(conll|txt|tsv|jsonl|xmi|json|xml)$/, args: (file) => ['check', formatOf(file), '--config', 'tiny.yaml', '--json'] }, // prettier-ignore
  { name: 'formats, converted', files: /^formats\/.*\.(conll|txt|tsv|jsonl|xmi|json|xml)$/, args: (file) => ['convert', formatOf(file), 'out', '--to', 'brat', '--json'], out: ['out'] }, // prettier-ignore
  { name: 'formats, evaluated', files: /^formats\/.*\.(conll|txt|jsonl|xmi|json|xml)$/, args: (file) => ['evaluate', '--task', 'ner', '--gold', 'corpus', '--predictions', formatOf(file), '--json'] }, // prettier-ignore
  { name: 'candidates, tuned', files: /^runs\/a\/(codings\.json|predictions\/candidates\.jsonl|predictions\/task1\/.*)$/, args: ['tune', 'runs/a', '--calibrate', 'isotonic', '--json'], out: ['runs/a/tuned.json'] }, // prettier-ignore
  { name: 'tuned, predicted', files: /^runs\/b\/tuned\.json$/, args: [...predict.map((one) => (one === 'runs/a' ? 'runs/b' : one)), '--tuned', '--scores'], out: ['out'] }, // prettier-ignore
  { name: 'gate, predicted', files: /^runs\/b\/checkpoints\/best\/gate\.json$/, args: [...predict.map((one) => (one === 'runs/a' ? 'runs/b' : one)), '--early-exit'], out: ['out'] }, // prettier-ignore
  { name: 'packed, predicted', files: /^packed\/[^/]+\.(json|txt)$/, args: predict.map((one) => (one === 'runs/a' ? 'packed' : one)), out: ['out'] }, // prettier-ignore
  { name: 'packed', files: /^runs\/b\/([^/]+\.(json|yaml)|checkpoints\/best\/[^/]+\.(json|txt))$/, args: ['pack', 'runs/b', '--out', 'out', '--license', 'cc0-1.0', '--tuned', '--json'], out: ['out'] }, // prettier-ignore
  { name: 'codes, evaluated', files: /^(corpus\/norm|predicted)\.tsv$/, args: ['evaluate', '--task', 'norm', '--gold', 'corpus/norm.tsv', '--predictions', 'predicted.tsv', '--json'] }, // prettier-ignore
  { name: 'resumed', files: /^runs\/cut\/(checkpoints\/last\/[^/]+|[^/]+\.(json|jsonl|yaml))$/, args: ['train', '--resume', 'runs/cut', '--quiet'], out: ['runs/cut'], alone: true }, // prettier-ignore
];
