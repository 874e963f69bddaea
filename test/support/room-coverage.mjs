import { relative, sep } from 'node:path';
import { CoverageReporter } from '@jest/reporters';

/** Rooms that are measured together, because the tests of one of them use the other. */
const TOGETHER = [['kernel', 'stix']];
/** Tests outside the folder of a room that call it directly: the contract of the store and its simulation, and every command. */
const ALSO = { store: ['contract/', 'model/turns'], cli: ['e2e/every-command'] };

/** Where the direct tests of a room are: the beginnings of their paths below `test/`. */
export const testsOf = (room) =>
  (TOGETHER.find((rooms) => rooms.includes(room)) ?? [room]).flatMap((name) => [
    `${name}/`,
    ...(ALSO[name] ?? []),
  ]);

/** Whether the main suite contains all direct tests of a room. */
export const isInMainSuite = (room) => testsOf(room).every((path) => !path.startsWith('model/'));

/** The rooms whose direct tests have paths with this beginning. */
export const measuredBy = (path) => {
  const [room] = Object.entries(ALSO).find(([, paths]) => paths.includes(path)) ?? [path.split('/')[0]];
  return TOGETHER.find((rooms) => rooms.includes(room)) ?? [room];
};

/**
 * A reporter of jest that writes, for each room in the option `rooms`, how much of it its own direct tests cover:
 * `ROOM/coverage-summary.json` in the folder of the option `folder`. Code that only other tests run does not count.
 */
export default class RoomCoverage {
  #root;
  #rooms;

  constructor(globalConfig, { rooms, folder }, context) {
    this.#root = globalConfig.rootDir;
    this.#rooms = rooms.map((room) => ({
      room,
      files: `${this.#root}${sep}src${sep}${room}${sep}`,
      report: new CoverageReporter(
        {
          ...globalConfig,
          // Types generated from schemas are not code.
          collectCoverageFrom: [`src/${room}/**/*.{ts,tsx}`, '!src/**/schema-types.ts'],
          coverageDirectory: `${folder}/${room}`,
          coverageReporters: ['json-summary'],
        },
        context,
      ),
    }));
  }

  onTestResult(test, result) {
    const path = relative(`${this.#root}/test`, test.path).split(sep).join('/');
    for (const { room, files, report } of this.#rooms) {
      if (!testsOf(room).some((start) => path.startsWith(start))) continue;
      const found = result.v8Coverage?.filter((entry) => entry.result.url.startsWith(files)) ?? [];
      if (found.length > 0) report.onTestResult(test, { v8Coverage: found });
    }
    // The reporter of jest itself would keep it in memory, for all files and tests.
    result.v8Coverage = undefined;
  }

  async onRunComplete(contexts, results) {
    // One after the other, because each starts its own workers.
    for (const { report } of this.#rooms) await report.onRunComplete(contexts, results);
  }
}
