// The flags and the errors of the command line.
import { describe, expect, test } from '@jest/globals';
import { confidence, days, names, port, seconds, time, whole } from '../../src/cli/arguments.ts';
import { exitOf, printError, printUsage } from '../../src/cli/errors.ts';
import { Problem, statusOf, type ProblemKind } from '../../src/kernel/problem.ts';
import { testIo } from '../support/io.ts';

describe('the value of a flag', () => {
  const READERS = { port, days, whole, confidence, seconds, time, names };
  test.each<[keyof typeof READERS, readonly [string, unknown][], readonly string[]]>([
    [
      'port',
      [
        ['0', 0],
        ['65535', 65_535],
        ['080', 80],
      ],
      ['65536', '-1', '1.5', 'x', '', '123456'],
    ],
    [
      'days',
      [
        ['180', 180],
        ['180d', 180],
        ['0', 0],
        ['9999d', 9_999],
      ],
      ['10000', '1h', 'd', '-1', ''],
    ],
    [
      'whole',
      [
        ['1', 1],
        ['999999999', 999_999_999],
      ],
      ['0', '1.5', '-1', '1000000000', 'x', ''],
    ],
    [
      'confidence',
      [
        ['0', 0],
        ['100', 100],
      ],
      ['101', '-1', '5.5', 'x', ''],
    ],
    [
      'seconds',
      [
        ['1', 1],
        ['60s', 60],
        ['99999', 99_999],
      ],
      ['0', '0s', '1m', '100000', 'x', ''],
    ],
    [
      'time',
      [
        ['2026-11-29T00:00:00Z', '2026-11-29T00:00:00Z'],
        ['2026-11-29T00:00:00.5Z', '2026-11-29T00:00:00.5Z'],
      ],
      ['2026-11-29', '2026-11-29T00:00:00', '2026-13-01T00:00:00Z', '2026-11-29T00:00:00+12:00', 'now', ''],
    ],
    [
      'names',
      [
        ['a, b ,,c', ['a', 'b', 'c']],
        ['', []],
        [' ,', []],
      ],
      [],
    ],
  ])('%s', (name, right, wrong) => {
    for (const [text, value] of right) expect([text, READERS[name](text)]).toEqual([text, value]);
    for (const text of wrong)
      expect(() => READERS[name](text)).toThrow(
        expect.objectContaining({ code: 'commander.invalidArgument' }),
      );
  });
});

describe('an error', () => {
  const EXITS: Readonly<Record<ProblemKind, number>> = {
    'invalid-request': 2, 'invalid-content': 3, unauthenticated: 5, forbidden: 5, 'not-found': 4, 'method-not-allowed': 1, 'not-acceptable': 1, conflict: 7, full: 7,
    'precondition-failed': 7, 'too-large': 3, 'unsupported-media-type': 1, 'rate-limited': 1, peer: 6, unavailable: 1, internal: 1,
  }; // prettier-ignore
  test.each(Object.entries(EXITS))('an error of the kind %s ends with exit code %d', (kind, exit) => {
    const { io, err } = testIo();
    expect(printError(new Problem(kind as ProblemKind, 'It failed', { code: 'TLN-X-001' }), io)).toBe(exit);
    expect([exitOf(kind as ProblemKind), err()]).toEqual([exit, 'error: It failed   [TLN-X-001]\n']);
    expect(Object.keys(statusOf)).toContain(kind);
  });

  const full = new Problem('conflict', 'It \u001b[1mfailed', {
    code: 'TLN-X-001',
    description: 'Because:\n\ta | b\n\t^',
    hint: 'Do\nthis.',
  });
  test('has three parts for people, which cannot control the terminal', () => {
    const { io, err, out } = testIo();
    printError(full, io);
    expect([err(), out()]).toEqual([
      'error: It ?[1mfailed   [TLN-X-001]\n  Because:\n    a | b\n    ^\n  Try: Do?this.\n',
      '',
    ]);
  });

  test('is one JSON document on stderr for programs', () => {
    const { io, err, out } = testIo();
    expect(printError(full, io, true)).toBe(7);
    expect([JSON.parse(err()), out()]).toEqual([
      {
        error: {
          code: 'TLN-X-001',
          title: 'It \u001b[1mfailed',
          detail: 'Because:\n\ta | b\n\t^',
          hint: 'Do\nthis.',
          exit_code: 7,
        },
      },
      '',
    ]);
  });

  test('that nobody expected ends with 1, and shows its stack only on request', () => {
    for (const [environment, lines] of [
      [{}, 1],
      [{ TALANOA_DEBUG: '1' }, 3],
    ] as const) {
      const { io, err } = testIo({ environment });
      expect(printError(new Error('oops'), io)).toBe(1);
      expect(err()).toMatch(/^error: oops {3}\[TLN-X-500\]\n/);
      expect(err().split('\n').length > 2).toBe(lines > 1);
    }
    const { io, err } = testIo();
    printError('just a text', io);
    expect(err()).toBe('error: just a text   [TLN-X-500]\n');
  });

  test.each([
    ['/networks/0: "x" is not a network', ['--network', 'name'], '--network: "x" is not a network'],
    ['/as_numbers: must be a list', ['--as'], '--as: must be a list'],
    ['/valid_days: must be at least 1', ['--until'], '--until: must be at least 1'],
    ['/max_tlp: must be one of', ['--max-tlp'], '--max-tlp: must be one of'],
    ['/objectsPerDay: must be', ['--objects-per-day'], '--objects-per-day: must be'],
    ['/expires_days: must be', ['--expires'], '--expires: must be'],
    ['/name: must be', ['name'], 'name: must be'],
    ['/networks: must be', ['--other'], 'networks: must be'],
    ['the body is empty', ['--other'], 'the body is empty'],
  ])('about a body, %j, names what the user typed', (detail, given, shown) => {
    const { io, err } = testIo();
    printError(
      new Problem('invalid-content', 'T', { code: 'TLN-P-422', description: detail }),
      io,
      false,
      given,
    );
    expect(err().split('\n')[1]).toBe(`  ${shown}`);
    const other = testIo();
    printError(
      new Problem('invalid-content', 'T', { code: 'TLN-B-422', description: detail }),
      other.io,
      false,
      given,
    );
    expect(other.err().split('\n')[1]).toBe(`  ${detail}`);
  });

  test('about the usage names the command to use', () => {
    const plain = testIo();
    printUsage("error: unknown option '--x'\n", undefined, plain.io, false);
    expect(plain.err()).toBe(
      "error: unknown option '--x'   [TLN-C-025]\n  Try: To see the usage, run the same command with --help.\n",
    );
    const json = testIo();
    printUsage('error: x', 'Commands: a, b.', json.io, true);
    expect(JSON.parse(json.err())).toEqual({
      error: { code: 'TLN-C-025', title: 'x', hint: 'Commands: a, b.', exit_code: 2 },
    });
  });
});
