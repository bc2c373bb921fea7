import type { Config } from '../config/schema.js';

/** What a training computes on, and what shows its process no other card. */
export interface Card {
  env: NodeJS.ProcessEnv;
  giveBack(): void;
}

/** The cards of a machine, lent to trainings at the same time. */
export interface Cards {
  /** @param onWait is told that all are lent; then it waits for one */
  take(backend: Config['backend'], onWait: () => void): Promise<Card>;
}

/** Of a machine. */
export interface Machine {
  /** What the native engine was built for; undefined where it is not built. */
  flavour: 'cpu' | 'cuda' | undefined;
  /** The NVIDIA cards, as CUDA_VISIBLE_DEVICES names them. */
  cuda: readonly string[];
  /** Whether a card may answer WebGPU. It opens the fastest one, and names none to choose from. */
  webgpu: boolean;
}

/**
 * Lends every training a card of its own, or with `perCard` shares each among so many. What computes on no card waits
 * for none.
 */
export function lendCards({ flavour, cuda, webgpu }: Machine, perCard: number): Cards {
  const native = flavour === 'cuda' ? pool(cuda, perCard) : undefined;
  const fastest = webgpu ? pool(['fastest'], perCard) : undefined;
  return {
    async take({ engine, device }, onWait) {
      const isNative = engine === 'native' || (engine === 'auto' && flavour !== undefined);
      const isWebgpu = engine === 'webgpu' || (engine === 'auto' && flavour === undefined);
      const own = device === 'cpu' ? undefined : isNative ? native : isWebgpu ? fastest : undefined;
      if (!own) return { env: {}, giveBack: () => {} };
      const card = await own.take(onWait);
      return {
        env: isNative ? { CUDA_VISIBLE_DEVICES: card } : {},
        giveBack: () => own.giveBack(card),
      };
    },
  };
}

/** Places on cards; undefined where there is none. */
function pool(cards: readonly string[], perCard: number) {
  if (cards.length === 0) return undefined;
  const free = new Map(cards.map((card) => [card, perCard]));
  const waiting: ((card: string) => void)[] = [];
  return {
    take(onWait: () => void): Promise<string> {
      const [card, places] = [...free].reduce((most, one) => (one[1] > most[1] ? one : most));
      if (places > 0) {
        free.set(card, places - 1);
        return Promise.resolve(card);
      }
      onWait();
      return new Promise((resolve) => void waiting.push(resolve));
    },
    giveBack(card: string): void {
      const next = waiting.shift();
      if (next) next(card);
      else free.set(card, free.get(card)! + 1);
    },
  };
}
