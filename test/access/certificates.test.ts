import { X509Certificate, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { demandPossession, keyFingerprint, proofText } from '../../src/access/certificates.ts';
import { makeCertificate, proofOf, type MadeCertificate } from '../support/certificate.ts';
import { MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const CHIEF = `
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: gauge, role: machine, member: tonga }
`;

let t: TestHub | undefined;
let folder = '';
let port = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-certificates-'));
});
afterEach(async () => {
  await t?.stop();
  t = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a hub with its own TLS listener. */
async function start(clients: string, accounts = CHIEF): Promise<TestHub> {
  const { cert, key } = makeCertificate('hub', 10);
  const [certFile, keyFile] = [join(folder, 'hub.crt'), join(folder, 'hub.key')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  t = await testHub(
    `${SETTINGS}${accounts}
listen: { host: 127.0.0.1, port: 0, tls: { cert_file: ${certFile}, key_file: ${keyFile}${clients} } }
`,
    {},
    { feeds: false },
  );
  ({ port } = await t.hub.start());
  return t;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function ask(
  path: string,
  client: MadeCertificate | undefined,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), Accept: 'application/json, application/taxii+json;version=2.1', ...headers },
        ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text === '' ? '{}' : text) as Record<string, unknown> }));
      },
    ); // prettier-ignore
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
const whoami = (client: MadeCertificate | undefined, headers: Record<string, string> = {}) =>
  ask('/api/v1/whoami', client, headers);
const urlOf = async () => String((await (t as TestHub).api('boss', 'GET', '/status')).body['url']);
async function register(certificate: MadeCertificate, more: { account?: string } & Record<string, unknown> = {}) {
  const { account = 'gauge' } = more;
  const proof = certificate.key === '' ? undefined : proofOf(certificate, await urlOf(), account);
  return (t as TestHub).api('boss', 'POST', '/certificates', { certificate: certificate.cert, account, proof, ...more });
} // prettier-ignore
const fingerprint = ({ cert }: MadeCertificate) => keyFingerprint(new X509Certificate(cert));

