import { ratiosOf, sumCounts, type Counts, type Ratios } from './scores.js';

/** A span that was found, with the gate's score: the least of its pieces', each of the window that says most of it. */
export interface GatedSpan {
  right: boolean;
  score: number;
}

/** A document as a gate sees it. */
export interface GatedDocument {
  /** The gate's score of each of its windows. */
  windows: readonly number[];
  tasks: Record<string, { gold: number; spans: readonly GatedSpan[] }>;
}

/** What a gate costs and saves on documents by which its threshold was not set. */
export interface GateEstimate {
  /** Share of windows that are read to their end. */
  windows: number;
  /** Scores without the gate, and with it. */
  tasks: Record<string, { before: Ratios; after: Ratios }>;
}

/**
 * The greatest threshold by which no task loses more than `loss` of its recall: midway between two scores of windows.
 * @returns undefined where nothing right was found, which no threshold could lose
 */
export function gateThreshold(documents: readonly GatedDocument[], loss: number): number | undefined {
  const least = Object.keys(documents[0]?.tasks ?? {}).map((task) => {
    const own = documents.map(({ tasks }) => tasks[task]!);
    const mayGo = Math.floor(loss * own.reduce((sum, { gold }) => sum + gold, 0));
    const scores = own.flatMap(({ spans }) => spans.filter(({ right }) => right).map(({ score }) => score));
    return scores.sort((a, b) => a - b)[mayGo] ?? Infinity;
  });
  const stays = Math.min(...least);
  if (stays === Infinity) return undefined;
  const below = documents.reduce(
    (most, { windows }) => windows.reduce((own, score) => (score < stays ? Math.max(own, score) : own), most),
    -Infinity,
  );
  return below === -Infinity ? stays : (below + stays) / 2;
}

/** What thresholds do on documents that they were not set by: each part of these has that of the others. */
export function estimateGate(
  documents: readonly GatedDocument[],
  { loss, parts, partOf }: { loss: number; parts: number; partOf: Int32Array },
): GateEstimate {
  const thresholds = Array.from({ length: parts }, (_, part) => {
    const others = documents.filter((_, document) => partOf[document] !== part);
    return gateThreshold(others, loss) ?? -Infinity;
  });
  const thresholdOf = (document: number) => thresholds[partOf[document]!]!;
  const count = (isCounted: (score: number, document: number) => boolean) =>
    documents.reduce((sum, { windows }, i) => sum + windows.filter((score) => isCounted(score, i)).length, 0);
  const read = count((score, document) => score >= thresholdOf(document));
  const scores = (task: string, isLeft: (score: number, document: number) => boolean) =>
    ratiosOf(
      sumCounts(
        documents.map(({ tasks }, document) => countsOf(tasks[task]!, (score) => isLeft(score, document))),
      ),
    );
  return {
    windows:
      read /
      Math.max(
        1,
        count(() => true),
      ),
    tasks: Object.fromEntries(
      Object.keys(documents[0]?.tasks ?? {}).map((task) => {
        const after = scores(task, (score, document) => score >= thresholdOf(document));
        return [task, { before: scores(task, () => true), after }];
      }),
    ),
  };
}

function countsOf(
  { gold, spans }: GatedDocument['tasks'][string],
  isLeft: (score: number) => boolean,
): Counts {
  const left = spans.filter(({ score }) => isLeft(score));
  const truePositives = left.filter(({ right }) => right).length;
  return {
    truePositives,
    falsePositives: left.length - truePositives,
    falseNegatives: gold - truePositives,
  };
}
