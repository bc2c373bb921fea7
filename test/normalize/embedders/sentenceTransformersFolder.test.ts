import { describe, expect, test } from '@jest/globals';
import { renameSync, symlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentenceTransformers } from '../../../src/normalize/embedders/sentenceTransformers.js';
import { InputError } from '../../../src/errors.js';
import { fixtureFolder } from '../../support/fixtures.js';
import { DENSE, writeSentenceFolder } from '../../support/sentences.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('a folder of sentence-transformers', () => {
  const pooling = (change: object) => ({
    '1_Pooling/config.json': { word_embedding_dimension: 32, pooling_mode_mean_tokens: true, ...change },
  });
  const dense = (change: object) => ({
    '2_Dense/config.json': {
      in_features: 32,
      out_features: 24,
      bias: true,
      activation_function: 'torch.nn.modules.activation.Tanh',
      ...change,
    },
  });
  const modules = (...list: [path: string, type: string][]) => ({
    'modules.json': list.map(([path, type]) => ({ path, type: `sentence_transformers.models.${type}` })),
  });
  const [transformer, pool] = [
    ['', 'Transformer'],
    ['1_Pooling', 'Pooling'],
  ] as [string, string][];

  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      'modules.json that is no JSON',
      { 'modules.json': '[{' },
      /modules\.json cannot be read as a list of modules.*: it is not JSON/,
    ],
    [
      'modules.json that is no list',
      { 'modules.json': {} },
      /modules\.json cannot be read as a list of modules/,
    ],
    ['no module', modules(), /modules\.json: it lists no module; a Transformer, a Pooling/],
    [
      'modules in another order',
      modules(pool!, transformer!),
      /modules\.json: it lists Pooling, Transformer;/,
    ],
    [
      'a module of an unknown type',
      modules(transformer!, pool!, ['2_LSTM', 'LSTM']),
      /modules\.json: modules of type sentence_transformers\.models\.LSTM are unknown/,
    ],
    [
      'a path that leaves the folder',
      modules(transformer!, pool!, ['../2_Dense', 'Dense']),
      /modules\.json: the path "\.\.\/2_Dense" leaves the folder/,
    ],
    [
      'an absolute path',
      modules(transformer!, ['/etc', 'Pooling']),
      /modules\.json: the path "\/etc" leaves the folder/,
    ],
    [
      'pooling of another width',
      pooling({ word_embedding_dimension: 768 }),
      /1_Pooling\/config\.json: it pools vectors of 768 numbers, but the Transformer before it gives 32/,
    ],
    [
      'two ways of pooling',
      pooling({ pooling_mode_cls_token: true }),
      /1_Pooling\/config\.json: it pools by mean and cls; only one of/,
    ],
    [
      'no way of pooling',
      pooling({ pooling_mode_mean_tokens: false }),
      /1_Pooling\/config\.json: it pools by nothing/,
    ],
    [
      'another way of pooling',
      pooling({ pooling_mode: 'lasttoken' }),
      /1_Pooling\/config\.json: it pools by lasttoken/,
    ],
    [
      'a Dense of another width',
      dense({ in_features: 768 }),
      /2_Dense\/config\.json: it takes vectors of 768 numbers, but the module before it gives 32/,
    ],
    [
      'a Dense whose tensors have another shape',
      dense({ out_features: 512 }),
      /2_Dense\/model\.safetensors: linear\.weight has shape \[24,32\]; by .*config\.json it must be \[512,32\]/,
    ],
    [
      'an unknown activation',
      dense({ activation_function: 'torch.nn.modules.activation.Softmax' }),
      /2_Dense\/config\.json: the activation torch\.nn\.modules\.activation\.Softmax is unknown/,
    ],
    [
      'a Dense over pieces',
      dense({ module_input_name: 'token_embeddings' }),
      /2_Dense\/config\.json .*: module_input_name/,
    ],
    [
      'a length that is none',
      { 'sentence_bert_config.json': { max_seq_length: 'long' } },
      /sentence_bert_config\.json .*: max_seq_length/,
    ],
    [
      'a prompt before every sentence',
      { 'config_sentence_transformers.json': { default_prompt_name: 'query' } },
      /config_sentence_transformers\.json: the prompt "query" goes before every sentence/,
    ],
  ])('is refused with %s', async (_, change, message) => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder, DENSE, change);
    const opened = sentenceTransformers(folder);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toBeInstanceOf(InputError);
  });

  test('is refused where a link leads out of it', async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    writeSentenceFolder(folder);
    renameSync(join(folder, '2_Dense'), join(elsewhere, 'dense'));
    symlinkSync(join(elsewhere, 'dense'), join(folder, '2_Dense'));
    await expect(sentenceTransformers(folder)).rejects.toThrow(/the path "2_Dense" leaves the folder/);
  });

  test('with a pickled Dense is refused with the command that converts it', async () => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder);
    rmSync(join(folder, '2_Dense/model.safetensors'));
    writeFileSync(join(folder, '2_Dense/pytorch_model.bin'), '');
    await expect(sentenceTransformers(folder)).rejects.toThrow(
      /2_Dense\/pytorch_model\.bin is a pickle.*python -c "import torch; .*Path\('\S*2_Dense'\).*clone\(\).*folder \/ 'model\.safetensors'/,
    );
  });

  test('without modules.json is refused with the kind that reads it', async () => {
    await expect(sentenceTransformers(join(fixtureFolder, 'tiny-bert'))).rejects.toThrow(
      /it has no modules\.json; for an encoder as it is set kind to pooledEncoder/,
    );
  });

  test('is read as sentence-transformers 6 writes it', async () => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder);
    const { name } = await sentenceTransformers(folder);
    const library = 'sentence_transformers';
    writeSentenceFolder(folder, DENSE, {
      'modules.json': [
        { path: '', type: `${library}.base.modules.transformer.Transformer` },
        { path: '1_Pooling', type: `${library}.sentence_transformer.modules.pooling.Pooling` },
        { path: '2_Dense', type: `${library}.base.modules.dense.Dense` },
      ],
      '1_Pooling/config.json': { embedding_dimension: 32, pooling_mode: 'mean', include_prompt: true },
      'sentence_bert_config.json': { transformer_task: 'feature-extraction' },
    });
    expect((await sentenceTransformers(folder)).name).toBe(name);
  });
});