describe('a client certificate on the TLS listener of the hub', () => {
  test('signs in the account that its key is registered for, and never an account by its name', async () => {
    await start(', client_certificates: {}');
    const sensor = makeCertificate('sensor.example', 10);
    expect((await whoami(sensor)).status).toBe(401);
    expect((await whoami(undefined)).status).toBe(401);
    const made = await register(sensor, { label: 'SIEM' });
    expect([made.status, made.body['secret'], made.body['certificate']]).toEqual([
      201,
      undefined,
      fingerprint(sensor),
    ]);
    expect((await whoami(sensor)).body).toMatchObject({ account: 'gauge', member: 'tonga' });
    expect((await ask(objectsOf(MAIN), sensor)).status).toBe(200);
    // A certificate with the same name and another key signs nobody in. Another certificate of the same key
    // signs the account in.
    expect((await whoami(makeCertificate('sensor.example', 10))).status).toBe(401);
    expect((await whoami(makeCertificate('renewed', 10, { of: sensor }))).status).toBe(200);
    expect((await whoami(makeCertificate('renewed', -1, { of: sensor }))).status).toBe(401);
    // Credentials in a header take precedence.
    expect((await whoami(sensor, { Authorization: `Bearer ${keyOf('boss')}` })).body['account']).toBe('boss');
    expect((await whoami(sensor, { Authorization: 'Bearer wrong' })).status).toBe(401);
    const listed = (await t?.api('boss', 'GET', '/keys?account=gauge'))?.body['items'];
    expect(listed).toMatchObject([{ certificate: fingerprint(sensor), label: 'SIEM', state: 'ending' }]);
    expect((await t?.api('boss', 'DELETE', `/keys/${String(made.body['id'])}`))?.status).toBe(204);
    expect((await whoami(sensor)).status).toBe(401);
  });

  test('has the same limits as a key: scopes, collections, addresses', async () => {
    await start(', client_certificates: {}');
    const [narrow, elsewhere] = [makeCertificate('a', 10), makeCertificate('b', 10)];
    await register(narrow, { scopes: ['taxii:read'], only: ['open'] });
    await register(elsewhere, { addresses: ['198.51.100.7'] });
    expect((await ask(objectsOf(OPEN), narrow)).status).toBe(200);
    expect((await ask(objectsOf(MAIN), narrow)).status).toBe(404);
    expect((await ask('/api/v1/accounts', narrow)).body).toEqual({ items: [] });
    expect((await whoami(elsewhere)).status).toBe(401);
  });

  test('does not work as a key: none of its public parts signs in', async () => {
    await start(', client_certificates: {}');
    const sensor = makeCertificate('sensor', 10);
    const made = await register(sensor);
    const print = fingerprint(sensor);
    for (const text of [
      print,
      `client certificate ${print}`,
      `\u00ff${print}`,
      String(made.body['id']),
      'cert',
      '',
    ]) {
      const basic = Buffer.from(`gauge:${text}`).toString('base64');
      expect([text, (await whoami(undefined, { Authorization: `Basic ${basic}` })).status]).toEqual([
        text,
        401,
      ]);
    }
    expect((await whoami(undefined, { Authorization: `Bearer ${print}` })).status).toBe(401);
    expect((await whoami(undefined, { 'Client-Cert': 'x' })).status).toBe(401);
  });

  test('must come from an authority in ca_file, if that is set', async () => {
    const authority = makeCertificate('authority', 10, { authority: true });
    const file = join(folder, 'clients.pem');
    writeFileSync(file, authority.cert);
    await start(`, client_certificates: { ca_file: ${file} }`);
    const [issued, selfSigned] = [
      makeCertificate('issued', 10, { issuer: authority }),
      makeCertificate('alone', 10),
    ];
    for (const one of [issued, selfSigned]) expect((await register(one)).status).toBe(201);
    expect((await whoami(issued)).status).toBe(200);
    expect((await whoami(selfSigned)).status).toBe(401);
    expect(t?.hub.reload()).toBe(true);
    expect((await whoami(issued)).status).toBe(200);
    expect((await whoami(selfSigned)).status).toBe(401);
    const refusals = JSON.stringify((await t?.api('boss', 'GET', '/deliveries/refusals'))?.body);
    expect(refusals).toContain('not issued by an authority');
  });

  test('is neither requested nor evaluated without the setting', async () => {
    await start('');
    const sensor = makeCertificate('sensor', 10);
    expect((await register(sensor)).status).toBe(201);
    expect((await whoami(sensor)).status).toBe(401);
  });

  test('can be registered for one service account only, not for a person, and not after it has expired', async () => {
    await start(', client_certificates: {}');
    const sensor = makeCertificate('sensor', 10);
    expect((await register(sensor)).status).toBe(201);
    expect((await register(sensor, { account: 'nobody' })).status).toBe(409);
    expect((await register(makeCertificate('x', 10), { account: 'chief' })).status).toBe(400);
    expect((await register(makeCertificate('x', 10), { account: 'fresh', role: 'analyst' })).status).toBe(
      400,
    );
    expect((await register(makeCertificate('x', -1))).status).toBe(422);
    expect((await register({ name: '', cert: 'not PEM', key: '' })).status).toBe(422);
    const listed = await t?.api('boss', 'GET', '/keys?account=gauge');
    const [key] = (listed?.body['items'] ?? []) as { id: string }[];
    expect((await t?.api('boss', 'POST', `/keys/${key?.id ?? ''}/rotation`, {}))?.status).toBe(400);
  });

  test('is declared in the settings file by the fingerprint of its key', async () => {
    const sensor = makeCertificate('sensor', 10);
    await start(
      ', client_certificates: {}',
      `${CHIEF}  - { name: probe, role: machine, client_certificates: [${fingerprint(sensor)}] }\n`,
    );
    expect((await whoami(sensor)).body['account']).toBe('probe');
  });
});

