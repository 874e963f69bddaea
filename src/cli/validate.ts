import { readFileSync, statSync } from 'node:fs';
import cliProgress from 'cli-progress';
import { GATE_LIMITS, gate, isGated, readObject, type GatedDocument } from '../kernel/json-gate.ts';
import { lineAndColumn, offsetOf } from '../kernel/json-position.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { text } from '../stix/types.ts';
import type { StixFault } from '../stix/validation/fault.ts';
import { validateObject } from '../stix/validation/validate.ts';
import { EXIT, count, type Io } from './io.ts';
import type { CommonFlags } from './program.ts';

interface PlacedFault extends StixFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly object: string;
}

const LARGEST = 512 * 1024 * 1024;
/** A file that an operator names himself may have more parts than a request. */
const LIMITS = { ...GATE_LIMITS, tokens: 500_000_000, objects: 5_000_000 };
const WRAP = '{"objects":[';

/** `talanoa validate FILE…`: bundles, envelopes, lists of objects and single objects. Exit code 3 when one is refused. */
export async function validateFiles(files: readonly string[], flags: CommonFlags, io: Io): Promise<number> {
  const faults: PlacedFault[] = [];
  let objects = 0;
  for (const file of files) {
    const { document, prefix } = readDocument(file);
    const showing = flags.quiet !== true && flags.json !== true;
    const bar = new cliProgress.SingleBar(
      {
        format: `${file}  {bar}  {percentage}%  {value} of {total}`,
        stream: io.stderr,
        noTTYOutput: false,
        clearOnComplete: true,
      },
      cliProgress.Presets.shades_classic,
    );
    if (showing) bar.start(document.objects.length, 0);
    const place = placer(document.bytes, prefix);
    document.objects.forEach((span, i) => {
      const start = place(span.start);
      const item = readObject(document, span, LIMITS);
      const found: readonly StixFault[] = isGated(item)
        ? validateObject(item.value)
        : [{ level: 'error', rule: 'J-001', pointer: item.pointer, message: item.message }];
      for (const fault of found) {
        const inner = isGated(item)
          ? lineAndColumn(item.text, offsetOf(item.text, fault.pointer))
          : { line: 1, column: 1 };
        faults.push({
          file,
          line: start.line + inner.line - 1,
          column: inner.line === 1 ? start.column + inner.column - 1 : inner.column,
          object: isGated(item) ? (text(item.value, 'id') ?? '') : '',
          ...fault,
        });
      }
      objects++;
      if (showing && i % 500 === 0) bar.update(i);
    });
    if (showing) bar.stop();
  }
  const errors = faults.filter(({ level }) => level === 'error').length;
  if (flags.json === true)
    io.stdout.write(
      `${JSON.stringify({ objects, errors, warnings: faults.length - errors, items: faults })}\n`,
    );
  else {
    for (const { file, line, column, rule, level, pointer, message } of faults) {
      io.stdout.write(
        `${file}:${line}:${column} ${rule} ${level === 'warning' ? 'warning: ' : ''}${pointer === '' ? '' : `${pointer}: `}${message}\n`,
      );
    }
    if (flags.quiet !== true)
      io.stderr.write(
        `${count(objects)} objects, ${count(errors)} errors, ${count(faults.length - errors)} warnings\n`,
      );
  }
  await Promise.resolve();
  return errors > 0 ? EXIT.invalid : EXIT.done;
}

function readBytes(file: string): Buffer {
  try {
    if (statSync(file).size > LARGEST)
      throw new Problem('too-large', `${file} is larger than 512 MiB`, { code: 'TLN-V-413' });
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('not-found', `${file} cannot be read`, {
      description: reasonOf(error),
      code: 'TLN-V-404',
    });
  }
}

/** A file as a gated document. A single object or a plain list is read as if it stood in an envelope. */
function readDocument(file: string): { document: GatedDocument; prefix: number } {
  const bytes = readBytes(file);
  try {
    const start = bytes.findIndex((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
    if (bytes[start] === 0x5b)
      return {
        document: gate(Buffer.concat([Buffer.from('{"objects":'), bytes, Buffer.from('}')]), LIMITS),
        prefix: 11,
      };
    const whole = gate(bytes, LIMITS);
    if (whole.hasObjects && (!whole.members.has('type') || whole.members.get('type') === 'bundle'))
      return { document: whole, prefix: 0 };
    if (whole.members.get('type') === 'bundle') return { document: whole, prefix: 0 };
    return {
      document: gate(Buffer.concat([Buffer.from(WRAP), bytes, Buffer.from(']}')]), LIMITS),
      prefix: WRAP.length,
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem('invalid-content', `${file} is not valid JSON`, {
      description: error.description ?? error.title,
      code: error.code,
    });
  }
}

/** Line and column of rising byte offsets, each part of the file looked at once. */
function placer(bytes: Buffer, prefix: number): (offset: number) => { line: number; column: number } {
  let at = prefix;
  let line = 1;
  let lineStart = prefix;
  return (offset) => {
    for (; at < offset; at++) {
      if (bytes[at] === 0x0a) {
        line++;
        lineStart = at + 1;
      }
    }
    return { line, column: bytes.toString('utf8', lineStart, offset).length + 1 };
  };
}
