import { readFileSync, renameSync, writeFileSync, existsSync } from 'node:fs';
import { systemClock } from '../kernel/clock.ts';
import { nearest } from '../kernel/nearest.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { urlOf } from '../kernel/url.ts';
import { parseTaxiiTimestamp } from '../stix/timestamps.ts';
import { TaxiiClient, type RemoteCollection } from '../taxii/client/client.ts';
import type { PollState } from '../taxii/client/position.ts';
import { Connection, type Credentials } from '../taxii/client/connection.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { when, writeJson } from './output.ts';
import type { CommonFlags } from './common-flags.ts';
import { keyFor, loginAt, remoteHub } from './credentials.ts';
import { textsOf } from './stix-file.ts';
import { typedAddress } from './typed-address.ts';
import { commandErrors } from './command-errors.ts';

/** Flags of both commands. */
export interface RemoteFlags extends CommonFlags {
  readonly collection?: string;
  readonly user?: string;
  readonly passwordEnv?: string;
  readonly keyEnv?: string;
}

export interface PollFlags extends RemoteFlags {
  readonly state?: string;
  readonly follow?: boolean;
  readonly every: number;
  readonly limit?: number;
  readonly addedAfter?: string;
  readonly match?: readonly string[];
  readonly exact?: boolean;
}

/** Maximum number of objects per pushed envelope. */
const ENVELOPE = 1_000;

/**
 * `talanoa poll URL`: prints every object of a collection, one per line. With `--exact`, objects are printed byte for
 * byte as the server sent them, including line breaks, which `push` can read as well. With `--state FILE`, the poll
 * continues where the last one stopped. With `--follow`, it polls repeatedly until it receives a signal to stop.
 */
export async function poll(given: string | undefined, flags: PollFlags, io: Io): Promise<number> {
  const url = discoveryAt(given ?? remoteHub(flags, io));
  if (flags.json === true && flags.follow === true) throw commandErrors.endlessDocument();
  const shown: unknown[] = [];
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const client = clientOf(url, flags, io, stopping.signal);
  const collection = await choose(client, url, flags, 'read');
  let state = readState(flags, collection.url);
  let objects = 0;
  for (;;) {
    try {
      for await (const page of client.pages(collection.url, state, query(flags))) {
        for (const text of page.texts)
          if (flags.json === true) shown.push(JSON.parse(text));
          else await print(io, `${flags.exact === true ? text : text.replaceAll(/[\r\n]+/g, ' ')}\n`);
        objects += page.texts.length;
        state = page.state;
        // A document is printed at the end, and only then is its state saved.
        if (flags.json === true) continue;
        // The state is saved after the objects were printed. A poll that is interrupted in between prints the last page
        // twice and never skips one.
        saveState(flags, collection.url, state);
        if (stopping.signal.aborted) break;
      }
    } catch (error) {
      if (stopping.signal.aborted) break;
      if (flags.follow !== true || !(error instanceof Problem)) throw error;
      if (error.kind === 'unauthenticated' || error.kind === 'forbidden') throw error;
      tell(io, `${error.title}. ${error.hint ?? ''} The poll tries again.`);
    }
    if (flags.follow !== true || stopping.signal.aborted) break;
    await systemClock.wait(flags.every * 1000, stopping.signal);
    if (stopping.signal.aborted) break;
  }
  if (flags.json === true) {
    writeJson({ collection: collection.id, title: collection.title, items: shown }, io);
    saveState(flags, collection.url, state);
  } else if (flags.quiet !== true) tell(io, `${numbered(objects)} from "${collection.title}"`);
  return EXIT.done;
}

function numbered(objects: number): string {
  return `${count(objects)} ${objects === 1 ? 'object' : 'objects'}`;
}

/** Returns where discovery begins (TAXII 2.1 §4.1) when a user gives only the address of a server. */
function discoveryAt(given: string | undefined): string {
  if (given === undefined) throw commandErrors.serverRequired();
  const url = urlOf(given);
  return url?.pathname === '/' ? new URL('/taxii2/', url).href : given;
}

