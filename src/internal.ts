/**
 * What this project's benchmarks and scripts take of the inside, beside the library: single steps, engines, weights. Nobody
 * is promised that it stays as it is. To import it loads TensorFlow.js, and no engine.
 * @module
 */

// Engines
export { startEngine } from './backend/engine.js';
export { inPrecision } from './backend/precision.js';
export { compilerHere } from './ops/compiler.js';

// Encoders, weights, tokenizers
export { openTokenizer } from './data/tokenizers/open.js';
export { parseEncoderConfig } from './model/encoders/config.js';
export { familyOf } from './model/encoders/registry.js';
export { selectLayers } from './model/encoders/select.js';
export { openMaskedLm } from './model/maskedLm.js';
export { maskedLmIdentity, maskedLmParameters, openMaskedLmWeights } from './model/weights/maskedLm.js';
export { openWeights } from './model/weights/open.js';
export { writeSafetensors } from './model/weights/writeSafetensors.js';

// Models and their training, step by step
export { openCheckpoint, saveModel } from './model/folder.js';
export { assemble } from './model/model.js';
export { createParameters, heldRows } from './model/parameters.js';
export { openPredictor } from './predict/open.js';
export { predictTexts } from './predict/predict.js';
export { prepareData } from './run/prepare.js';
export { openSession, settingsOf } from './run/session.js';
export { profileSteps } from './train/profile.js';
export { epochBatches } from './train/schedule.js';
export { trainStep } from './train/step.js';
export { computeStep, train as trainEpochs } from './train/train.js';

// Likelihoods and codes
export { scoreCached } from './augment/cache.js';
export { openScorer, scoreSpans } from './augment/likelihood.js';
export { marked } from './augment/marked.js';
export { embeddingSpace } from './normalize/embeddingSpace.js';
export { codedMentions } from './normalize/knowledge.js';
export { conceptScores } from './normalize/space.js';
export { evaluateGoldSpans } from './run/evaluateCodes.js';
export { codedTask, configuredNormalizer } from './run/normalizer.js';

// Corpora
export { makeBatch } from './data/batches.js';
export { writeCorpus } from './data/write.js';
export { randomFrom } from './data/random.js';
export { configuredSplit, writeSplit } from './data/split.js';
export { windowsIn } from './data/cutWindows.js';
export { generateCorpus } from './demo/generate.js';

// What is printed and written
export { runProgram } from './cli/program.js';
export { stepProfileTable } from './cli/profileTables.js';
export { commandReference } from './cli/reference.js';
export { formatTable } from './cli/table.js';
export { commentedConfig } from './config/commented.js';
export { configReference } from './config/reference.js';
export { reportHtml } from './report/html.js';