describe('the private key of a certificate', () => {
  const refusal = async (proof: unknown, certificate: MadeCertificate) => {
    const { status, body } = await (t as TestHub).api('boss', 'POST', '/certificates', {
      certificate: certificate.cert, account: 'gauge', ...(proof === undefined ? {} : { proof }),
    }); // prettier-ignore
    return [status, body['code']];
  };

  test('must sign the registration: for this hub, this account and this time', async () => {
    await start(', client_certificates: {}');
    const [sensor, other] = [makeCertificate('sensor', 10), makeCertificate('other', 10)];
    const url = await urlOf();
    const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
    const right = proofOf(sensor, url, 'gauge');
    const wrong: Readonly<Record<string, unknown>> = {
      none: undefined,
      'of another key': proofOf(other, url, 'gauge'),
      'for another account': proofOf(sensor, url, 'probe'),
      'for another hub': proofOf(sensor, 'https://elsewhere.example', 'gauge'),
      'of an hour ago': proofOf(sensor, url, 'gauge', minutes(-60)),
      'of tomorrow': proofOf(sensor, url, 'gauge', minutes(1_440)),
      'with another time': { ...right, signed_at: minutes(-1) },
      'that is not a signature': { ...right, signature: 'A'.repeat(96) },
    };
    for (const [which, proof] of Object.entries(wrong))
      expect([which, ...(await refusal(proof, sensor))]).toEqual([
        which,
        422,
        expect.stringMatching(/^TLN-K-42[25]$/),
      ]);
    // No other account has taken the holder's place in the meantime.
    expect((await refusal(right, sensor))[0]).toBe(201);
    expect((await whoami(sensor)).body['account']).toBe('gauge');
    // Only the holder of the key learns that it is registered.
    expect((await refusal(undefined, sensor))[0]).toBe(422);
    expect((await refusal(proofOf(sensor, url, 'gauge'), sensor))[0]).toBe(409);
  });

  /** Makes the registration of a certificate look like one of an earlier version, which asked for no proof. */
  const forgetProof = async () => {
    const { hub } = t as TestHub;
    const record = (await hub.store.records('key')).find(
      ({ document }) => document['certificate'] !== undefined,
    );
    if (record === undefined) throw new Error('no certificate is registered');
    const { kind, id, revision, index, document: { proven: _, ...document } } = record; // prettier-ignore
    await hub.store.commit({ records: [{ kind, id, expected: revision, document, index }] });
    await hub.directory.refresh();
  };
  const finding = async () => {
    const { body } = await (t as TestHub).api('boss', 'GET', '/doctor');
    const checks = (body['items'] ?? body['checks']) as Record<string, string>[];
    return checks.find(({ check }) => check === 'client certificates');
  };

  test('closes a registration of an earlier version until it is proven, by its account or by another one', async () => {
    await start(', client_certificates: {}', `${CHIEF}  - { name: probe, role: machine }\n`);
    const sensor = makeCertificate('sensor', 10);
    const id = String((await register(sensor)).body['id']);
    expect([await finding(), (await whoami(sensor)).status]).toEqual([undefined, 200]);
    await forgetProof();
    expect((await whoami(sensor)).status).toBe(401);
    expect(await finding()).toMatchObject({
      status: 'warning',
      found: expect.stringContaining(`${id} (account gauge)`),
    });
    const listed = await t?.api('boss', 'GET', '/keys?account=gauge');
    expect(listed?.body['items']).toMatchObject([{ id, state: 'unconfirmed' }]);
    // Without proof, nobody confirms it.
    expect((await refusal(undefined, sensor))[0]).toBe(422);
    expect((await whoami(sensor)).status).toBe(401);
    expect((await register(sensor)).status).toBe(201);
    expect([await finding(), (await whoami(sensor)).body['account']]).toEqual([undefined, 'gauge']);
    // The holder of the key may register it for a different account, after somebody registered it without proof.
    await forgetProof();
    expect((await register(sensor, { account: 'probe' })).status).toBe(201);
    expect((await whoami(sensor)).body['account']).toBe('probe');
    expect((await t?.api('boss', 'GET', '/keys?account=gauge'))?.body['items']).toEqual([]);
    const audit = (await (t as TestHub).hub.store.audit(0, 1_000)).map(({ fact }) => fact);
    expect(
      audit.filter(({ action, details }) => action === 'key.revoke' && details?.['because'] === 'unproven'),
    ).toHaveLength(2);
  });

  test('is proven by the connection that presents the certificate', async () => {
    await start(', client_certificates: {}');
    const [sensor, other] = [makeCertificate('sensor', 10), makeCertificate('other', 10)];
    const Authorization = `Bearer ${keyOf('boss')}`;
    const body = { certificate: sensor.cert, account: 'gauge' };
    for (const [presented, status] of [[undefined, 422], [other, 422], [sensor, 201]] as const)
      expect((await ask('/api/v1/certificates', presented, { Authorization }, body)).status).toBe(status); // prettier-ignore
  });

  test('is not asked of the operator, who could also use the settings file', async () => {
    await start(', client_certificates: {}');
    const sensor = makeCertificate('sensor', 10);
    const body = { certificate: sensor.cert, account: 'gauge' };
    const made = await supertest((t as TestHub).hub.admin)
      .post('/api/v1/certificates')
      .send(body);
    expect(made.status).toBe(201);
    expect((await whoami(sensor)).status).toBe(200);
  });

  test.each([
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['Ed25519', () => generateKeyPairSync('ed25519')],
  ])('is also accepted with %s', (_kind, generate) => {
    const { publicKey, privateKey } = generate();
    const at = new Date().toISOString();
    const text = Buffer.from(proofText('https://hub.example', 'gauge', at));
    const algorithm = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    const proof = { signed_at: at, signature: sign(algorithm, text, privateKey).toString('base64') };
    const read = { certificate: { publicKey }, fingerprint: 'f', ends: 0 };
    const prove = (account: string) => () => {
      demandPossession(read, undefined, proof, { hub: 'https://hub.example', account, now: Date.now() });
    };
    expect(prove('gauge')).not.toThrow();
    expect(prove('probe')).toThrow('Invalid proof');
  });
});

