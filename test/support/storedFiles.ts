import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.js';
import { evaluateCodes } from '../../src/eval/codes.js';
import { evaluateNorm, evaluateSpans } from '../../src/eval/evaluation.js';
import { augmentedFormat } from '../../src/formats/augmented.js';
import { candidatesFormat, type DocumentCandidates } from '../../src/formats/candidates.js';
import { codingsFormat } from '../../src/formats/codings.js';
import { codesFormat, evaluationFormat } from '../../src/formats/evaluation.js';
import { foundSpanFormat, type FoundSpanLine } from '../../src/formats/foundSpan.js';
import { gateFormat, type StoredGate } from '../../src/formats/gate.js';
import { metricsFormat } from '../../src/formats/metrics.js';
import { modelFormat } from '../../src/formats/model.js';
import { normalizerFormat, type NormalizerFile } from '../../src/formats/normalizer.js';
import { pretrainingFormat, pretrainingStateFormat } from '../../src/formats/pretraining.js';
import { failureFormat, recordFormat } from '../../src/formats/record.js';
import { splitFormat } from '../../src/formats/split.js';
import type { StoredFormat } from '../../src/formats/stored.js';
import { tunedFormat, type TunedThresholds } from '../../src/formats/tuned.js';
import { pairingFormat, trainingFormat } from '../../src/formats/training.js';
import { gatherCodings } from '../../src/run/gatherCodings.js';
import { fixtureFolder } from './fixtures.js';

const measured = { loss: 2.5, perplexity: 12.18, pieces: 300 };
const log = [{ step: 20, rate: 1e-5, loss: 2.25, distance: 0 }];

const frozen = (name: string) => readFileSync(join(fixtureFolder, 'frozen-run', name), 'utf8');

/** Every stored file with contents that builds have written: of an earlier build from the fixtures, or of today's. */
export const storedFiles: [name: string, format: StoredFormat<unknown>, content: string][] = [
  ['meddoprof.json', modelFormat, frozen('bert/run/checkpoints/last/meddoprof.json')],
  ['another meddoprof.json', modelFormat, frozen('distilbert/run/checkpoints/best/meddoprof.json')],
  ['state.json', trainingFormat, frozen('bert/run/checkpoints/last/state.json')],
  [
    "a stopped sentence encoder's state.json",
    pairingFormat,
    '{"format":1,"steps":7,"updates":{"encoder.layer.0.weight":7,"encoder.layer.0.bias":7}}',
  ],
  ['run.json', recordFormat, frozen('bert/run/run.json')],
  ['run.json of a run that had a teacher', recordFormat, JSON.stringify(taughtRecord())],
  ['run.json of a run that was given examples', recordFormat, JSON.stringify(givenRecord())],
  ['failure.json', failureFormat, JSON.stringify({ at: '2026-01-01T00:00:00.000Z', message: 'no space' })],
  ['split.json', splitFormat, frozen('bert/run/split.json')],
  ['a step of metrics.jsonl', metricsFormat, frozen('bert/run/metrics.jsonl').split('\n')[0]!],
  ['an epoch of metrics.jsonl', metricsFormat, lineOf('distilbert/run/metrics.jsonl', 'epoch')],
  ['evaluation.json', evaluationFormat, JSON.stringify(evaluation())],
  ['normalization.json', codesFormat, JSON.stringify(codes())],
  ['codings.json', codingsFormat, JSON.stringify(codings())],
  ['a line of spans.jsonl', foundSpanFormat, JSON.stringify(foundSpan())],
  ['a line of candidates.jsonl', candidatesFormat, JSON.stringify(candidates())],
  ['gate.json', gateFormat, JSON.stringify(gate())],
  ['tuned.json', tunedFormat, JSON.stringify(tuned())],
  ['normalizer.json', normalizerFormat, JSON.stringify(normalizer())],
  ['pretraining.json', pretrainingFormat, JSON.stringify(pretraining())],
  ["a stopped pretraining's state.json", pretrainingStateFormat, JSON.stringify(pretrainingState())],
  ['a line of augmented.jsonl', augmentedFormat, JSON.stringify(augmented())],
];

function lineOf(name: string, kind: string): string {
  return frozen(name)
    .split('\n')
    .find((line) => line.startsWith(`{"kind":"${kind}"`))!;
}

function taughtRecord() {
  const record = JSON.parse(frozen('bert/run/run.json')) as object;
  return { ...record, format: 2, teachers: [{ run: 'runs/a-1', hash: '0f' }] };
}

function givenRecord() {
  const examples = { folder: 'augmented', hash: '0f', documents: 8 };
  return { ...taughtRecord(), format: 3, teachers: [], examples };
}

function foundSpan(): FoundSpanLine {
  const codes = [{ code: '1345', score: -0.25, probability: 1, exact: false }];
  const span = { document: 'a', task: 'ner', label: 'PROFESION', start: 0, end: 4, text: 'Jefe' };
  return { ...span, score: 0.75, code: '1345', codes };
}

