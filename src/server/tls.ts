import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import type { Clock } from '../kernel/clock.ts';
import type { Diagnosis } from '../kernel/diagnosis.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, fileReasonOf, reasonOf } from '../kernel/problem.ts';
import { WorkLoop } from '../kernel/work-loop.ts';
import { serverErrors } from './errors.ts';

/** The files of the certificate and the private key (PEM). */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Present when the hub requests client certificates, with the authorities that issue them (PEM). */
  readonly clients?: { readonly caFile: string | undefined } | undefined;
}

/** A certificate and its private key, after they were checked. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The end of the certificate's validity, in milliseconds since 1970. */
  readonly ends: number;
  /** Present when the hub requests client certificates. They are evaluated when a request needs to know its account. */
  readonly clients?: { readonly ca: Buffer | undefined };
}

/** TLS 1.3, and TLS 1.2 with forward secrecy and authenticated encryption (TAXII 2.1 §8.2.2). */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const; // prettier-ignore

const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
const WARN_DAYS = 21;

/**
 * Reads a certificate and its key, and checks that they belong together. Throws a Problem that explains what is wrong with
 * which file.
 */
export function readPair({ certFile, keyFile, clients }: TlsFiles): TlsPair {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw serverErrors.tlsFileUnreadable({ file, reason: fileReasonOf(error) }, { cause: error });
    }
  };
  const cert = read(certFile);
  const key = read(keyFile);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (error) {
    throw serverErrors.certificateInvalid({ file: certFile }, { cause: error });
  }
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw serverErrors.privateKeyInvalid({ file: keyFile }, { cause: error });
  }
  if (!fits) throw serverErrors.otherKey({ keyFile, certFile });
  const ends = Date.parse(certificate.validTo);
  if (clients === undefined) return { cert, key, ends };
  const ca = clients.caFile === undefined ? undefined : read(clients.caFile);
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    throw serverErrors.authoritiesMissing({ file: clients.caFile ?? '' });
  return { cert, key, ends, clients: { ca } };
}

/**
 * Keeps the certificate of a listener up to date. Renewed files are loaded within a minute, or immediately by `reload`,
 * and no connection is interrupted. Files that do not match are logged and change nothing.
 */
export class CertificateWatch {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #log: Log;
  #seen: string;
  readonly #loop: WorkLoop;

  constructor(server: Server, files: TlsFiles, clock: Clock, log: Log) {
    this.#server = server;
    this.#files = files;
    this.#log = log;
    this.#seen = this.#mark();
    this.#loop = new WorkLoop(
      clock,
      LOOK_MS,
      async () => {
        if (this.#mark() !== this.#seen) this.reload();
      },
      (error) => this.#log.error('tls.not_reloaded', { reason: reasonOf(error) }),
      'after a pause',
    );
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Loads the current files. Returns false when they cannot be used. The old certificate then stays in use. */
  reload(): boolean {
    this.#seen = this.#mark();
    try {
      const { cert, key, ends, clients } = readPair(this.#files);
      const ca = clients?.ca;
      this.#server.setSecureContext({ ...TLS_OPTIONS, cert, key, ...(ca === undefined ? {} : { ca }) });
      this.#log.info('tls.reloaded', { until: new Date(ends).toISOString() });
      return true;
    } catch (error) {
      this.#log.error('tls.not_reloaded', {
        reason: error instanceof Problem ? `${error.title}. ${error.description ?? ''}` : reasonOf(error),
        hint: 'The old certificate stays in use.',
      });
      return false;
    }
  }

  #mark(): string {
    return [this.#files.certFile, this.#files.keyFile, this.#files.clients?.caFile]
      .flatMap((file) => file ?? [])
      .map((file) => {
        try {
          const { mtimeMs, size, ino } = statSync(file);
          return `${mtimeMs} ${size} ${ino}`;
        } catch {
          return 'gone';
        }
      })
      .join(' ');
  }
}

/** Checks how long the certificate remains valid (for `talanoa doctor`). */
export function diagnoseTls(files: TlsFiles, clock: Clock): Diagnosis {
  const check = 'certificate';
  try {
    const days = Math.floor((readPair(files).ends - clock.now()) / DAY_MS);
    const away = `${Math.abs(days)} day${Math.abs(days) === 1 ? '' : 's'}`;
    const found = days < 0 ? `it expired ${away} ago` : `it expires in ${away}`;
    return days < 0
      ? { check, status: 'failed', found, hint: 'Renew it. Clients refuse the hub until then.' }
      : days < WARN_DAYS
        ? {
            check,
            status: 'warning',
            found,
            hint: 'Renew it. The hub loads the new files without a restart.',
          }
        : { check, status: 'ok', found };
  } catch (error) {
    return {
      check,
      status: 'failed',
      found: reasonOf(error),
      hint: 'Correct the files. The old certificate stays in use until then.',
    };
  }
}
