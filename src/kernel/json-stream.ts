import type { Problem } from './problem.ts';
import { kernelErrors } from './errors.ts';

/** A member of a list of objects, with its position. */
export interface Piece {
  readonly kind: 'piece';
  readonly bytes: Buffer;
  /** Line and column from 1, in characters. */
  readonly line: number;
  readonly column: number;
}

/** The document around the list, with an empty list. It follows its pieces. */
export interface Shell {
  readonly kind: 'shell';
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Number of pieces in its list. Undefined when it has none, and then the shell is the whole document. */
  readonly pieces: number | undefined;
}

const STREAM_LIMITS = { piece: 16 * 1_048_576, shell: 16 * 1_048_576 } as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;

function broken(what: string, line: number, column: number): Problem {
  return kernelErrors.invalidJsonText({ line, column }, { description: what });
}

/** Joins bytes from slices. */
class Collector {
  #parts: Buffer[] = [];
  size = 0;

  add(part: Buffer): void {
    this.#parts.push(part);
    this.size += part.length;
  }

  take(): Buffer {
    const all =
      this.#parts.length === 1 && this.#parts[0] !== undefined ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.size = 0;
    return all;
  }
}

/**
 * Splits documents while they are read, using memory for one piece only. The pieces are the members of a list
 * `objects`, or of a list that is the document. Several documents may follow each other (NDJSON). Throws a Problem when
 * brackets, commas or strings do not match. The reader of a piece checks its content.
 */
export async function* splitJson(stream: AsyncIterable<Buffer>): AsyncGenerator<Piece | Shell> {
  const splitter = new Splitter();
  for await (const chunk of stream) yield* splitter.feed(chunk);
  yield* splitter.end();
}

class Splitter {
  readonly #shell = new Collector();
  readonly #piece = new Collector();
  #line = 1;
  #column = 0;
  #shellAt = { line: 1, column: 1 };
  #pieceAt = { line: 1, column: 1 };
  #depth = 0;
  /** Depth inside the list whose members are pieces. 0 outside it. */
  #listDepth = 0;
  #pieces: number | undefined;
  #inPiece = false;
  #inString = false;
  #escaped = false;
  /** Inside a list: true where a value may begin, false where a comma or the end must follow. */
  #wantsValue = true;
  /** The last string at depth 1, and the member name if a colon followed it. */
  #word = '';
  #spelling: number[] | undefined;
  #name = '';
  #begun = false;

