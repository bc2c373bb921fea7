// Makes the masked language model that both sides load: a Hugging Face folder, of whatever format the weights are in.
//
//     node bench/masked-lm.mjs [--from FOLDER] [--weights FOLDER]
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { familyOf, maskedLmParameters, openMaskedLmWeights, writeSafetensors } from 'meddoprof/internal';
import { maskedLmOptions } from './options.mjs';

const { from, weights } = parseArgs({ options: maskedLmOptions }).values;
const mark = join(weights, 'bench.json'); // what the folder was made of
if ((await readFile(mark, 'utf8').catch(() => '')) !== from) {
  process.stderr.write(`Making ${weights} of ${from}\n`);
  await makeFolder(`${weights}.part`);
  await rm(weights, { recursive: true, force: true });
  await rename(`${weights}.part`, weights);
}

async function makeFolder(folder) {
  const opened = await openMaskedLmWeights(from);
  await mkdir(folder, { recursive: true });
  const config = { ...familyOf(opened.config).format(opened.config), architectures: ['BertForMaskedLM'] };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await opened.tokenizer.save(folder);
  const tensors = maskedLmParameters(opened.config).map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'F32',
    read: () => opened.weights.read(name),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  await opened.weights.close();
  await writeFile(join(folder, 'bench.json'), from);
}
