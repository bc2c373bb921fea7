import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { formatAnnotations } from '../../src/data/brat.js';
import { writeSplit } from '../../src/data/split.js';
import { writeRunReport } from '../../src/report/run.js';
import { document, twoTasks, writeFiles } from './corpus.js';
import { writeFinishedRun } from './finishedRun.js';
import { writeCandidates } from './madeCandidates.js';
import { tinyConfig, tinyRun } from './tinyRun.js';

/** The report of a run that was never trained, on an invented corpus. */
export async function reportedRun(
  root: string,
  documents = 30,
): Promise<{ config: Config; run: string; file: string }> {
  const { config } = await tinyRun(root, {}, documents);
  const run = await writeFinishedRun(config, { folder: join(root, 'tiny-1'), skill: 60 });
  await writeCandidates(run);
  return { config, run, file: await writeRunReport(run) };
}

/** A label, a name and texts that would be markup, or worse, where they are not escaped. */
export const hostile = {
  label: '<img/src=x/onerror=window.hacked=1>',
  name: `"'><svg onload=window.hacked=1>`,
  texts: [
    'Trabaja de </script><script>window.hacked = 1</script> minero.',
    '<!-- <script> Es <img src=x onerror="window.hacked = 1"> &lt;b&gt; pintora 😀 y 😀 albañil.',
    '\u2028]]> ${window.hacked = 1} {{constructor.constructor("window.hacked = 1")()}} minero',
  ],
};

/** The report of a run on documents that somebody wrote to do harm. */
export async function hostileReport(root: string): Promise<string> {
  const corpus = join(root, 'corpus');
  const labels = [hostile.label, 'B'];
  const tasks = { ...twoTasks, ner: { ...twoTasks.ner, labels } };
  const all = [...hostile.texts, 'Otra minero.'].map((text, i) =>
    document(`${hostile.name}${i}`, text, {
      ner: [[hostile.label, text.includes('minero') ? 'minero' : 'albañil']],
    }),
  );
  const files = all.flatMap(({ name, text, spans }) =>
    Object.entries(tasks).flatMap(([task, { folder }]) => [
      [`${folder}/${name}.txt`, text],
      [`${folder}/${name}.ann`, formatAnnotations(spans[task]!, text)],
    ]),
  );
  writeFiles(corpus, Object.fromEntries(files) as Record<string, string>);
  const split = join(root, 'split.json');
  const names = all.map(({ name }) => name);
  await writeSplit(split, { seed: 1, training: names.slice(3), validation: names.slice(0, 3) });
  const config = tinyConfig({ tasks, data: { corpus, split } });
  const run = await writeFinishedRun(config, { folder: join(root, 'run'), skill: 0 });
  await writeCandidates(run);
  return writeRunReport(run);
}
