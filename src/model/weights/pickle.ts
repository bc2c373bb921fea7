import { join } from 'node:path';
import { InputError } from '../../errors.js';

/**
 * What is said of a folder's pickled weights, with the command that converts them. It clones every tensor, for
 * save_file takes none that share memory.
 */
export function pickleError(folder: string, pickled: string): InputError {
  const from = join(folder, 'pytorch_model.bin');
  const to = join(folder, 'model.safetensors');
  return new InputError(
    `${join(folder, pickled)} is a pickle, which is not read; convert it once with Python: python -c "import torch; ` +
      'from safetensors.torch import save_file; save_file({k: v.clone().contiguous() for k, v in ' +
      `torch.load('${from}', weights_only=True, map_location='cpu').items()}, '${to}')"`,
  );
}
