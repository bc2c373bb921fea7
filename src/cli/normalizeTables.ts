import { formatNorm, type CodedRow } from '../data/norm.js';
import { formatTable as formatRows } from '../data/tsv.js';
import type { CodeEvaluation, CodeScores } from '../eval/codes.js';
import type { Coding, Normalizer } from '../normalize/normalizer.js';
import type { CodedGold } from '../run/evaluateCodes.js';
import type { CodedMention } from '../run/normalize.js';
import { formatScore } from './format.js';
import { formatTable } from './table.js';

/** Confusions that are listed. */
const LISTED = 15;

/** Mentions of a file with their codes; with `explain` each with all that speaks for it. */
export function mentionTables(mentions: readonly CodedMention[], explain: boolean): string {
  if (explain) return mentions.map(({ text, coding }) => `${text}\n${explanation(coding)}`).join('\n\n');
  const rows = mentions.map(({ text, coding: { code, candidates } }) => [
    text,
    code ?? '–',
    candidates[0] && code ? short(candidates[0].label) : '',
    candidates[0] ? scoreOf(candidates[0]) : '',
    candidates[0] ? distanceText(candidates[0]) : '',
  ]);
  return formatTable(['mention', 'code', 'label', 'score', 'distance'], rows);
}

/** Scores of codes for gold spans, and the confusions that cost most. */
export function codeEvaluationTables(
  { evaluation, mentions, codings }: CodedGold,
  normalizer: Pick<Normalizer, 'knowledge'>,
  seconds: { build: number; coding: number },
  explain: boolean,
): string {
  const { official, confusions } = evaluation;
  const labels = new Map(
    normalizer.knowledge.concepts.map(({ code, labels, alternatives }) => [
      code,
      labels[0] ?? alternatives[0],
    ]),
  );
  const named = (code: string | null) =>
    code === null ? '–' : `${code} ${short(labels.get(code) ?? '')}`.trim();
  const rate = (mentions.length / seconds.coding).toFixed(0);
  return [
    scoresTable(evaluation),
    `${official.semantics}: P ${formatScore(official.precision)} R ${formatScore(official.recall)} F1 ${formatScore(official.f1)}`,
    ...(confusions.length === 0
      ? []
      : [
          formatTable(
            [`gold${confusions.length > LISTED ? ` (${LISTED} of ${confusions.length}, all with --json)` : ''}`, 'taken for', 'times', 'mentions'], // prettier-ignore
            confusions
              .slice(0, LISTED)
              .map(({ gold, predicted, count, texts }) => [
                named(gold),
                named(predicted),
                count,
                texts.slice(0, 3).join(' · '),
              ]),
          ),
        ]),
    ...(explain
      ? mentions.map(({ text, code }, i) => `${text}, gold ${named(code)}\n${explanation(codings[i]!)}`)
      : []),
    `Ready in ${seconds.build.toFixed(1)} s, then ${rate} mentions a second`,
  ].join('\n\n');
}

/** All, then by whether training has the code, then by terminology. */
export function scoresTable(evaluation: CodeEvaluation): string {
  const row = (name: string, { mentions, correct, accuracy, top5 }: CodeScores) => [
    ...[name, mentions, correct],
    ...[formatScore(accuracy), formatScore(top5)],
  ];
  return formatTable(
    ['codes of gold spans', 'mentions', 'right', 'accuracy', 'in first 5'],
    [
      row('all', evaluation),
      row('seen in training', evaluation.seen),
      row('not seen', evaluation.unseen),
      ...Object.entries(evaluation.terminologies).map(([name, scores]) => row(name, scores)),
    ],
  );
}

/** The mentions of gold spans with all that is known of them, for programs. */
export function explained({ mentions, codings }: CodedGold) {
  return mentions.map((mention, i) => ({ ...mention, coding: codings[i]! }));
}

/** A NORM table where every mention says where it stands, else text, code, label, score and distance. */
export function formatMentions(mentions: readonly CodedMention[]): string {
  const coded = mentions.filter(({ coding }) => coding.code !== null);
  const rows = coded.flatMap(({ text, filename, span, coding }): CodedRow[] =>
    filename && span ? [{ filename, text, span, code: coding.code! }] : [],
  );
  if (rows.length === coded.length) return formatNorm(rows);
  return formatRows([
    ['text', 'code', 'label', 'score', 'distance'],
    ...mentions.map(({ text, coding: { code, candidates } }) => {
      if (code === null) return [text, '', '', '', ''];
      const [best] = candidates;
      return [text, code, best!.label, scoreOf(best!), distanceText(best!)];
    }),
  ]);
}

/** A NORM table of the gold spans with the codes that were found. */
export function formatGold({ mentions, codings }: CodedGold): string {
  return formatNorm(
    mentions.flatMap(({ document, text, start, end }, i): CodedRow[] => {
      const { code } = codings[i]!;
      return code === null ? [] : [{ filename: document, text, span: { start, end }, code }];
    }),
  );
}

function explanation({ candidates, neighbours = [] }: Coding): string {
  return [
    formatTable(
      ['  code', 'label', 'score', 'of which', 'distance'],
      candidates.map((one) => [
        `  ${one.code}`,
        short(one.label),
        scoreOf(one),
        Object.entries(one.parts)
          .map(([part, score]) => `${part} ${score.toFixed(3)}`)
          .join(', '),
        distanceText(one),
      ]),
    ),
    ...(neighbours.length === 0
      ? []
      : [
          formatTable(
            ['  nearest', 'text', 'code', 'distance'],
            neighbours.map(({ space, source, text, code, distance }) => [
              `  ${space}: ${source}`,
              text,
              code,
              distance.toFixed(3),
            ]),
          ),
        ]),
  ].join('\n');
}

/** The first form of a label, cut where it is long. */
function short(label: string): string {
  const [form = ''] = label.split('/');
  return form.length > 50 ? `${form.slice(0, 49)}…` : form;
}

function scoreOf({ exact, score }: Coding['candidates'][number]): string {
  return exact ? 'exact' : score.toFixed(3);
}

function distanceText({ distance }: Coding['candidates'][number]): string {
  return distance === null ? '' : distance.toFixed(3);
}
