import { createInterface } from 'node:readline';
import { patternAdvice } from '../stix/pattern/advice.ts';
import { explainPattern, levelOf } from '../stix/pattern/explain.ts';
import { patternKeys } from '../stix/pattern/keys.ts';
import { PatternError } from '../stix/pattern/lexer.ts';
import { parsePattern } from '../stix/pattern/parser.ts';
import { printPattern } from '../stix/pattern/print.ts';
import { sectionOf } from '../stix/validation/sections.ts';
import { EXIT, printable, type Io } from './io.ts';
import { writeResult } from './output.ts';
import type { CommonFlags } from './common-flags.ts';

interface PatternFlags extends CommonFlags {
  /** The grammar of patterns. STIX 2.0 writes START and STOP as plain strings. */
  readonly patternVersion?: '2.0' | '2.1';
}

/** Number of characters of a pattern that are shown around an error. */
const AROUND = 60;

/**
 * `talanoa pattern check PATTERN…`: exit code 3 when a pattern is not valid. `-` reads one pattern per line from
 * standard input.
 */
export function patternCheck(patterns: readonly string[], flags: PatternFlags, io: Io): Promise<number> {
  return each(patterns, flags, io, (text) => {
    const parsed = parsePattern(text, { version: flags.patternVersion ?? '2.1' });
    const advice = patternAdvice(parsed);
    return {
      json: {
        valid: true,
        normal: printPattern(parsed),
        level: levelOf(parsed),
        keys: patternKeys(parsed),
        advice,
      },
      lines: [
        `valid, level ${levelOf(parsed)}: ${printPattern(parsed)}`,
        ...advice.map(
          ({ rule, message, suggestion }) =>
            `  ${rule} warning: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`,
        ),
      ],
    };
  });
}

/** `talanoa pattern explain PATTERN…`: explains in plain English what a pattern looks for. */
export function patternExplain(patterns: readonly string[], flags: PatternFlags, io: Io): Promise<number> {
  return each(patterns, flags, io, (text) => {
    const parsed = parsePattern(text, { version: flags.patternVersion ?? '2.1' });
    const keys = patternKeys(parsed);
    return {
      json: { valid: true, explanation: explainPattern(parsed), level: levelOf(parsed), keys },
      lines: [
        explainPattern(parsed),
        ...(keys.length === 0
          ? []
          : ['Values:', ...keys.map(({ type, property, value }) => `  ${type} ${property} ${value}`)]),
      ],
    };
  });
}

interface Said {
  readonly json: object;
  readonly lines: readonly string[];
}

async function each(
  patterns: readonly string[],
  flags: PatternFlags,
  io: Io,
  say: (text: string) => Said,
): Promise<number> {
  let bad = 0;
  for await (const text of given(patterns)) {
    let said: Said;
    try {
      said = say(text);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      bad++;
      said = refusal(text, error);
    }
    writeResult(said.json, () => said.lines.map(printable).join('\n'), flags, io);
  }
  return bad > 0 ? EXIT.invalid : EXIT.done;
}

async function* given(patterns: readonly string[]): AsyncGenerator<string> {
  for (const pattern of patterns) {
    if (pattern !== '-') yield pattern;
    else
      for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') yield line;
  }
}

/** Returns the pattern with a caret below the position of the error, and the rule that was broken. */
function refusal(text: string, { rule, offset, message, suggestion }: PatternError): Said {
  const from = Math.max(0, offset - AROUND);
  const shown = text.slice(from, offset + AROUND);
  const lead = from > 0 ? '…' : '';
  const section = sectionOf(rule);
  return {
    json: {
      valid: false,
      rule,
      section,
      offset,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    },
    lines: [
      `${rule} (section ${section ?? '9'}): ${message}`,
      `  ${lead}${shown}`,
      `  ${' '.repeat(lead.length + offset - from)}^`,
    ],
  };
}
