import cliProgress from 'cli-progress';
import { reworded } from '../kernel/error-table.ts';
import { isGated } from '../kernel/json-gate.ts';
import { lineAndColumn, offsetOf } from '../kernel/json-position.ts';
import { splitJson, type Piece, type Shell } from '../kernel/json-stream.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { text, type StixObject } from '../stix/types.ts';
import { describedFault, type StixFault } from '../stix/validation/fault.ts';
import { ObjectSet, translationFaults } from '../stix/validation/set.ts';
import type { ValidationLevel } from '../stix/validation/tolerance.ts';
import { gateFault, validateBundle, validateObject } from '../stix/validation/validate.ts';
import { EXIT, counted, printable, type Io } from './io.ts';
import type { CommonFlags } from './common-flags.ts';
import { itemOf, openStream, pieceOf } from './stix-file.ts';
import { commandErrors } from './command-errors.ts';

interface PlacedFault extends StixFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly object: string;
}

interface ValidateFlags extends CommonFlags {
  readonly level?: ValidationLevel;
}

type Place = Pick<Piece, 'line' | 'column'>;

/** A translation, and where it is in the file. */
interface Translation {
  readonly content: StixObject;
  readonly piece: Piece;
  readonly text: string;
}

/**
 * Maximum number of translations that are compared with their source object. The comparison reads the file a second
 * time.
 */
const MOST_TRANSLATIONS = 10_000;

/** Prints findings as they occur, so that no part of a file is kept, whatever its size. */
class Report {
  readonly #flags: CommonFlags;
  readonly #io: Io;
  objects = 0;
  errors = 0;
  findings = 0;
  warnings = 0;
  #begun = false;

  constructor(flags: CommonFlags, io: Io) {
    this.#flags = flags;
    this.#io = io;
  }

  /** Begins the document with the first result, so that an error before it leaves no incomplete document behind. */
  #begin(): void {
    if (this.#flags.json === true && !this.#begun) this.#io.stdout.write('{"items":[');
    this.#begun = true;
  }

  /** Ends the document after an error, if it has begun. The error itself goes to stderr. */
  broken(): void {
    if (this.#begun) this.end();
  }

  tell(fault: PlacedFault): void {
    this.#begin();
    const first = this.errors + this.findings + this.warnings === 0;
    if (fault.level === 'error') this.errors++;
    else if (fault.level === 'finding') this.findings++;
    else this.warnings++;
    if (this.#flags.json === true) {
      this.#io.stdout.write(`${first ? '' : ','}${JSON.stringify(describedFault(fault))}`);
      return;
    }
    const { file, line, column, rule, level, pointer, message } = fault;
    this.#io.stdout.write(
      `${printable(`${file}:${line}:${column} ${rule} ${level === 'error' ? '' : `${level}: `}${pointer === '' ? '' : `${pointer}: `}${message}`)}\n`,
    );
  }

  end(): number {
    this.#begin();
    if (this.#flags.json === true)
      this.#io.stdout.write(
        `],"objects":${this.objects},"errors":${this.errors},"findings":${this.findings},"warnings":${this.warnings}}\n`,
      );
    else if (this.#flags.quiet !== true)
      this.#io.stderr.write(
        `${counted(this.objects, 'object')}, ${counted(this.errors, 'error')}, ${counted(this.findings, 'finding')}, ${counted(this.warnings, 'warning')}\n`,
      );
    return this.errors > 0 ? EXIT.invalid : EXIT.done;
  }
}

/**
 * `talanoa validate FILE…`: checks bundles, envelopes, lists of objects, single objects, or several of them one after
 * the other (NDJSON). `-` means standard input. A file is read as a stream, so its size does not matter. Exit code 3
 * when an object is rejected at the given level.
 */
export async function validateFiles(files: readonly string[], flags: ValidateFlags, io: Io): Promise<number> {
  const report = new Report(flags, io);
  for (const file of files) {
    try {
      await validateFile(file, flags, io, report);
    } catch (error) {
      report.broken();
      if (!(error instanceof Problem)) throw error;
      throw error.title.includes(file) ? error : reworded(error, { title: `${file}: ${error.title}` });
    }
  }
  return report.end();
}

