import { readFileSync } from 'node:fs';
import { measuredBy, testsOf } from './test/support/room-coverage.mjs';

const base = {
  // The projects of a coverage run share the cache of compiled files: its folder has this name.
  id: 'talanoa',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '<rootDir>/test/support/swc.mjs',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
};
const testTimeout = 90_000;
/** Workers keep memory of every file that they ran, and get slower with it. A new worker takes a second. */
const workerIdleMemoryLimit = '1GB';

/** A folder for the coverage of each room by its direct tests. Without it, nothing is measured. */
const folder = process.env.COVERAGE_FOLDER;
const floors = JSON.parse(readFileSync(new URL('coverage-floor.json', import.meta.url), 'utf8'));
/** The rooms that are measured, separated by commas. By default all that have a floor. */
const rooms = process.env.COVERAGE_ROOMS?.split(',') ?? Object.keys(floors);

/** The tests in a folder, which report only the rooms that they test directly: a report of all files takes seconds. */
const project = (path, testPathIgnorePatterns = []) => ({
  ...base,
  testMatch: [`<rootDir>/test/${path}${path === '' || path.endsWith('/') ? '**/' : ''}*.test.ts`],
  testPathIgnorePatterns,
  coveragePathIgnorePatterns: [`^(?!<rootDir>/src/(${measuredBy(path).join('|')})/)`],
});
const direct = [...new Set(rooms.flatMap(testsOf))];

export default folder === undefined || folder === ''
  ? { ...base, testTimeout, workerIdleMemoryLimit }
  : {
      testTimeout,
      workerIdleMemoryLimit,
      projects: [
        ...direct.map((path) => project(path)),
        project(
          '',
          direct.map((path) => `<rootDir>/test/${path}`),
        ),
      ],
      collectCoverage: true,
      coverageProvider: 'v8',
      // The reporter below writes the results. Jest would write one for all tests together.
      coverageReporters: ['none'],
      reporters: ['default', ['<rootDir>/test/support/room-coverage.mjs', { rooms, folder }]],
    };
