import type { Io } from './io.ts';

/**
 * Sentences for people at a terminal: wrapped between words, with commands that can still be copied. Files and other
 * programs get lines of any length.
 */

/** A narrower terminal gets the same output as one of this width. */
const NARROWEST = 40;
/** Programs in hints and examples. The words after them are one command. */
const PROGRAM = /^[("'`]?(?:talanoa|npx|curl|docker)$/;
/** The end of a command in a sentence. */
const END_OF_COMMAND = /[.,;:)"'`]$/;

/** Returns the width of a terminal. Undefined for a file or another program. */
function widthOf({
  isTTY,
  columns,
}: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | undefined {
  return isTTY === true && columns !== undefined && columns > 0 ? Math.max(columns, NARROWEST) : undefined;
}

/**
 * Wraps the lines of a text that are longer than a terminal is wide. A command stays on one line where it fits there, and
 * an item of a list keeps its indentation. Documents, command lines and the columns of tables are not changed.
 */
export function fitted(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (line.length <= width || isExact(line) ? line : wrapped(line, width)))
    .join('\n');
}

/**
 * True for a line of a document (JSON, CEF, a pattern), a command line, columns, and a line that moves the cursor. A line
 * break would change what they mean.
 */
function isExact(line: string): boolean {
  const text = line.trim();
  return (
    // A sentence may begin with a quoted value or a bracket.
    /^(?:[{}\]]|\(*\[|"(?:[^"\\]|\\.)*"(?::|,?$)|CEF:|curl |talanoa )/.test(text) ||
    /\S {2,}(?!\[TLN-)\S/.test(text) ||
    // eslint-disable-next-line no-control-regex
    /[\r\u001b]/.test(line)
  );
}

function wrapped(line: string, width: number): string {
  const [lead = ''] = /^ *(?:- )?/.exec(line) ?? [];
  const indent = ' '.repeat(lead.length);
  const lines: string[] = [];
  let begun = '';
  for (const unit of unitsOf(line.slice(lead.length), width - lead.length)) {
    if (begun !== '' && lead.length + begun.length + 1 + unit.length > width) {
      lines.push(begun);
      begun = unit;
    } else begun = begun === '' ? unit : `${begun} ${unit}`;
  }
  return [...lines, begun].map((part, i) => `${i === 0 ? lead : indent}${part}`.trimEnd()).join('\n');
}

/** Divides a line into words and commands. A command in the middle of a sentence that fits on no line becomes words. */
function unitsOf(line: string, width: number): readonly string[] {
  const words = line.split(' ');
  const units: string[] = [];
  for (let i = 0; i < words.length;) {
    const first = words[i] ?? '';
    let end = i + 1;
    if (PROGRAM.test(first)) {
      while (
        end < words.length &&
        !(words[end] ?? '').startsWith('(') &&
        !END_OF_COMMAND.test(words[end - 1] ?? '')
      )
        end++;
      const isLast = end === words.length;
      if (!isLast && words.slice(i, end).join(' ').length > width) end = i + 1;
    }
    units.push(words.slice(i, end).join(' '));
    i = end;
  }
  return units;
}

/** Returns the parts of a process whose output wraps sentences at a terminal. */
export function withFittedOutput(io: Io): Io {
  return { ...io, stdout: fittedStream(io.stdout), stderr: fittedStream(io.stderr) };
}

function fittedStream(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (text: unknown, ...rest: readonly unknown[]): boolean => {
    const width = widthOf(stream);
    const shown = typeof text === 'string' && width !== undefined ? fitted(text, width) : text;
    return (stream.write as (...all: readonly unknown[]) => boolean).call(stream, shown, ...rest);
  };
  return new Proxy(stream, {
    get: (target, name) => {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
