const typescript = [
  'babel-jest',
  { babelrc: false, configFile: false, presets: ['@babel/preset-typescript'] },
];

const common = {
  testEnvironment: './test/support/environment.js',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': typescript },
};

/**
 * Every test is in one of these, by its file's name. fast: needs npm install and no more, and all of it takes less than
 * a minute. slow: trains, or runs on every engine, or on real models. built: runs what is built, which is done before.
 *
 * @type {import('jest').Config}
 */
export default {
  projects: [
    {
      displayName: 'fast',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.(slow|built)\\.test\\.ts$'],
      ...common,
    },
    { displayName: 'slow', testMatch: ['<rootDir>/test/**/*.slow.test.ts'], ...common },
    {
      displayName: 'built',
      testMatch: ['<rootDir>/test/**/*.built.test.ts'],
      globalSetup: './test/support/build.js',
      ...common,
    },
  ],
  reporters: ['default', '<rootDir>/test/support/summary-reporter.js'],
  maxWorkers: 2,
  testTimeout: 60_000, // of all projects: what stands in one of them is not read
};
