import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { printPattern } from '../../src/stix/pattern/print.ts';
import { validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from '../support/builders.ts';
import { python } from '../support/python.ts';

function ask(what: 'objects' | 'patterns', input: unknown = null): unknown {
  const { stdout, stderr, status } = spawnSync(
    String(python),
    [join(import.meta.dirname, 'oracles.py'), what],
    {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

if (python === undefined) {
  test.skip('skipped: TALANOA_PYTHON names no Python with stix2 and stix2-patterns', () => undefined);
} else {
  describe('independent judges', () => {
    test('what python-stix2 makes is valid here, and its observables have the ids that follow from their content', () => {
      const objects = ask('objects') as Json[];
      expect(objects.length).toBeGreaterThan(40);
      const found = objects.flatMap((object) =>
        validateObject(object)
          .filter(({ level, rule }) => level === 'error' || rule === 'S-013')
          .map((fault) => `${String(object['type'])} ${fault.rule} ${fault.pointer} ${fault.message}`),
      );
      expect(found).toEqual([]);
    });

    test('the normal form of a pattern is accepted by stix2-patterns wherever the pattern is', () => {
      const vectors = JSON.parse(
        readFileSync(join(import.meta.dirname, '../fixtures/stix/patterns.json'), 'utf8'),
      ) as { pattern: string; valid: boolean }[];
      const valid = vectors.filter(({ valid: isValid }) => isValid).map(({ pattern }) => pattern);
      const accepted = ask('patterns', valid) as boolean[];
      const normal = valid
        .filter((_pattern, i) => accepted[i])
        .map((pattern) => printPattern(parsePattern(pattern)));
      expect(normal.length).toBeGreaterThan(50);
      const again = ask('patterns', normal) as boolean[];
      expect(normal.filter((_pattern, i) => !again[i])).toEqual([]);
    });
  });
}
