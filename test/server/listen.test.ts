import { expect, test } from '@jest/globals';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer, listenTcp } from '../../src/server/listen.ts';

test('requests start in the order of arrival, four per turn, and when thousands wait, new ones get a Retry-After', async () => {
  const order: number[] = [];
  const server = createHttpServer((request: IncomingMessage, response: ServerResponse) => {
    order.push(Number(request.url?.slice(1)));
    response.end('x');
  });
  await listenTcp(server, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  // As many requests as possible within one turn of the event loop, using the events of the server.
  const answers: (number | undefined)[] = [];
  const made = Array.from({ length: 2_100 }, (_, n) => {
    const request = { url: `/${n}`, rawHeaders: ['Host', 'x'], headers: { host: 'x' }, httpVersion: '1.1', socket: { destroyed: false } }; // prettier-ignore
    let status: number | undefined;
    const response = {
      once: () => undefined,
      writeHead: (code: number) => (status = code),
      end: () => answers.push(status ?? 200),
    };
    return [request, response] as const;
  });
  for (const [request, response] of made) server.emit('request', request, response);
  expect(order).toEqual([0, 1, 2, 3]);
  expect(answers.filter((status) => status === 503)).toHaveLength(2_100 - 2_000 - 4);
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (order.length >= 2_004) resolve();
      else setImmediate(look);
    };
    look();
  });
  expect(order).toEqual(Array.from({ length: 2_004 }, (_, n) => n));
  // The server continues to work as before.
  const body = await new Promise<string>((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/9' }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
  expect(body).toBe('x');
  server.close();
  server.closeAllConnections();
});

test('one connection with many simultaneous requests does not delay the others', async () => {
  const order: string[] = [];
  const server = createHttpServer((request: IncomingMessage) => {
    order.push(request.url ?? '');
  });
  const refused: string[] = [];
  const emit = (url: string, socket: object): void => {
    const request = { url, rawHeaders: ['Host', 'x'], headers: { host: 'x' }, httpVersion: '1.1', socket };
    const response = { once: () => undefined, writeHead: () => refused.push(url), end: () => undefined };
    server.emit('request', request, response);
  };
  const greedy = { destroyed: false };
  for (let n = 0; n < 1_900; n++) emit('/greedy', greedy);
  emit('/other', { destroyed: false });
  expect(refused).toEqual(Array(1_900 - 4 - 200).fill('/greedy'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([...Array<string>(5).fill('/greedy'), '/other', ...Array<string>(2).fill('/greedy')]);
});
