import { describe, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOfficialResult, type ScorerCase } from '../support/scorerCases.js';
import { writeFiles } from '../support/corpus.js';
import { describeShared, sharedFile } from '../support/shared.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const own = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/official-scorer.json'), 'utf8'),
) as { labels: Record<string, string[]>; codes: string; cases: (ScorerCase & { name: string })[] };

describe('evaluation, as the official scorer,', () => {
  test.each(own.cases)('in $task $name', async (scorerCase) => {
    const place = writeFiles(folder(), { 'codes.tsv': own.codes });
    await expectOfficialResult(scorerCase, place, { ...own, codes: join(place, 'codes.tsv') });
  });
});

describeShared("the shared task's own cases", 'official-scorer/cases.json', () => {
  const codes = sharedFile('meddoprof/meddoprof_valid_codes.tsv');
  const cases = JSON.parse(readFileSync(sharedFile('official-scorer/cases.json'), 'utf8')) as ScorerCase[];
  test.each(cases)('$id, $task', async (scorerCase) => {
    await expectOfficialResult(scorerCase, folder(), { labels: own.labels, codes });
  });
});
