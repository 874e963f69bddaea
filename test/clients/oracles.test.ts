import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadPreset, presetNames } from '../../src/feeds/document.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { printPattern } from '../../src/stix/pattern/print.ts';
import { validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from '../support/builders.ts';
import { readSample, special } from '../support/feed-reading.ts';
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
  describe('independent validators', () => {
    test('objects from python-stix2 are valid here, and its observables have deterministic ids', () => {
      const objects = ask('objects') as Json[];
      expect(objects.length).toBeGreaterThan(40);
      const found = objects.flatMap((object) =>
        validateObject(object)
          .filter(({ level, rule }) => level === 'error' || rule === 'S-013')
          .map((fault) => `${String(object['type'])} ${fault.rule} ${fault.pointer} ${fault.message}`),
      );
      expect(found).toEqual([]);
    });

    test('every pattern from a sample feed is accepted by stix2-patterns', async () => {
      const folder = join(import.meta.dirname, '../fixtures/feeds');
      const documents = presetNames()
        .map((name) => ({ ...loadPreset(name), values: special }))
        .filter(({ parser }) => parser.kind !== 'stix');
      const patterns = new Set<string>();
      // Reads each file with every preset that produces anything from it. The result has more patterns than a single
      // preset is meant to produce.
      for (const name of readdirSync(folder))
        for (const file of readdirSync(join(folder, name)))
          for (const document of documents)
            try {
              const reading = await readSample(
                document,
                join(folder, name, file),
                Date.parse('2026-01-15T12:00:00Z'),
              );
              for (const [pattern, { patternType }] of reading.indicators)
                if (patternType === 'stix') patterns.add(pattern);
            } catch (error) {
              // The file has another format.
              if ((error as { kind?: unknown }).kind === undefined) throw error;
            }
      const made = [...patterns];
      expect(made.length).toBeGreaterThan(2_000);
      const accepted = ask('patterns', made) as boolean[];
      expect(made.filter((_pattern, i) => !accepted[i])).toEqual([]);
    }, 300_000);

    test('the canonical form of a pattern is accepted by stix2-patterns wherever the pattern is', () => {
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
