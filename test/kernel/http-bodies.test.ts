// A server that keeps the body of its response open cannot keep the hub waiting.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../src/kernel/http-client.ts';
import { Connection } from '../../src/taxii/client/connection.ts';
import { TestClock } from '../support/clock.ts';

let server: Server;
let url = '';
let http: HttpClient;
let answer: (response: ServerResponse) => void = (response) => response.end();
/** Settled when the hub has closed the connection of the last request. */
let closed: Promise<void>;

beforeAll(async () => {
  server = createServer((request, response) => {
    closed = new Promise((resolve) => request.socket.once('close', () => resolve()));
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/`;
  http = createHttpClient({ allow: [`127.0.0.1:${port}`], userAgent: 'test' });
});
afterAll(() => void server.close());

const silent = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Length': 1_000 });
  response.write('{');
};

async function bodyOf(more: Partial<HttpRequest>): Promise<string> {
  const { body } = await http.fetch({ url, ...more });
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

test('a body that stops arriving, or that takes too long, is broken off and its connection closed', async () => {
  answer = silent;
  await expect(bodyOf({ bodyLimits: { totalMs: 60_000, idleMs: 1 } })).rejects.toMatchObject({
    code: 'TLN-E-002',
    title: expect.stringContaining('it stopped sending its response'),
  });
  await closed;
  await expect(bodyOf({ bodyLimits: { totalMs: 1, idleMs: 60_000 } })).rejects.toMatchObject({
    code: 'TLN-E-002',
    title: expect.stringContaining('its response took too long'),
  });
  await closed;
});

test('a body ends with the signal of its request', async () => {
  answer = silent;
  const stop = new AbortController();
  const { body } = await http.fetch({ url, signal: stop.signal });
  const ended = expect(body.toArray()).rejects.toMatchObject({ code: 'TLN-E-002' });
  stop.abort();
  await ended;
  await closed;
});

test('a body that nobody reads is closed without an error for the process', async () => {
  answer = silent;
  const { body } = await http.fetch({ url });
  body.destroy();
  await closed;
});

test('a whole body arrives unchanged', async () => {
  answer = (response) => void response.end('x'.repeat(1_000_000));
  expect((await bodyOf({})).length).toBe(1_000_000);
});

test.each(['identity', 'gzip'])(
  'a TAXII server that does not end its %s body ends with the poll',
  async (coding) => {
    const stop = new AbortController();
    answer = (response) => {
      response.writeHead(200, {
        'Content-Type': 'application/taxii+json;version=2.1',
        'Content-Encoding': coding,
      });
      response.write(coding === 'gzip' ? gzipSync('{"objects":[]}').subarray(0, 12) : '{');
      // The headers have arrived when the next step of the client runs.
      setImmediate(() => stop.abort());
    };
    // The poll is stopped when the headers have arrived and the body is being read.
    const stopping: HttpClient = {
      ...http,
      fetch: async (request) => {
        const response = await http.fetch(request);
        setImmediate(() => stop.abort());
        return response;
      },
    };
    const connection = new Connection({ http: stopping, clock: new TestClock(), credentials: { kind: 'none' }, tries: 1, signal: stop.signal }); // prettier-ignore
    await expect(connection.get(url)).rejects.toMatchObject({ code: 'TLN-E-002' });
    await closed;
  },
);
