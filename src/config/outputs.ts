import { tagsByScheme } from './choices.js';

/** What decides how many outputs a model has, in a config or beside a model's weights. */
export interface OutputSettings {
  tasks: Record<string, { labels: readonly string[] }>;
  model: {
    head: string;
    scheme: keyof typeof tagsByScheme;
    outputs: string;
    crf: { agree: boolean };
  };
}

export interface TooMany {
  path: PropertyKey[];
  fault: string;
  advice: string;
}

/** Outputs by the million would be counted up before anything is learned, or found damaged. */
export function* tooManyOutputs(settings: OutputSettings): Generator<TooMany> {
  yield* tooManyChannels(settings);
  yield* tooManyTags(settings);
}

/** Joint outputs have a channel for every combination of the tasks' labels. */
function* tooManyChannels({ tasks, model: { outputs } }: OutputSettings): Generator<TooMany> {
  if (outputs !== 'joint') return;
  const channels = Object.values(tasks).reduce((product, { labels }) => product * (labels.length + 1), 1);
  if (channels > MOST_CHANNELS)
    yield {
      path: ['model', 'outputs'],
      fault: `is joint, and the tasks' labels have ${channels} combinations; more than ${MOST_CHANNELS} are not learned`,
      advice: 'set it to perTask',
    };
}

const MOST_CHANNELS = 10_000;

function* tooManyTags({ tasks, model: { head, scheme, outputs, crf } }: OutputSettings): Generator<TooMany> {
  if (head !== 'crf') return;
  const labels = Object.values(tasks).map((task) => task.labels.length);
  const together = outputs === 'joint' || crf.agree;
  const most = together ? labels.reduce((product, count) => product * count, 1) : Math.max(...labels);
  const tags = 1 + most * tagsByScheme[scheme].length;
  if (tags > MOST_TAGS)
    yield {
      path: ['model', 'head'],
      fault: `is crf, and ${together ? 'the combinations of labels' : 'the labels of a task'} have ${tags} tags; more than ${MOST_TAGS} are not learned`,
      advice: `take fewer labels${together ? ', an output for each task without agreement,' : ''} or another head`,
    };
}

/** A tag is a byte. */
const MOST_TAGS = 256;