  // oxlint-disable-next-line max-lines-per-function -- One loop over bytes. A call for each byte would be slow.
  *feed(chunk: Buffer): Generator<Piece | Shell> {
    // Start of the bytes that are not yet stored: those of the current piece, or else of the shell.
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (byte === NEWLINE) {
        this.#line++;
        this.#column = 0;
      } else if ((byte & 0xc0) !== 0x80) this.#column++;
      if (this.#inString) {
        this.#string(byte);
        continue;
      }
      if (this.#inPiece) {
        if (byte === QUOTE) this.#inString = true;
        else if (byte === 0x7b || byte === 0x5b) this.#depth++;
        else if (byte === 0x7d || byte === 0x5d) {
          if (this.#depth > this.#listDepth) {
            if (--this.#depth === this.#listDepth) {
              yield this.#endPiece(chunk, from, i + 1);
              from = i + 1;
            }
          } else {
            // A value without brackets ends where its list ends.
            yield this.#endPiece(chunk, from, i);
            from = i;
            this.#close(byte);
            if (this.#depth === 0) {
              this.#hand(this.#shell, chunk, from, i + 1, STREAM_LIMITS.shell);
              from = i + 1;
              yield this.#endDocument();
            }
          }
        } else if (byte === 0x2c && this.#depth === this.#listDepth) {
          yield this.#endPiece(chunk, from, i);
          from = i + 1;
          this.#wantsValue = true;
        }
        continue;
      }
      if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE) continue;
      if (!this.#begun) {
        // A byte order mark may precede a document.
        if (byte === 0xef || byte === 0xbb || byte === 0xbf) {
          from = i + 1;
          this.#column = 0;
          continue;
        }
        if (byte !== 0x7b && byte !== 0x5b)
          throw broken('A document begins with { or [.', this.#line, this.#column);
        this.#begun = true;
        this.#shellAt = { line: this.#line, column: this.#column };
        from = i;
      }
      if (this.#listDepth > 0 && this.#depth === this.#listDepth && byte !== 0x5d && byte !== 0x2c) {
        if (!this.#wantsValue) throw broken('A comma is missing.', this.#line, this.#column);
        this.#hand(this.#shell, chunk, from, i, STREAM_LIMITS.shell);
        from = i;
        this.#inPiece = true;
        this.#wantsValue = false;
        this.#pieceAt = { line: this.#line, column: this.#column };
        if (byte === QUOTE) this.#inString = true;
        else if (byte === 0x7b || byte === 0x5b) this.#depth++;
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#inString = true;
          this.#spelling = this.#depth === 1 ? [] : undefined;
          break;
        case 0x3a:
          if (this.#depth === 1) this.#name = this.#word;
          break;
        case 0x2c:
          if (this.#depth === this.#listDepth && this.#listDepth > 0) {
            if (this.#wantsValue)
              throw broken('A value is missing before the comma.', this.#line, this.#column);
            this.#wantsValue = true;
            // Commas between pieces are dropped together with them.
            this.#hand(this.#shell, chunk, from, i, STREAM_LIMITS.shell);
            from = i + 1;
          }
          break;
        case 0x7b:
          this.#depth++;
          break;
        case 0x5b: {
          const isList =
            this.#listDepth === 0 && (this.#depth === 0 || (this.#depth === 1 && this.#name === 'objects'));
          this.#depth++;
          if (isList) {
            this.#listDepth = this.#depth;
            this.#pieces ??= 0;
            this.#wantsValue = true;
          }
          break;
        }
        case 0x7d:
        case 0x5d:
          this.#close(byte);
          if (this.#depth === 0) {
            this.#hand(this.#shell, chunk, from, i + 1, STREAM_LIMITS.shell);
            from = i + 1;
            yield this.#endDocument();
          }
      }
    }
    if (this.#begun)
      this.#hand(
        this.#inPiece ? this.#piece : this.#shell,
        chunk,
        from,
        chunk.length,
        this.#inPiece ? STREAM_LIMITS.piece : STREAM_LIMITS.shell,
      );
  }

  *end(): Generator<Piece | Shell> {
    if (this.#begun)
      throw broken(
        this.#inString ? 'It ends in the middle of a string.' : 'It ends before its last bracket is closed.',
        this.#line,
        this.#column,
      );
    yield* [];
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      if (this.#spelling !== undefined) this.#word = String.fromCharCode(...this.#spelling);
      this.#spelling = undefined;
      return;
    }
    if (this.#spelling !== undefined && this.#spelling.length < 64) this.#spelling.push(byte);
  }

  #close(byte: number): void {
    if (this.#depth === this.#listDepth && this.#listDepth > 0) {
      if (byte !== 0x5d) throw broken('A ] is missing.', this.#line, this.#column);
      if (this.#wantsValue && (this.#pieces ?? 0) > 0)
        throw broken('The list ends with a comma.', this.#line, this.#column);
      this.#listDepth = 0;
      this.#name = '';
    }
    if (--this.#depth < 0)
      throw broken('A closing bracket has no opening bracket.', this.#line, this.#column);
  }

  #endPiece(chunk: Buffer, from: number, to: number): Piece {
    this.#hand(this.#piece, chunk, from, to, STREAM_LIMITS.piece);
    this.#inPiece = false;
    this.#pieces = (this.#pieces ?? 0) + 1;
    return { kind: 'piece', bytes: this.#piece.take(), ...this.#pieceAt };
  }

  #endDocument(): Shell {
    const shell: Shell = {
      kind: 'shell',
      text: this.#shell.take().toString('utf8'),
      ...this.#shellAt,
      pieces: this.#pieces,
    };
    this.#pieces = undefined;
    this.#begun = false;
    this.#name = '';
    this.#word = '';
    return shell;
  }

  #hand(to: Collector, chunk: Buffer, from: number, end: number, limit: number): void {
    if (end <= from) return;
    if (to.size + end - from > limit)
      throw kernelErrors.objectTooLarge({ line: this.#pieceAt.line, limit: limit / 1_048_576 });
    to.add(chunk.subarray(from, end));
  }
}
