import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf, reasonOf } from '../kernel/problem.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import type { Io } from './io.ts';

/** A key that `talanoa login` has stored for a hub. */
export interface Login {
  readonly account: string;
  /** Public name of the key. */
  readonly id: string;
  readonly key: string;
  readonly expires: string;
}

type Logins = Readonly<Record<string, Login>>;

/** Returns the remote hub that a command uses: `--hub` or TALANOA_HUB. */
export function remoteHub(
  { hub }: CommonFlags,
  { environment }: Pick<Io, 'environment'>,
): string | undefined {
  const named = hub ?? environment['TALANOA_HUB'];
  return named === '' ? undefined : named;
}

/** Returns the path of the file with the stored keys: one file for each user of the machine. */
export function loginsFile({ environment }: Pick<Io, 'environment'>): string {
  const named = environment['XDG_CONFIG_HOME'] ?? '';
  const home = environment['HOME'] ?? '';
  const folder = named === '' ? join(home === '' ? homedir() : home, '.config') : named;
  return join(folder, 'talanoa', 'logins.json');
}

/** Returns the stored key for the hub at this address. */
export function loginAt(url: URL, io: Io): Login | undefined {
  return read(loginsFile(io))[url.origin];
}

/** Returns the origins of all hubs that have a stored key. */
export function loginOrigins(io: Io): readonly string[] {
  return Object.keys(read(loginsFile(io)));
}

/**
 * Returns the key for requests to the hub at this address: the one in TALANOA_KEY, or else the stored one of
 * `talanoa login`.
 */
export function keyFor(url: URL, io: Io): string | undefined {
  const given = io.environment['TALANOA_KEY'];
  return given === undefined || given === '' ? loginAt(url, io)?.key : given;
}

/** Stores the key for a hub, replacing an earlier one. */
export function storeLogin(url: URL, login: Login, io: Io): void {
  const file = loginsFile(io);
  write(file, { ...read(file), [url.origin]: login });
}

/** Removes the stored key for a hub. */
export function removeLogin(url: URL, io: Io): void {
  const file = loginsFile(io);
  const { [url.origin]: _removed, ...kept } = read(file);
  if (Object.keys(kept).length === 0) rmSync(file, { force: true });
  else write(file, kept);
}

function read(file: string): Logins {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof found !== 'object' || found === null || Array.isArray(found))
      throw new Error('The file contains no JSON object.');
    return found as Logins;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw commandErrors.loginsUnreadable({ file }, { description: reasonOf(error), cause: error });
  }
}

/** Only the owner may read the file. A new file is renamed, so that the file is complete even if the process ends. */
function write(file: string, logins: Logins): void {
  const beside = `${file}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(beside, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 });
    // An earlier file of this name could have other permissions.
    chmodSync(beside, 0o600);
    renameSync(beside, file);
  } catch (error) {
    throw commandErrors.loginsUnwritable({ file }, { description: reasonOf(error), cause: error });
  }
}