async function validateFile(file: string, flags: ValidateFlags, io: Io, report: Report): Promise<void> {
  const level = flags.level ?? 'tolerant';
  const { stream, size } = openStream(file);
  const bar = progress(file, size, flags, io);
  const set = new ObjectSet<{ piece: Place; object: string }>(level);
  const translations: Translation[] = [];
  let done = 0;
  let parts = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      done += chunk.length;
      bar.update(done);
      yield chunk;
    }
  }
  try {
    for await (const part of splitJson(counted())) {
      parts++;
      const piece = pieceOf(part);
      if (piece !== undefined) one(piece);
      // When the document itself is a list, there is no surrounding object to check.
      else if (part.kind === 'shell' && part.text.startsWith('{'))
        for (const { id, fault } of shellFaults(part)) tell(part, part.text, id, fault);
    }
    if (parts === 0) throw commandErrors.nothingToValidate({ file });
    // These errors are reported at the start of the object, because its text was not kept.
    for (const { place, fault } of set.end()) tell(place.piece, '', place.object, fault);
    if (translations.length > 0 && file !== '-') {
      for await (const { translation, fault } of translated(file, translations)) {
        const { content, piece, text: source } = translation;
        tell(piece, source, text(content, 'id') ?? '', fault);
      }
    }
  } finally {
    bar.stop();
  }

  function one(piece: Piece): void {
    report.objects++;
    const item = itemOf(piece);
    if (!isGated(item)) {
      tell(piece, '', item.id ?? '', gateFault(item));
      return;
    }
    const object = text(item.value, 'id') ?? '';
    const place = { piece: { line: piece.line, column: piece.column }, object };
    for (const fault of [...validateObject(item.value, { level }), ...set.add(item.value, place)])
      tell(piece, item.text, object, fault);
    if (item.value['type'] === 'language-content' && translations.length < MOST_TRANSLATIONS)
      translations.push({ content: item.value, piece, text: item.text });
  }

  function tell(piece: Place, source: string, object: string, fault: StixFault): void {
    report.tell({ ...fault, file, object, ...positionOf(fault, piece, source) });
  }
}

/** Returns where a fault is in the file, from where its object begins. */
function positionOf(fault: StixFault, piece: Place, source: string): Place {
  const at = source === '' ? 0 : offsetOf(source, fault.pointer);
  const inner = source === '' ? { line: 1, column: 1 } : lineAndColumn(source, at);
  return {
    line: piece.line + inner.line - 1,
    column: inner.line === 1 ? piece.column + inner.column - 1 : inner.column,
  };
}

/** Returns what is wrong with a bundle itself, without its objects. */
function shellFaults(shell: Shell): readonly { readonly id: string; readonly fault: StixFault }[] {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(shell.text) as Record<string, unknown>;
  } catch (error) {
    throw commandErrors.invalidJson({ line: shell.line }, { description: reasonOf(error) });
  }
  if (value['type'] !== 'bundle') return [];
  delete value['objects'];
  const id = text(value, 'id') ?? '';
  return [...validateBundle(value, shell.pieces)].map((fault) => ({ id, fault }));
}

/** Reads the file again to find the objects that were translated. Returns what is wrong with their translations. */
async function* translated(
  file: string,
  translations: readonly Translation[],
): AsyncGenerator<{ readonly translation: Translation; readonly fault: StixFault }> {
  const wanted = new Map<string, Translation[]>();
  for (const translation of translations) {
    const id = text(translation.content, 'object_ref') ?? '';
    wanted.set(id, [...(wanted.get(id) ?? []), translation]);
  }
  const best = new Map<string, StixObject>();
  for await (const part of splitJson(openStream(file).stream)) {
    if (part.kind !== 'piece') continue;
    const item = itemOf(part);
    const id = isGated(item) ? text(item.value, 'id') : undefined;
    if (id !== undefined && isGated(item) && wanted.has(id)) {
      // Of several versions of an object, the translated one is used if the file contains it.
      const stated = wanted.get(id)?.[0]?.content['object_modified'];
      if (!best.has(id) || item.value['modified'] === stated) best.set(id, item.value);
    }
  }
  for (const [id, target] of best)
    for (const translation of wanted.get(id) ?? [])
      for (const fault of translationFaults(translation.content, target)) yield { translation, fault };
}

interface Bar {
  update(done: number): void;
  stop(): void;
}

function progress(file: string, size: number, flags: CommonFlags, io: Io): Bar {
  if (flags.quiet === true || flags.json === true || size === 0 || !io.stderr.isTTY)
    return { update: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar(
    {
      format: `${file}  {bar}  {percentage}%  {eta_formatted} left`,
      stream: io.stderr,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(size, 0);
  return bar;
}
