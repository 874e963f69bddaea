import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'corpus');
/** Inputs that reach new code are kept here between runs. `.ci/run` and the workflow of the gate keep the folder. */
const grown = process.env['FUZZ_CORPUS'] ?? join(import.meta.dirname, '..', '..', '.cache', 'fuzz-corpus');

export const LARGEST_INPUT = 65_536;
const BATCH = 100;
/** Inputs that are kept for a target between runs. */
const MOST_GROWN = 200;

/** A function that reads bytes from outside. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Words of its input language. */
  readonly words: readonly string[];
  /** Throws when a promise is broken. Errors that the parser may throw by its contract are caught inside. */
  readonly run: (input: Buffer, random: Random) => void | Promise<void>;
  /** False when the work must be measured by other means, because it happens in another thread or in native code. */
  readonly counted?: boolean;
}

/** xorshift32: the same numbers for the same seed on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const ODD = [
  '\0', '\u{10ffff}', '\ud800', '\ufeff', '\u202e', '\u0130', 'İ', 'ß', '__proto__', 'constructor', 'prototype', 'toString', 'null', 'NaN', '-0', '1e309', '9007199254740993',
  '9'.repeat(400), '-', '.', '%00', '%', '\\', '"', "'", '\r\n', '\n', '\t', '{', '}', '[', ']', '(', ')', '<', '>', '&', ';', '=', ':', ',', '../', '::', '0x', ' '.repeat(64),
].map((text) => Buffer.from(text)); // prettier-ignore

/** Creates another input from one of the corpus, with one to four small changes. */
export function mutated(random: Random, corpus: readonly Buffer[], words: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(corpus));
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(Math.min(bytes.length - at, 64) + 1);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at + length);
    const here = bytes.subarray(at, at + length);
    const insert = (part: Buffer): Buffer => Buffer.concat([before, part, bytes.subarray(at)]);
    switch (random.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        bytes = insert(Buffer.of(random.below(256)));
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = insert(here);
        break;
      case 4:
        bytes = insert(random.pick(words.length > 0 && random.below(2) === 0 ? words : ODD));
        break;
      case 5:
        bytes = Buffer.concat([before, random.pick(words.length > 0 ? words : ODD), after]);
        break;
      case 6: {
        const other = random.pick(corpus);
        bytes = Buffer.concat([before, other.subarray(random.below(other.length + 1))]);
        break;
      }
      case 7:
        bytes = Buffer.concat([before]);
        break;
      default:
        bytes = insert(Buffer.concat(Array.from({ length: 1 + random.below(40) }, () => (here.length > 0 ? here : random.pick(ODD))))); // prettier-ignore
    }
  }
  return bytes.subarray(0, LARGEST_INPUT);
}

/** Counts which parts of the sources run, and how often. The same input always does the same work. */
class Meter {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Resets the record of executed code. */
  forget(): void {
    this.#seen.clear();
    this.take();
    this.#seen.clear();
  }

  /** Returns what ran since the last call: code that never ran before, and the number of steps. */
  take(): { readonly fresh: number; readonly steps: number } {
    let fresh = 0;
    let steps = 0;
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      for (const { url, functions } of result) {
        if (!url.includes('/src/')) continue;
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges) {
            if (count === 0) continue;
            steps += count;
            const place = `${url}:${startOffset}-${endOffset}`;
            if (this.#seen.has(place)) continue;
            this.#seen.add(place);
            fresh++;
          }
      }
    });
    return { fresh, steps };
  }
}

/**
 * One meter for the whole process, from its start. V8 counts the blocks of a function only if counting was
 * active when it compiled the function. A meter that starts later would miss code that ran before.
 */
const METER = new Meter();

function folderInputs(folder: string): Buffer[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).toSorted().map((file) => readFileSync(join(folder, file))); // prettier-ignore
}

