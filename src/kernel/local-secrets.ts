import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Problem } from './problem.ts';
import { kernelErrors } from './errors.ts';

/** A reference such as `env:NAME` or `file:PATH` that may be used without an entry in the allow list. */
export interface NamedSecret {
  readonly reference: string;
  /** Hosts that may receive the secret. Undefined means any host. */
  readonly hosts: readonly string[] | undefined;
}

export interface LocalSecretSources {
  /** Names and paths from the settings file (`secrets.env`, `secrets.files`). */
  readonly allowed: { readonly env: readonly string[]; readonly files: readonly string[] };
  /** Secrets that the settings file itself names, and the keys of the presets. */
  readonly named: () => readonly NamedSecret[];
  readonly masterKeyFile: string;
  readonly mongodbUri: string | undefined;
  readonly env: (name: string) => string | undefined;
  readonly file: (path: string) => string | undefined;
}

/** Variables that configure the hub itself, including their NAME_FILE forms. */
const OWN_VARIABLE = /^(?:TALANOA_|MONGODB_URI)/i;

/** True for a variable that configures the hub itself. Feeds and channels can never use it. */
export function isOwnVariable(name: string): boolean {
  return OWN_VARIABLE.test(name);
}

/** Returns the path without symbolic links, as far as it exists. */
function realPath(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync(whole);
  } catch {
    const parent = dirname(whole);
    return parent === whole ? whole : join(realPath(parent), basename(whole));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * Environment variables and files on the hub's machine that feeds and channels use as secrets. Only secrets that the
 * settings file lists (`secrets`) are allowed, for every account that adds a feed or channel. Otherwise the account
 * could send any file that the hub can read to an address of its choice. The check runs when a document is stored and
 * again whenever a secret is read.
 */
export class LocalSecrets {
  readonly #sources: LocalSecretSources;

  constructor(sources: LocalSecretSources) {
    this.#sources = sources;
  }

  /**
   * Throws a Problem when a reference cannot be used for these hosts. Secrets that the hub keeps have their
   * own host list.
   */
  demand(reference: string, hosts: readonly string[]): void {
    if (reference.startsWith('secret:')) return;
    this.demandNotOwn(reference);
    const isNamed = (host: string | undefined): boolean =>
      this.#sources
        .named()
        .some(
          (named) =>
            named.reference === reference &&
            (named.hosts === undefined || (host !== undefined && named.hosts.includes(host.toLowerCase()))),
        );
    if (this.#isListed(reference)) return;
    if (hosts.length === 0 ? isNamed(undefined) : hosts.every((host) => isNamed(host))) return;
    throw kernelErrors.secretNotAllowed(
      { reference: shown(reference) },
      {
        hint: reference.startsWith('env:')
          ? `Add the name to secrets.env in the settings file and restart the hub. Or store the key in the hub: run talanoa secret set NAME --host HOST, then use secret:NAME.`
          : `Add the path, or its folder, to secrets.files in the settings file and restart the hub. Or store the key in the hub: run talanoa secret set NAME --host HOST, then use secret:NAME.`,
      },
    );
  }

  /** Throws a Problem when a reference leads to something that belongs to the hub itself. No setting can allow it. */
  demandNotOwn(reference: string): void {
    const rest = reference.slice(reference.indexOf(':') + 1);
    if (reference.startsWith('env:') && rest !== '' && !isOwnVariable(rest)) return;
    if (reference.startsWith('file:') && rest !== '' && !this.#isOwnFile(realPath(rest))) return;
    throw reserved(reference);
  }

  /** Throws a Problem for a folder that contains the master key. */
  demandFolder(path: string): void {
    const folder = realPath(path);
    const key = realPath(this.#sources.masterKeyFile);
    if (folder === key || folder === dirname(key) || isWithin(folder, '/proc')) throw reserved(path);
  }

  /**
   * Returns the value of `env:NAME` or `file:PATH` for a host. Undefined when there is no value. Throws when
   * the reference cannot be used.
   */
  value(reference: string, host: string): string | undefined {
    this.demand(reference, host === '' ? [] : [host]);
    const rest = reference.slice(reference.indexOf(':') + 1);
    const { env, file, masterKeyFile, mongodbUri } = this.#sources;
    const value = reference.startsWith('env:') ? env(rest) : file(realPath(rest));
    // Copies, hard links and NAME_FILE variables can lead to the same values under other names.
    const own = [file(masterKeyFile), mongodbUri];
    if (value !== undefined && own.some((kept) => kept !== undefined && kept !== '' && value.includes(kept)))
      throw reserved(reference);
    return value;
  }

  #isOwnFile(path: string): boolean {
    return path === realPath(this.#sources.masterKeyFile) || isWithin(path, '/proc');
  }

  #isListed(reference: string): boolean {
    const rest = reference.slice(reference.indexOf(':') + 1);
    const { env, files } = this.#sources.allowed;
    return reference.startsWith('env:')
      ? env.includes(rest)
      : files.some((path) => isWithin(realPath(rest), realPath(path)));
  }
}

function shown(reference: string): string {
  return reference.slice(0, 200);
}

function reserved(reference: string): Problem {
  return kernelErrors.secretNeverAllowed({ reference: shown(reference) });
}
