import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createLog } from '../../src/kernel/log.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { CertificateWatch, TLS_OPTIONS, diagnoseTls, readPair, type TlsFiles } from '../../src/server/tls.ts';
import { makeCertificate } from '../support/certificate.ts';
import { TestClock } from '../support/clock.ts';

const DAY = 86_400_000;
const authority = makeCertificate('authority', 100, { authority: true });
const first = makeCertificate('hub', 100);
const renewed = makeCertificate('hub', 200, { of: first });
const other = makeCertificate('hub', 300);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
/** Writes files with these contents, and returns their paths. */
function written(cert: string, key: string, ca?: string): TlsFiles {
  const base = join(folder, String(++files));
  writeFileSync(`${base}.crt`, cert);
  writeFileSync(`${base}.key`, key);
  if (ca !== undefined) writeFileSync(`${base}.ca`, ca);
  return {
    certFile: `${base}.crt`,
    keyFile: `${base}.key`,
    ...(ca === undefined ? {} : { clients: { caFile: `${base}.ca` } }),
  };
}

/** Returns the code and the texts of the problem with a pair. */
function faultOf(pair: TlsFiles): readonly [code: string, text: string] {
  try {
    readPair(pair);
  } catch (error) {
    if (error instanceof Problem) return [error.code, `${error.title}. ${error.description ?? ''}`];
    throw error;
  }
  return ['', 'the pair was read'];
}

describe('the files of a certificate', () => {
  test('are read with the end of the validity, and with the authorities of clients if there are any', () => {
    const pair = readPair(written(first.cert, first.key));
    expect([pair.cert.toString(), pair.key.toString(), pair.clients]).toEqual([first.cert, first.key, undefined]);
    expect(Math.round((pair.ends - Date.now()) / DAY)).toBe(100);
    expect(readPair(written(first.cert, first.key, authority.cert)).clients?.ca?.toString()).toBe(authority.cert);
    expect(readPair({ ...written(first.cert, first.key), clients: { caFile: undefined } }).clients).toEqual({ ca: undefined });
    // A chain begins with the certificate of the hub.
    expect(readPair(written(`${first.cert}${authority.cert}`, first.key)).cert.toString()).toContain(authority.cert);
  }); // prettier-ignore

  test.each<readonly [what: string, code: string, named: RegExp, pair: () => TlsFiles]>([
    ['a certificate that does not exist', 'TLN-N-003', /missing\.crt cannot be read\. The file does not exist\./, () => ({ ...written(first.cert, first.key), certFile: join(folder, 'missing.crt') })],
    ['a key that does not exist', 'TLN-N-003', /missing\.key cannot be read/, () => ({ ...written(first.cert, first.key), keyFile: join(folder, 'missing.key') })],
    ['a folder instead of a key', 'TLN-N-003', /cannot be read\. It is a folder/, () => ({ ...written(first.cert, first.key), keyFile: folder })],
    ['an empty certificate', 'TLN-N-004', /\.crt does not contain a certificate/, () => written('', first.key)],
    ['text instead of a certificate', 'TLN-N-004', /\.crt does not contain a certificate/, () => written('hello\n', first.key)],
    ['the key instead of the certificate', 'TLN-N-004', /\.crt does not contain/, () => written(first.key, first.key)],
    ['a certificate that is cut', 'TLN-N-004', /\.crt does not contain/, () => written(first.cert.slice(0, 200), first.key)],
    ['the certificate instead of the key', 'TLN-N-005', /\.key does not contain a private key/, () => written(first.cert, first.cert)],
    ['an empty key', 'TLN-N-005', /\.key does not contain a private key/, () => written(first.cert, '')],
    ['the key of another certificate', 'TLN-N-006', /\.key is not the key of .*\.crt/, () => written(first.cert, other.key)],
    ['a chain whose first certificate is that of the authority', 'TLN-N-006', /is not the key of/, () => written(`${authority.cert}${first.cert}`, first.key)],
    ['authorities that are not certificates', 'TLN-N-007', /\.ca does not contain a certificate of an authority/, () => written(first.cert, first.key, 'hello\n')],
    ['authorities that do not exist', 'TLN-N-003', /missing\.ca cannot be read/, () => ({ ...written(first.cert, first.key), clients: { caFile: join(folder, 'missing.ca') } })],
  ])('%s: the error names the file', (_what, code, named, pair) => {
    expect(faultOf(pair())).toEqual([code, expect.stringMatching(named)]);
  }); // prettier-ignore
});

