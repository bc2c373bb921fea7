import type { TrainingWork } from '../run/events.js';
import type { TrainingEvent } from '../train/events.js';

/** What a training's events say of its pace. Times in seconds. */
export interface Pace {
  /** Takes the next event, and when it was. */
  event(event: TrainingEvent, at: number): void;
  /** Of a step; undefined before the second. */
  step(): number | undefined;
  /** Of a validation: as those before took, else by its windows: without a backward pass it costs a third. */
  validation(): number | undefined;
  /** Until everything is done: steps, validations, and the evaluation at the end, which is one more of them. */
  left(): number | undefined;
}

export function trainingPace(work: TrainingWork): Pace {
  const steps = { count: 0, seconds: 0 };
  const validations = { count: 0, seconds: 0 };
  let last: { event: TrainingEvent; at: number } | undefined;
  const pace: Pace = {
    event(event, at) {
      const kind = event.kind === 'step' ? steps : validations;
      if (last) {
        kind.count += 1;
        kind.seconds += at - last.at;
      }
      last = { event, at };
    },
    step: () => mean(steps),
    validation() {
      const step = pace.step();
      const share = work.windows.validation / work.windows.step / 3;
      return mean(validations) ?? (step === undefined ? undefined : step * share);
    },
    left() {
      const [step, validation] = [pace.step(), pace.validation()];
      if (!last || step === undefined || validation === undefined) return undefined;
      const { epoch, step: done } = last.event.progress;
      if (epoch >= work.epochs) return validation; // also where it stops early
      return (work.steps - done) * step + (work.epochs - epoch + 1) * validation;
    },
  };
  return pace;
}

function mean({ count, seconds }: { count: number; seconds: number }): number | undefined {
  return count > 0 ? seconds / count : undefined;
}