/**
 * `talanoa push URL FILE…`: sends bundles, envelopes, lists, single objects, or several of them one after the other
 * (NDJSON). `-` means standard input. Exit code 8 when some objects were rejected.
 */
export async function push(
  given: string,
  files: readonly string[],
  flags: RemoteFlags,
  io: Io,
): Promise<number> {
  const url = discoveryAt(given);
  const refused: { readonly id: string; readonly message: string }[] = [];
  const skipped: { readonly file: string; readonly line: number; readonly message: string }[] = [];
  const client = clientOf(url, flags, io, undefined);
  const collection = await choose(client, url, flags, 'write');
  let sent = 0;
  let failed = 0;
  const send = async (texts: readonly string[]): Promise<void> => {
    if (texts.length === 0) return;
    const outcome = await client.pushInParts(collection, texts, (ms) => {
      if (flags.quiet !== true)
        tell(io, `The server is still processing the envelope. Next check in ${ms / 1000} s.`);
      return systemClock.wait(ms);
    });
    sent += outcome.successes;
    failed += outcome.failures.length;
    refused.push(...outcome.failures);
    if (flags.json === true) return;
    for (const { id, message } of outcome.failures)
      io.stdout.write(`${printable(`${id === '' ? 'an object' : id}: ${message}`)}\n`);
  };
  for (const file of files) {
    let envelope: string[] = [];
    let size = 0;
    const leftOut = (line: number, why: string): void => {
      skipped.push({ file, line, message: why });
      tell(io, `${file}:${line}: an object was skipped: ${why}`);
    };
    let found = 0;
    for await (const text of textsOf(file, leftOut)) {
      found++;
      const bytes = Buffer.byteLength(text) + 1;
      if (envelope.length >= ENVELOPE || size + bytes > collection.maxContentLength - 1_024) {
        await send(envelope);
        envelope = [];
        size = 0;
      }
      envelope.push(text);
      size += bytes;
    }
    await send(envelope);
    if (found === 0) throw commandErrors.nothingToPush({ file });
  }
  if (flags.json === true)
    writeJson({ collection: collection.id, title: collection.title, sent, rejected: refused, skipped }, io);
  else if (flags.quiet !== true)
    tell(io, `${numbered(sent)} sent to "${collection.title}", ${count(failed)} rejected`);
  return failed === 0 ? EXIT.done : sent === 0 ? EXIT.invalid : EXIT.part;
}

function clientOf(url: string, flags: RemoteFlags, io: Io, signal: AbortSignal | undefined): TaxiiClient {
  const { url: address, http } = typedAddress(
    url,
    'Give the discovery, API root or collection address of the server, such as https://hub.example.org/taxii2/.',
  );
  return new TaxiiClient(
    new Connection({
      http,
      clock: systemClock,
      credentials: credentialsOf(address, flags, io),
      ...(signal === undefined ? {} : { signal }),
      onOddity: (text) => {
        if (flags.quiet !== true) tell(io, `note: ${text}`);
      },
      onWait: ({ reason, ms, left }) => {
        const next = when(systemClock.now() + ms, io);
        if (flags.quiet !== true)
          tell(io, `${reason}. Next attempt in ${Math.ceil(ms / 1000)} s (${next}). Attempts left: ${left}.`);
      },
    }),
  );
}

/** Returns the credentials from the environment. Every user of the machine can see secrets on a command line. */
function credentialsOf(url: URL, flags: RemoteFlags, io: Io): Credentials {
  const secret = (name: string): string => {
    const value = io.environment[name];
    if (value === undefined || value === '') throw commandErrors.variableNotSet({ name });
    return value;
  };
  if (flags.user !== undefined)
    return { kind: 'basic', user: flags.user, password: secret(flags.passwordEnv ?? 'TALANOA_PASSWORD') };
  if (flags.keyEnv !== undefined) return { kind: 'bearer', token: secret(flags.keyEnv) };
  // TALANOA_KEY is the key of the hub that --hub or TALANOA_HUB names. No other server gets it.
  const isHub = urlOf(remoteHub(flags, io) ?? '')?.origin === url.origin;
  const token = isHub ? keyFor(url, io) : loginAt(url, io)?.key;
  if (token === undefined && (io.environment['TALANOA_KEY'] ?? '') !== '' && flags.quiet !== true)
    tell(io, `note: TALANOA_KEY is not sent to ${url.host}. To use it there, add --key-env TALANOA_KEY.`);
  return token === undefined ? { kind: 'none' } : { kind: 'bearer', token };
}

