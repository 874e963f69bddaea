import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { makeCertificate } from '../support/certificate.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

const here = folder();
const config = join(here.path, 'talanoa.yaml');
const first = makeCertificate('first', 100);
let hub: RunningHub;

const put = ({ cert, key }: { readonly cert: string; readonly key: string }): void => {
  writeFileSync(join(here.path, 'hub.crt'), cert);
  writeFileSync(join(here.path, 'hub.key'), key);
};

beforeAll(async () => {
  put(first);
  writeFileSync(
    config,
    `listen: { host: 0.0.0.0, tls: { cert_file: ${join(here.path, 'hub.crt')}, key_file: ${join(here.path, 'hub.key')} } }\n`,
  );
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds']);
}, 30_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

/** Returns the TLS parameters that a client negotiates. */
function shake(options: object): Promise<{ protocol: string | null; cipher: string; name: string }> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { port: hub.port, host: '127.0.0.1', rejectUnauthorized: false, ...options },
      () => {
        const { CN: name = '' } = socket.getPeerCertificate().subject as { CN?: string };
        resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().name, name });
        socket.end();
      },
    );
    socket.once('error', reject);
  });
}
const nameNow = async (): Promise<string> => (await shake({})).name;
/** Waits until the log of the hub contains a text. */
async function logged(what: string): Promise<string> {
  for (;;) {
    const found = hub.errors
      .join('')
      .split('\n')
      .find((line) => line.includes(what));
    if (found !== undefined) return found;
    await new Promise((resolve) => hub.child.stderr?.once('data', resolve));
  }
}

describe('a hub that terminates TLS itself (TAXII 2.1 section 8.2.2)', () => {
  test('supports TLS 1.3 and 1.2 with authenticated encryption and nothing older, and refuses plain HTTP', async () => {
    expect((await shake({ maxVersion: 'TLSv1.3' })).protocol).toBe('TLSv1.3');
    const old = await shake({ maxVersion: 'TLSv1.2' });
    expect([old.protocol, old.cipher]).toEqual(['TLSv1.2', expect.stringMatching(/^ECDHE-.*(GCM|POLY1305)/)]);
    await expect(
      shake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    ).rejects.toThrow();
    await expect(shake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow();
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connectPlain(hub.port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      );
      socket.on('data', (part) => (text += part.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
    });
    expect(answer).not.toContain('200');
  });

  test('is reached with its certificate, uses https in its links, and sends HSTS', async () => {
    const { status, headers, body } = await new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      request(
        { port: hub.port, host: '127.0.0.1', path: '/', ca: first.cert, servername: 'localhost' },
        (response) => {
          let text = '';
          response.on('data', (part: Buffer) => (text += part.toString()));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
        },
      ).once('error', reject).end();
    }); // prettier-ignore
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toContain('max-age=63072000');
    expect(body).toContain('<!doctype html>');
    expect(hub.lines.join('')).toContain(`"url":"https://127.0.0.1:${hub.port}"`);
  });

  test('is healthy for "talanoa health", which follows the port and the TLS of the settings', async () => {
    const at = (port: number | string, ...more: string[]) =>
      talanoa(['health', '--config', config, '--data', join(here.path, 'data'), ...more], {
        TALANOA_PORT: String(port),
      });
    const url = `https://127.0.0.1:${hub.port}/healthz`;
    expect(await at(hub.port)).toMatchObject({ code: 0, stdout: `The hub answers at ${url}.\n` });
    expect(await at(hub.port, '--quiet')).toMatchObject({ code: 0, stdout: '' });
    expect(await at(9, '--quiet')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('loads a renewed certificate at SIGHUP, and keeps the old one with a warning if the new pair does not match', async () => {
    expect(await nameNow()).toBe('first');
    writeFileSync(join(here.path, 'hub.crt'), makeCertificate('stray', 100).cert);
    hub.child.kill('SIGHUP');
    expect(await logged('tls.not_reloaded')).toContain('is not the key of');
    expect(await nameNow()).toBe('first');
    put(makeCertificate('second', 10));
    hub.child.kill('SIGHUP');
    await logged('tls.reloaded');
    expect(await nameNow()).toBe('second');
    const doctor = await talanoa(['doctor', '--config', config, '--data', join(here.path, 'data')]);
    expect(doctor.stdout).toMatch(/certificate +it expires in (9|10) days/);
  });

  test('does not start with a pair that does not match, nor on all addresses without TLS', async () => {
    const bad = join(here.path, 'bad.yaml');
    writeFileSync(join(here.path, 'other.key'), makeCertificate('other', 1).key);
    const start = (listen: string) => {
      writeFileSync(bad, `listen: { ${listen} }\n`);
      return talanoa([
        'serve',
        '--port',
        '0',
        '--config',
        bad,
        '--data',
        join(here.path, 'other'),
        '--no-feeds',
      ]);
    };
    expect(await start(`tls: { cert_file: ${join(here.path, 'hub.crt')}, key_file: ${join(here.path, 'other.key')} }`)).toMatchObject({ code: 2, stderr: expect.stringContaining('is not the key of') }); // prettier-ignore
    expect(await start(`tls: { cert_file: ${join(here.path, 'nothing')}, key_file: x }`)).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') }); // prettier-ignore
    expect(await start('host: 0.0.0.0')).toMatchObject({ code: 2, stderr: expect.stringContaining('listen.tls') }); // prettier-ignore
  });
});
