import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { InputError, Interrupted } from '../errors.js';
import { writeRunReport } from '../report/run.js';
import { phasesOf } from '../run/phases.js';
import type { TrainingWork } from '../run/events.js';
import type { RunResult } from '../run/events.js';
import { TRAINING, trainRun } from '../run/trainRun.js';
import type { Output } from './output.js';
import { trainProgress } from './trainProgress.js';
import { evaluationTable } from './trainTables.js';
import { watch } from './watch.js';

/** Runs a training under the eyes of a person: progress, Ctrl-C, the final tables. */
export async function train(config: Config, folder: string, resume: boolean, output: Output): Promise<void> {
  const progress = trainProgress(output);
  const options = {
    goOn: `Go on with: meddoprof train --resume ${folder}`,
    phases: phasesOf(config),
    shown: { [TRAINING]: progress },
  };
  try {
    const result = await watch(output, options, async (context) => {
      let result: RunResult | undefined;
      let work: TrainingWork | undefined;
      for await (const event of trainRun(config, { folder, resume }, context)) {
        if (event.kind === 'begin') ({ work } = event);
        else if (event.kind === 'end') ({ result } = event);
        else progress.event(event, work!, event.seconds);
      }
      return result;
    });
    if (!result) return;
    const isScored = Object.keys(result.evaluation).length > 0;
    const later = { goOn: `The run is done; its report is made by: meddoprof report ${folder}` };
    const report = isScored
      ? await watch(output, later, (context) => makeReport(folder, context))
      : undefined;
    output.result({ ...result, report }, () =>
      evaluationTable(result.evaluation, folder, { codes: result.codes, report }),
    );
  } finally {
    progress.stop();
  }
}

/** The run is done, whatever becomes of its report. */
async function makeReport(folder: string, context: Context): Promise<string | undefined> {
  try {
    return await writeRunReport(folder, {}, context);
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof Interrupted) throw error;
    context.notice(`There is no report: ${error.message} Then: meddoprof report ${folder}`);
    return undefined;
  }
}