/** Returns the collection to use: the only one, or the one that the user named by id, alias or title. */
async function choose(
  client: TaxiiClient,
  url: string,
  { collection: wanted }: RemoteFlags,
  what: 'read' | 'write',
): Promise<RemoteCollection> {
  const all = await client.collections(url);
  const usable = all.filter(({ canRead, canWrite }) => (what === 'read' ? canRead : canWrite));
  const found =
    wanted === undefined
      ? usable
      : usable.filter(({ id, alias, title }) => id === wanted || alias === wanted || title === wanted);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const names = usable.map(({ alias, title, id }) => alias ?? (title === '' ? id : title));
  if (found.length === 0 && wanted !== undefined) {
    const near = nearest(wanted, names);
    throw commandErrors.collectionNotFound(
      { action: what, name: wanted },
      {
        description:
          names.length === 0
            ? `You cannot ${what} any collection there.`
            : `Available: ${names.slice(0, 20).join(', ')}.`,
        ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
      },
    );
  }
  if (usable.length === 0) throw commandErrors.noCollection({ action: what });
  throw commandErrors.collectionRequired({ description: `Available: ${names.slice(0, 20).join(', ')}.` });
}

function query(flags: PollFlags): { limit?: number; filters: Record<string, string> } {
  const filters: Record<string, string> = {};
  for (const match of flags.match ?? []) {
    const cut = match.indexOf('=');
    if (cut < 1) throw commandErrors.invalidMatch({ match });
    filters[`match[${match.slice(0, cut)}]`] = match.slice(cut + 1);
  }
  return { ...(flags.limit === undefined ? {} : { limit: flags.limit }), filters };
}

interface SavedState extends PollState {
  readonly collection: string;
}

function readState(flags: PollFlags, collection: string): PollState {
  const given: PollState = flags.addedAfter === undefined ? {} : { addedAfter: flags.addedAfter };
  if (flags.addedAfter !== undefined && parseTaxiiTimestamp(flags.addedAfter) === undefined)
    throw commandErrors.invalidTimestamp({ text: flags.addedAfter });
  if (flags.state === undefined || !existsSync(flags.state)) return given;
  let saved: SavedState;
  try {
    saved = JSON.parse(readFileSync(flags.state, 'utf8')) as SavedState;
  } catch (error) {
    throw commandErrors.invalidState({ file: flags.state }, { description: reasonOf(error) });
  }
  if (saved.collection !== collection)
    throw commandErrors.foreignState({ file: flags.state, collection: saved.collection });
  return {
    ...(saved.addedAfter === undefined ? given : { addedAfter: saved.addedAfter }),
    ...(saved.next === undefined ? {} : { next: saved.next }),
    ...(saved.from === undefined ? {} : { from: saved.from }),
  };
}

/** Writes a new file and renames it, so that the file is complete even if the process is killed. */
function saveState(flags: PollFlags, collection: string, state: PollState): void {
  if (flags.state === undefined) return;
  const beside = `${flags.state}.new`;
  writeFileSync(beside, `${JSON.stringify({ collection, ...state })}\n`, { mode: 0o600 });
  renameSync(beside, flags.state);
}

/** Prints a line for people, which may contain text from the other server. */
function tell(io: Io, line: string): void {
  io.stderr.write(`${printable(line)}\n`);
}

/** Writes text, and waits when the reader of the output is slower than the server. */
function print(io: Io, text: string): Promise<void> {
  if (io.stdout.write(text)) return Promise.resolve();
  return new Promise((resolve) => io.stdout.once('drain', resolve));
}