describe('a client certificate in a proxy header', () => {
  const sensor = makeCertificate('sensor', 10);
  const der = new X509Certificate(sensor.cert).raw.toString('base64');
  const behind = async (proxies: string): Promise<void> => {
    t = await testHub(`${SETTINGS}${CHIEF}
listen: { client_certificate_header: Client-Cert }
limits: { trusted_proxies: [${proxies}] }
`); // prettier-ignore
    expect((await register(sensor)).status).toBe(201);
  };
  const told = async (value: string) =>
    (
      await supertest(t?.hub.app ?? '')
        .get('/api/v1/whoami')
        .set('Client-Cert', value)
    ).status;

  test('is accepted from a trusted proxy, in the format of RFC 9440 or as escaped PEM', async () => {
    await behind('127.0.0.1');
    expect(await told(`:${der}:`)).toBe(200);
    expect(await told(encodeURIComponent(sensor.cert))).toBe(200);
    for (const wrong of [
      der,
      ':AAAA:',
      `:${der}:, :${der}:`,
      '%E0%A4%A',
      'x'.repeat(20_000).slice(0, 15_000),
    ])
      expect([wrong.slice(0, 20), await told(wrong)]).toEqual([wrong.slice(0, 20), 401]);
  });

  test('is ignored from any other client', async () => {
    await behind('192.0.2.1');
    expect(await told(`:${der}:`)).toBe(401);
    expect(await told(encodeURIComponent(sensor.cert))).toBe(401);
  });

  test('requires trusted proxies in the settings', async () => {
    const start = testHub(`${SETTINGS}\nlisten: { client_certificate_header: Client-Cert }\n`);
    await expect(start).rejects.toThrow('requires trusted proxies');
  });
});
