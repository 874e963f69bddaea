import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { anIndicator } from '../support/builders.ts';
import { MEDIA, folder, startHub, taxii, type RunningHub } from '../support/program.ts';

const here = folder();
const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const KEY = 'a-key-of-a-peer-0123456789abcdef0123456789';
const BOSS = 'a-key-of-the-boss-0123456789abcdef0123456789';
const C = `/main/collections/${ID}/`;
let hub: RunningHub;

beforeAll(async () => {
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [{ to: "account:peer", read: true, write: true }] }]
members: [{ name: tonga }]
accounts: [{ name: peer, role: machine, key_env: KEY }, { name: boss, role: administrator, key_env: BOSS }]
`,
  );
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], { KEY, BOSS });
}, 30_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

/** Sends bytes as they are, and reads until the hub ends the connection. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(hub.port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.on('data', (part) => (answer += part.toString('latin1')));
    // A hub that ends the connection while we still send resets it: what it said counts.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const peer = `Authorization: Bearer ${KEY}\r\n`;
const boss = `Authorization: Bearer ${BOSS}\r\n`;
const request = (method: string, path: string, headers: string, body = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`;
const taxiiBody = `Content-Type: ${MEDIA}\r\n`;
const json = 'Content-Type: application/json\r\n';

const WORDS = [
  "'", '"', '<script>', '%00', '%ff', '%c0%af', '..%2f..%2f', '../../etc/passwd', '{{7*7}}', '${7*7}', '$where', '[$ne]', 'a'.repeat(3000), '%25%30%30', '__proto__',
  'constructor', 'toString', 'undefined', '-1', '1e309', '9'.repeat(400), '%F0%9F%98%80', '[]', '{}', '*', '%2e%2e%2f', '|id', '`id`', '%0d%0aX:%20y', 'http://127.0.0.1/',
]; // prettier-ignore

function* inAddresses(): Generator<string> {
  for (const word of WORDS) {
    for (const path of [`/main/${word}/`, `/main/collections/${word}/`, `${C}objects/${word}/`, `${C}objects/${word}/versions/`, `/main/status/${word}/`])
      yield request('GET', path, `${peer}Accept: ${MEDIA}\r\n`);
    for (const name of ['match[id]', 'match[type]', 'match[version]', 'match[spec_version]', 'added_after', 'limit', 'next', `match[${word}]`])
      yield request('GET', `${C}objects/?${name}=${word}`, peer);
    for (const path of [`accounts/${word}`, `members/${word}`, `feeds/${word}/runs`, `accounts?after=${word}`, `audit?after=${word}`, `keys?account=${word}`])
      yield request('GET', `/api/v1/${path}`, boss);
    yield request('DELETE', `/api/v1/collections/shared/grants/${word}`, boss);
  } // prettier-ignore
}