describe('the check of the certificate', () => {
  const clock = new TestClock();
  const pair = (): TlsFiles => written(first.cert, first.key);
  test.each([
    [22, 'ok', 'it expires in 22 days'],
    [21, 'ok', 'it expires in 21 days'],
    [20, 'warning', 'it expires in 20 days'],
    [1, 'warning', 'it expires in 1 day'],
    [0, 'warning', 'it expires in 0 days'],
    [-1, 'failed', 'it expired 1 day ago'],
    [-2, 'failed', 'it expired 2 days ago'],
  ] as const)('%i days before the end: %s', (days, status, found) => {
    const checked = pair();
    clock.ms = readPair(checked).ends - days * DAY;
    expect(diagnoseTls(checked, clock)).toMatchObject({ check: 'certificate', status, found });
    expect(diagnoseTls(checked, clock).hint === undefined).toBe(status === 'ok');
  });

  test('reports the fault of files that cannot be used', () => {
    expect(diagnoseTls(written(first.cert, other.key), clock)).toMatchObject({
      status: 'failed',
      found: expect.stringContaining('is not the key of'),
      hint: expect.stringContaining('The old certificate stays in use'),
    });
  });
});

describe('a certificate that is renewed while the hub runs', () => {
  let server: Server;
  let watched: TlsFiles;
  let watch: CertificateWatch;
  const clock = new TestClock();
  const logged: string[] = [];
  beforeAll(async () => {
    watched = written(first.cert, first.key);
    server = createServer({ ...TLS_OPTIONS, cert: first.cert, key: first.key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    watch = new CertificateWatch(server, watched, clock, createLog('debug', { write: (line) => logged.push(line) }));
    watch.start();
  }); // prettier-ignore
  afterAll(async () => {
    await watch.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The end of the validity of the certificate that a new connection gets, in days from now. */
  const served = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        const { valid_to: end } = socket.getPeerCertificate();
        socket.destroy();
        resolve(Math.round((Date.parse(end) - Date.now()) / DAY));
      }).on('error', reject);
    });
  /** Replaces a file. The time of the change differs although the test is quick. */
  const put = (file: string, text: string): void => {
    writeFileSync(file, text);
    utimesSync(file, new Date(), new Date(Date.now() + ++files * 1_000));
  };
  /** Lets one period of the watch pass. */
  const look = async (): Promise<void> => {
    clock.advance(60_000);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const events = (): readonly unknown[] =>
    logged.splice(0).map((line) => (JSON.parse(line) as { event: string }).event);

  test('is used for new connections within a minute, without a log event while nothing changes', async () => {
    expect(await served()).toBe(100);
    await look();
    expect(events()).toEqual([]);
    put(watched.certFile, renewed.cert);
    expect(await served()).toBe(100);
    await look();
    expect(await served()).toBe(200);
    expect(events()).toEqual(['tls.reloaded']);
  });

  test('stays in use while the new files do not belong together, which is logged once', async () => {
    put(watched.certFile, other.cert);
    await look();
    await look();
    expect(await served()).toBe(200);
    expect(events()).toEqual(['tls.not_reloaded']);
    put(watched.keyFile, other.key);
    await look();
    expect(await served()).toBe(300);
    expect(events()).toEqual(['tls.reloaded']);
  });

  test('stays in use while its file is gone, and the earlier file is loaded again', async () => {
    unlinkSync(watched.keyFile);
    await look();
    expect([await served(), events()]).toEqual([300, ['tls.not_reloaded']]);
    put(watched.keyFile, first.key);
    put(watched.certFile, first.cert);
    await look();
    expect([await served(), events()]).toEqual([100, ['tls.reloaded']]);
  });

  test('is loaded at once on request, and the result shows whether it could be', async () => {
    put(watched.certFile, renewed.cert);
    expect([watch.reload(), await served()]).toEqual([true, 200]);
    put(watched.certFile, 'hello');
    expect([watch.reload(), await served()]).toEqual([false, 200]);
    expect(events()).toEqual(['tls.reloaded', 'tls.not_reloaded']);
    // The watch does not repeat what the request has done.
    await look();
    expect(events()).toEqual([]);
  });
});