/** Returns the newest inputs that earlier runs kept. Older ones are removed to limit the size of the folder. */
export function grownInputs(folder: string): Buffer[] {
  if (!existsSync(folder)) return [];
  const byAge = readdirSync(folder)
    .map((file) => ({ path: join(folder, file), at: statSync(join(folder, file)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at || (a.path < b.path ? -1 : 1));
  for (const { path } of byAge.slice(MOST_GROWN)) rmSync(path);
  return byAge.slice(0, MOST_GROWN).map(({ path }) => readFileSync(path));
}

function keep(folder: string, input: Buffer): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, hash('sha1', input).slice(0, 16));
  writeFileSync(file, input);
  return file;
}

/** The committed corpus of a target, with every input that ever failed. */
export const committed = (name: string): readonly Buffer[] => folderInputs(join(fixtures, name));

export interface Budget {
  readonly seed: number;
  /** The time for this target in milliseconds. At least `rounds` inputs are run in any case. */
  readonly ms: number;
  readonly rounds: number;
  /** The folder for failing inputs. The default is the committed corpus. */
  readonly failures?: string;
}

/**
 * Runs a target on its corpus and on mutations of it. Throws for the first input that breaks a promise, and
 * keeps that input.
 */
export async function fuzz(target: Target, { seed, ms, rounds, failures = fixtures }: Budget): Promise<{ readonly inputs: number; readonly kept: number }> {
  const random = new Random(seed);
  const words = target.words.map((word) => Buffer.from(word));
  const corpus = [...target.seeds, ...committed(target.name), ...grownInputs(join(grown, target.name))].map((one) => one.subarray(0, LARGEST_INPUT));
  const once = async (input: Buffer): Promise<void> => {
    try {
      await target.run(input, random);
    } catch (error) {
      const file = keep(join(failures, target.name), input);
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${target.name}, FUZZ_SEED=${seed}: ${reason.slice(0, 1_500)}\nThe input is kept as ${file}`, { cause: error });
    }
  };
  // New code means new for this target, even if other targets have run it.
  METER.forget();
  const meter = METER;
  let inputs = 0;
  let kept = 0;
  try {
    for (const input of corpus) await once(input);
    meter.take();
    const end = performance.now() + ms;
    while (inputs < rounds || performance.now() < end) {
      const batch = Array.from({ length: Math.min(BATCH, Math.max(1, rounds)) }, () => mutated(random, corpus, words));
      for (const input of batch) await once(input);
      inputs += batch.length;
      if (meter.take().fresh === 0) continue;
      // One of these inputs reached new code. The meter does not show which one, so the shortest few join
      // the corpus.
      for (const input of batch.toSorted((a, b) => a.length - b.length).slice(-3)) {
        corpus.push(input);
        if (corpus.length > 2_000) corpus.splice(target.seeds.length, 1);
        kept++;
        keep(join(grown, target.name), input);
      }
    }
    if (target.counted !== false) for (let n = 0; n < 6; n++) await demandLinear(target, failures, meter, random, corpus, words, once);
  } finally {
    METER.forget();
  }
  return { inputs, kept };
} // prettier-ignore

/**
 * Input of twice the size may take twice as many steps and a few more. Quadratic work takes four times as
 * many. Steps are counted, not timed, so the result is the same on every machine.
 */
async function demandLinear(target: Target, failures: string, meter: Meter, random: Random, corpus: readonly Buffer[], words: readonly Buffer[], once: (input: Buffer) => Promise<void>): Promise<void> {
  const base = random.pick(corpus).subarray(0, 4_096);
  const from = random.below(base.length + 1);
  const part = random.below(2) === 0 && words.length > 0 ? random.pick(words) : base.subarray(from, from + 1 + random.below(200));
  if (part.length === 0) return;
  const times = Math.ceil(12_000 / part.length);
  const grownBy = (factor: number): Buffer => Buffer.concat([base.subarray(0, from), ...Array.from({ length: times * factor }, () => part), base.subarray(from)]);
  const stepsOf = async (input: Buffer): Promise<number> => {
    meter.take();
    await once(input);
    return meter.take().steps;
  };
  const [one, two] = [grownBy(1), grownBy(2)];
  const [small, large] = [await stepsOf(one), await stepsOf(two)];
  if (large > 3 * small + 50_000) {
    const file = keep(join(failures, target.name), two);
    throw new Error(`${target.name}: twice the input takes ${large} steps instead of ${small}. The input is kept as ${file}`);
  }
} // prettier-ignore
