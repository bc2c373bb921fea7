import type { Config } from '../../config/schema.js';
import { bilstmTrunk } from './bilstm.js';
import { noTrunk } from './none.js';
import type { Trunk } from './trunk.js';

type Settings = Pick<Config['model'], 'trunk' | 'lstmUnits'>;

const trunks: Record<Settings['trunk'], (hidden: number, settings: Settings) => Trunk> = {
  bilstm: (hidden, { lstmUnits }) => bilstmTrunk(hidden, lstmUnits),
  none: (hidden) => noTrunk(hidden),
};

/** The trunk of a config, on an encoder whose states are `hidden` wide. */
export function trunkOf(settings: Settings, hidden: number): Trunk {
  return trunks[settings.trunk](hidden, settings);
}