function* inHeaders(): Generator<string> {
  for (const word of WORDS) {
    yield request('GET', '/taxii2/', `Authorization: ${word}\r\n`);
    yield request(
      'GET',
      '/taxii2/',
      `Authorization: Basic ${Buffer.from(`${word}:${word}`).toString('base64')}\r\n`,
    );
    yield request('GET', '/taxii2/', `${peer}Accept: ${word}\r\n`);
    yield request('POST', `${C}objects/`, `${peer}Content-Type: ${word}\r\n`, '{}');
    yield request('GET', `${C}objects/?limit=1`, `${peer}If-None-Match: ${word}\r\n`);
    yield request('GET', '/taxii2/', `${peer}X-Forwarded-For: ${word}\r\n`);
    yield request(
      'PATCH',
      '/api/v1/accounts/peer',
      `${boss}${json}If-Match: ${word}\r\n`,
      '{"disabled":true}',
    );
    yield request('POST', '/api/v1/keys', `${boss}${json}Idempotency-Key: ${word}\r\n`, '{}');
  }
  for (const framing of [
    'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    'Transfer-Encoding: identity, chunked\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Content-Length: -1\r\n',
    'Content-Length: 5\r\nContent-Length: 6\r\n',
    'Content-Length: 99999999999999\r\n',
    'Host: y\r\n',
    'Content-Encoding: br\r\n',
    'Content-Encoding: gzip, gzip\r\n',
    'Expect: 200-ok\r\n',
    `X: ${'a'.repeat(20_000)}\r\n`,
    'Authorization: Bearer x\r\n',
  ])
    // prettier-ignore
    for (const path of [`${C}objects/`, '/api/v1/accounts'])
      yield `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${peer}${framing}${taxiiBody}\r\nhello`;
  yield `POST ${C}objects/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${peer}${taxiiBody}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n`;
  yield 'GET /taxii2/ HTTP/1.1\r\nConnection: close\r\n\r\n';
  yield `GET http://evil.example/taxii2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${peer}\r\n`;
  for (const method of ['PUT', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', 'FOO', 'get'])
    for (const path of ['/', '/taxii2/', '/main/', `${C}objects/`, '/api/v1/accounts', '/metrics'])
      yield request(method, path, peer);
}

function* inBodies(): Generator<string> {
  const deep = (open: string, close: string, n: number): string => open.repeat(n) + close.repeat(n);
  for (const body of [
    'null',
    '[]',
    '"x"',
    '1',
    '{',
    '{"objects":null}',
    '{"objects":{}}',
    '{"objects":[null,1,"x",[],true]}',
    '{"objects":[{}]}',
    deep('[', ']', 20_000),
    deep('{"a":', '1}', 5_000),
    `{"objects":[${deep('[', ']', 20_000)}]}`,
    '{"objects":[{"type":"__proto__","id":"__proto__--x","__proto__":{"a":1}}]}',
    '{"objects":[{"type":"indicator","type":"tool"}]}',
    '{"objects":[{"n":1e400}]}',
    `{"objects":[{"n":${'9'.repeat(5_000)}}]}`,
    '{"objects":[{"type":"a\\u0000"}]}',
    '{"objects":[{"type":"\\ud800"}]}',
    '\xef\xbb\xbf{"objects":[]}',
    '{"objects":[{"type":"indicator\xff"}]}',
    `{"objects":[{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000000","pattern":"${'('.repeat(60_000)}","pattern_type":"stix"}]}`,
  ]) /* prettier-ignore */ {
    yield request('POST', `${C}objects/`, peer + taxiiBody, body);
    for (const path of ['accounts', 'keys', 'collections', 'collections/shared/grants', 'collections/shared/objects'])
      yield request('POST', `/api/v1/${path}`, boss + json, body);
    yield request('PATCH', '/api/v1/accounts/peer', boss + json, body);
  }
}

const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(hub.child.pid)}/status`, 'utf8'))?.[1] ?? 0);

describe('hostile requests', () => {
  test('none is answered 5xx, none hangs, each refusal is well-formed, and the hub goes on as before', async () => {
    const good = anIndicator();
    const objects = `${hub.url}${C}objects/`;
    expect((await taxii(objects, KEY, { objects: [good] })).body).toMatchObject({ success_count: 1 });
    const before = memory();
    const cases = [...inAddresses(), ...inHeaders(), ...inBodies()];
    expect(cases.length).toBeGreaterThan(850);
    const wrong: string[] = [];
    for (const bytes of cases) {
      const answer = await raw(bytes);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      // A connection that ends without a word is all that TRACE and broken framing deserve.
      const isFine =
        answer === '' || (status < 400 && status >= 200) || (status < 500 && /"title":"[^"]+"/.test(answer));
      const isPlain = /text\/plain/.test(answer) && status < 500;
      const tells = /node_modules|\.(?:ts|js):\d|at \w+ \(/.test(answer);
      if ((!isFine && !isPlain) || tells) wrong.push(`${bytes.slice(0, 120)} -> ${answer.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
    expect(memory() - before).toBeLessThan(128 * 1024);
    const { body } = await taxii(objects, KEY);
    expect(body['objects']).toContainEqual(good);
    expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
    expect(hub.errors.join('')).not.toContain('"level":"error"');
  }, 120_000);
});
