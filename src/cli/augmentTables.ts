import { codePoints } from '../data/codepoints.js';
import type { AugmentResult } from '../run/augmentCorpus.js';
import { formatTable } from './table.js';

/** Candidates that are shown of either end of the ranking. */
const SHOWN = 10;

/** Mentions per label before and after; per augmented label the best and the worst candidates. */
export function augmentTables({ folder, counts, candidates }: AugmentResult): string {
  const labels = [...new Set(candidates.map(({ label }) => label))];
  const tables = [
    formatTable(
      ['task', 'label', 'before', 'after'],
      counts.map(({ task, label, before, after }) => [task, label, before, after]),
    ),
    ...labels.flatMap((label) => {
      const ranked = candidates.filter((candidate) => candidate.label === label);
      const worst = ranked.slice(Math.max(SHOWN, ranked.length - SHOWN));
      return [
        `${label}: the best of ${ranked.length} candidates\n\n${rankingTable(ranked.slice(0, SHOWN))}`,
        ...(worst.length > 0 ? [`${label}: the worst\n\n${rankingTable(worst)}`] : []),
      ];
    }),
  ];
  const kept = candidates.filter((candidate) => candidate.kept).length;
  return `${tables.join('\n\n')}\n\n${kept} new examples and where they come from are in ${folder}`;
}

function rankingTable(candidates: AugmentResult['candidates']): string {
  return formatTable(
    ['rank', 'suit', 'fit', 'score', 'change', 'kept', 'original', 'sentence'],
    candidates.map((candidate) => {
      const { rank, suit, fit, score, change, kept, original } = candidate;
      const figures = [
        rank,
        ...[suit, fit, score, change].map((value) => value.toFixed(2)),
        kept ? 'yes' : 'no',
      ];
      return [...figures, original.text, excerpt(candidate)];
    }),
  );
}

/** The substitute in « », with some words on either side. */
function excerpt({ sentence, substitute }: AugmentResult['candidates'][number]): string {
  const points = codePoints(sentence);
  const before = points.slice(0, substitute.start).split(/\s+/).slice(-6).join(' ');
  const after = points.slice(substitute.end, points.length).split(/\s+/).slice(0, 4).join(' ');
  return `${before}«${substitute.text}»${after}`;
}
