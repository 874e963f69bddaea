import { statSync } from 'node:fs';

/**
 * Slow test files, slowest first. If a slow file started last, one worker would still be busy while the others have
 * finished. Other files are ordered by size.
 */
const LONG = [
  'fuzz/fuzz',
  'model/worlds',
  'model/unseen',
  'model/turns',
  'e2e/crash',
  'clients/fuzz',
  'browser/looks',
  'browser/pages',
  'e2e/faults',
  'e2e/program',
  'e2e/access',
  'api/api',
  'e2e/sharing',
  'feeds/feed-formats',
  'e2e/roles',
  'model/jobs',
  'sharing/recipients',
  'stix/bounds',
  'feeds/feeds',
  'access/resets',
  'e2e/tls',
  'attack/impersonation',
];

const rank = (path) => {
  const at = LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  return at < 0 ? LONG.length : at;
};

/** Orders the test files of a run for jest. */
export default class LongestFirst {
  sort(tests) {
    const size = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted(
      (a, b) => rank(a.path) - rank(b.path) || (size.get(b.path) ?? 0) - (size.get(a.path) ?? 0),
    );
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order does not depend on earlier runs.
  }
}