function gate(): StoredGate {
  const scores = { precision: 0.5, recall: 0.25, f1: 0.375 };
  return {
    format: 1,
    layer: 2,
    inner: [0.5, -1],
    innerBias: [0.25],
    outer: [2],
    outerBias: -4,
    threshold: -1.5,
    loss: 0.005,
    documents: 20,
    estimate: { parts: 10, seed: 1, windows: 0.5, tasks: { ner: { before: scores, after: scores } } },
  };
}

function tuned(): TunedThresholds {
  const scores = { precision: 0.5, recall: 0.25, f1: 0.375 };
  const change = { precision: [0, -0.25, 0.25], recall: [0, 0, 0], f1: [0.125, 0, 0.25] } as const;
  const row = { gold: 4, before: scores, after: scores, change: structuredClone(change) as never };
  const figures = { count: 8, before: 0.25, after: 0.125 };
  return {
    format: 1,
    objective: { kind: 'precision', recall: 0.9 },
    runs: ['a-1'],
    documents: 20,
    thresholds: { A: 0.25 },
    method: 'isotonic',
    calibration: { A: [[0.5, 0.25]] },
    codeCalibration: 1.5,
    estimate: { parts: 10, level: 0.95, resamples: 2000, seed: 1 },
    tasks: { ner: { kept: false, all: { ...row, calibration: figures }, labels: { A: row } } },
  };
}

function candidates(): DocumentCandidates {
  return {
    document: 'a',
    found: { ner: [[0, 4, 'PROFESION', 0.75]] },
    candidates: {
      ner: [
        [0, 4, 'PROFESION', 0.75, -1, 0.75],
        [5, 10, 'ACTIVIDAD', 0.25, 0.125, 0.25],
      ],
    },
  };
}

function evaluation() {
  const span = (label: string, start: number) => ({ label, start, end: start + 4 });
  const gold = new Map([['a', [span('PROFESION', 0), span('ACTIVIDAD', 5)]]]);
  const found = new Map([['a', [span('PROFESION', 0), span('PROFESION', 5), span('ACTIVIDAD', 20)]]]);
  const texts = new Map([['a', 'Jefe pinta cuadros a veces en casa.']]);
  return {
    ner: evaluateSpans(gold, found, ['PROFESION', 'ACTIVIDAD'], { texts, examples: 5 }),
    norm: { ...norm(), top5: 0.5 },
  };
}

/** A row without a text among them, whose offsets are no numbers. */
function norm() {
  const row = (text: string, code: string) => ({ filename: 'a', text, span: '0 4', code });
  return evaluateNorm([row('Jefe', '1345'), row('', '7')], [row('Jefe', 'SCTID: 9')], undefined, {
    examples: 5,
    seenCodes: new Set(['1345']),
  });
}

function codes() {
  const cases = [
    { text: 'jefe', gold: '1345', predicted: null, candidates: ['1'], seen: true },
    { text: 'pintor', gold: 'SCTID: 9', predicted: 'SCTID: 9', candidates: ['SCTID: 9'], seen: false },
  ];
  return { ...evaluateCodes(cases), official: norm() };
}

function codings() {
  const coding = {
    code: '1',
    candidates: [{ code: '1', score: 0.5, exact: false }],
    neighbours: [{ space: 'lexical', source: 'label', text: 'jefa', code: '1', similarity: 0.9 }],
  };
  return gatherCodings('ner', [{ mention: { text: 'jefe', label: 'PROFESION' }, coding: coding as never }]);
}

function normalizer(): NormalizerFile {
  const { normalization } = configSchema.parse({
    tasks: { ner: { folder: 'a', labels: ['A'] } },
    data: { corpus: 'c' },
  });
  return {
    format: 1,
    seed: 1,
    settings: normalization,
    embedder: null,
    concepts: [{ code: '1', labels: ['jefe'], alternatives: [] }],
    mentions: [{ text: 'jefa', label: 'PROFESION', code: '1', count: 2 }],
  };
}

function pretraining() {
  return {
    format: 1,
    weights: 'models/a',
    layers: [0, 1],
    texts: { training: 9, heldOut: 1 },
    steps: 20,
    before: measured,
    after: measured,
    log,
    seed: 1,
    versions: { meddoprof: '0.1.0' },
  };
}

function pretrainingState() {
  return { format: 1, key: '0f', steps: 20, updates: { 'a.weight': 20 }, before: measured, log };
}

function augmented() {
  const range = { start: 0, end: 4, text: 'jefe' };
  return {
    name: null,
    label: 'PROFESION',
    sentence: 'Jefe de obra.',
    kept: false,
    original: { document: 'a', ...range },
    substitute: { sources: ['b'], ...range },
    score: -1.5,
    originalScore: -2,
    change: 0.5,
    fit: 0,
    likeness: -1,
    suit: -1,
    rank: 3,
  };
}
