import { relative } from 'node:path';

/**
 * Ends a run with the tests that were skipped (a skipped test's name says what it needs) and, last
 * of all, one plain line that scripts can read: `120 passed, 0 failed`. A file that cannot be run is one failure.
 */
export default class {
  constructor(globalConfig) {
    this.globalConfig = globalConfig;
  }

  onRunComplete(_, results) {
    const { rootDir, testNamePattern } = this.globalConfig;
    const skipped = testNamePattern ? [] : skippedTests(results, rootDir);
    if (skipped.length > 0) process.stderr.write(`${skipped.join('\n')}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.once('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
}

/** A line for each group of skipped tests of a file, under a line with their number. */
function skippedTests(results, rootDir) {
  const groups = new Map();
  let total = 0;
  for (const { testFilePath, testResults } of results.testResults)
    for (const { status, ancestorTitles, title } of testResults) {
      if (status !== 'pending' && status !== 'todo') continue;
      const group = `${relative(rootDir, testFilePath)}: ${ancestorTitles[0] ?? title}`;
      const detail = ancestorTitles.length > 0 ? title : '';
      groups.set(group, [...(groups.get(group) ?? []), detail]);
      total++;
    }
  if (total === 0) return [];
  const lines = [...groups].map(([group, titles]) => {
    const detail = titles.length > 1 ? `${titles.length} tests` : titles[0];
    return `  ${group}${detail && ` (${detail})`}`;
  });
  return [`\n${total} skipped:`, ...lines, ''];
}
