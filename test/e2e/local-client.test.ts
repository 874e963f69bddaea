import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { withHub, type LocalClient } from '../../src/cli/local-client.ts';
import { folder } from '../support/program.ts';

const here = folder();
let server: Server;
let requests: { readonly method: string; readonly path: string; readonly socket: Socket }[];
let answer: RequestListener;

beforeEach(async () => {
  requests = [];
  server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', socket: request.socket });
    if (request.url !== '/api/v1/whoami') return answer(request, response);
    response.setHeader('Content-Type', 'application/json');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(join(here.path, 'hub.sock'), resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

afterAll(here.remove);

function onHub<T>(work: (client: LocalClient) => Promise<T>): Promise<T> {
  const output = (): NodeJS.WriteStream => new PassThrough() as unknown as NodeJS.WriteStream;
  const io: Io = { stdout: output(), stderr: output(), environment: {}, exit: (code) => process.exit(code) };
  return withHub({ data: here.path }, io, work);
}

test('each request has a connection of its own, which cannot have become stale', async () => {
  answer = (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"name":"a\u2028b"}');
  };
  const preview = await onHub((client) => client.post('/api/v1/feed-previews', {}));
  await onHub((client) => client.post('/api/v1/feeds', {}));
  expect(preview).toEqual({ name: 'a\u2028b' });
  expect(requests).toHaveLength(4);
  expect(new Set(requests.map(({ socket }) => socket)).size).toBe(4);
});

test.each([
  ['before the response', ''],
  ['within the response', '{"name":'],
])('a hub that ends %s is reported, and the request is not sent again', async (_title, begun) => {
  answer = (request, response) => {
    if (begun === '') request.socket.destroy();
    else {
      response.setHeader('Content-Type', 'application/json');
      response.write(begun, () => request.socket.destroy());
    }
  };
  await expect(onHub((client) => client.post('/api/v1/feeds', {}))).rejects.toMatchObject({
    code: 'TLN-E-028',
    hint: expect.stringContaining('before you repeat'),
  });
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test.each([200, 502])('a response %d that is not of a hub is reported', async (status) => {
  answer = (_request, response) => {
    response.statusCode = status;
    response.setHeader('Content-Type', 'text/html');
    response.end('<h1>Welcome</h1>');
  };
  await expect(onHub((client) => client.get('/api/v1/feeds'))).rejects.toMatchObject({ code: 'TLN-E-024' });
});
