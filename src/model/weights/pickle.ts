import { join } from 'node:path';
import { InputError } from '../../errors.js';

/**
 * What is said of a folder's pickled weights, with the command that converts them, whole or in parts. It clones every
 * tensor, for save_file takes none that share memory.
 */
export function pickleError(folder: string, pickled: string): InputError {
  return new InputError(
    `${join(folder, pickled)} is a pickle, which is not read; convert it once with Python: python -c "import torch; ` +
      `from pathlib import Path; from safetensors.torch import save_file; folder = Path('${folder}'); ` +
      "save_file({k: v.clone().contiguous() for part in folder.glob('pytorch_model*.bin') for k, v in " +
      "torch.load(part, weights_only=True, map_location='cpu').items()}, folder / 'model.safetensors')\"",
  );
}
