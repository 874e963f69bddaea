/** The part of a request that is read next. */
type Phase = 'head' | 'sized' | 'size-line' | 'chunk' | 'chunk-end' | 'trailer';

/** Longer than any head that the parser of Node accepts (`maxHeaderSize`), so that Node refuses long heads first. */
const LONGEST_LINE = 65_536;
/** Maximum number of empty lines before a request. Old clients send one after a body (RFC 9112 §2.2). */
const MOST_EMPTY_LINES = 2;
/** Node ignores further header lines (`maxHeadersCount`), but a proxy may evaluate them. */
export const MOST_FIELDS = 100;
const LF = 10;
const CR = 13;

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/1\.([01])$/;
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const LENGTH = /^\d{1,15}$/;

/** The fields of one head that decide where its request ends and what it applies to. */
interface Head {
  readonly minor: string;
  fields: number;
  hosts: number;
  authorizations: number;
  /** Undefined without a Content-Length line. */
  length: number | undefined;
  isChunked: boolean;
  isUpgrade: boolean;
}

/**
 * Follows where the requests of one connection begin and end. It is stricter than the parser of Node, which receives
 * only bytes that pass here. Node answers HTTP/0.9, ignores transfer codings that it does not know, and accepts single
 * line feeds between chunks. A proxy may read each of these differently, and then one side takes a body for the next
 * request of the other side (RFC 9112 §6.1, §6.3, §7.1 and §11.2).
 */
export class Framing {
  #phase: Phase = 'head';
  /** The line that has not ended yet. */
  #line = '';
  #head: Head | undefined;
  #empty = 0;
  /** The number of bytes that are still missing from the body or the chunk. */
  #left = 0;
  #bodyBytes = 0;
  #target = '';
  #heads = 0;
  /** True for a request with an Upgrade field. */
  #isUpgrade = false;

  /** True from the first byte of a request line to the end of its head. */
  get isInHead(): boolean {
    return this.#phase === 'head' && (this.#head !== undefined || this.#line !== '');
  }

  /** True from the end of a head to the end of its body. */
  get isInBody(): boolean {
    return this.#phase !== 'head';
  }

  /** The number of received bytes of the current body, including chunk framing. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** The number of complete and correct heads so far. */
  get heads(): number {
    return this.#heads;
  }

  /** The target of the last request line. Empty before the first one. */
  get target(): string {
    return this.#target;
  }

  /**
   * Reads the next bytes. Returns how many of them the parser of Node may receive. These are fewer than all when a
   * part is faulty: they then end with the last complete request, and no further bytes may be passed on.
   */
  take(chunk: Buffer): number {
    let at = 0;
    let good = 0;
    if (!this.isInBody && this.#head === undefined) this.#isUpgrade = false;
    while (at < chunk.length) {
      if (this.#phase === 'sized' || this.#phase === 'chunk') {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        this.#bodyBytes += step;
        at += step;
        if (this.#left > 0) break;
        this.#phase = this.#phase === 'chunk' ? 'chunk-end' : 'head';
      } else {
        const end = chunk.indexOf(LF, at);
        const text = chunk.toString('latin1', at, end < 0 ? chunk.length : end + 1);
        this.#line += text;
        at += text.length;
        if (this.isInBody) this.#bodyBytes += text.length;
        if (this.#line.length > LONGEST_LINE) return good;
        if (end < 0) break;
        const line = this.#line;
        this.#line = '';
        if (line.charCodeAt(line.length - 2) !== CR || !this.#takeLine(line.slice(0, -2))) return good;
      }
      if (this.#phase !== 'head' || this.#head !== undefined) continue;
      good = at;
      // The parser of Node ignores what it receives together with the end of such a request. It would then treat the
      // next bytes, perhaps from within a body, as the beginning of a request.
      if (this.#isUpgrade) return good;
    }
    return chunk.length;
  }

  /** Returns false when the line is faulty. */
  #takeLine(line: string): boolean {
    switch (this.#phase) {
      case 'size-line': {
        const size = CHUNK_SIZE.exec(line)?.[1];
        if (size === undefined) return false;
        this.#left = Number.parseInt(size, 16);
        this.#phase = this.#left === 0 ? 'trailer' : 'chunk';
        return true;
      }
      case 'chunk-end':
        this.#phase = 'size-line';
        return line === '';
      case 'trailer':
        if (line === '') this.#phase = 'head';
        return line === '' || FIELD_LINE.test(line);
      default:
        if (this.#head === undefined) return this.#begin(line);
        return line === '' ? this.#endHead(this.#head) : takeField(this.#head, line);
    }
  }

  #begin(line: string): boolean {
    if (line === '') return ++this.#empty <= MOST_EMPTY_LINES;
    const [, method, target, minor] = REQUEST_LINE.exec(line) ?? [];
    // A faulty request line names a target, too. The error has the format that belongs to its path.
    this.#target = target ?? line.split(' ')[1] ?? '';
    // The bytes after CONNECT are not requests, and the hub opens no tunnels.
    if (method === undefined || minor === undefined || method === 'CONNECT') return false;
    this.#empty = 0;
    this.#head = {
      minor,
      fields: 0,
      hosts: 0,
      authorizations: 0,
      length: undefined,
      isChunked: false,
      isUpgrade: false,
    };
    return true;
  }

  #endHead({ minor, hosts, length, isChunked, isUpgrade }: Head): boolean {
    if (hosts === 0 && minor === '1') return false;
    // HTTP/1.0 has no chunks, so an old proxy would not see where they end (RFC 9112 §6.1).
    if (isChunked && (length !== undefined || minor === '0')) return false;
    this.#head = undefined;
    this.#heads++;
    this.#isUpgrade = isUpgrade;
    this.#bodyBytes = 0;
    this.#left = length ?? 0;
    this.#phase = isChunked ? 'size-line' : this.#left > 0 ? 'sized' : 'head';
    return true;
  }
}

/** Reads one header line into `head`. Returns false when the line is faulty or repeated where it must not be. */
function takeField(head: Head, line: string): boolean {
  if (++head.fields > MOST_FIELDS) return false;
  const [, name, value = ''] = FIELD_LINE.exec(line) ?? [];
  switch (name?.toLowerCase()) {
    case undefined:
      return false;
    case 'host':
      return ++head.hosts === 1;
    case 'authorization':
      return ++head.authorizations === 1;
    case 'content-length':
      if (head.length !== undefined || !LENGTH.test(trimmed(value))) return false;
      head.length = Number(trimmed(value));
      return true;
    case 'transfer-encoding':
      if (head.isChunked || trimmed(value).toLowerCase() !== 'chunked') return false;
      head.isChunked = true;
      return true;
    case 'upgrade':
      head.isUpgrade = true;
      return true;
    default:
      return true;
  }
}

/** Removes the white space of HTTP around a value. `trim` would also remove other characters, which belong to it. */
function trimmed(value: string): string {
  let from = 0;
  let to = value.length;
  while (from < to && isBlank(value.charCodeAt(from))) from++;
  while (to > from && isBlank(value.charCodeAt(to - 1))) to--;
  return value.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
