import { afterEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  closeServer,
  createHttpServer,
  listenSocket,
  listenTcp,
  socketPath,
} from '../../src/server/listen.ts';

/** Where the hub listens, and what happens to requests when it stops. */

const folders: string[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'talanoa-sockets-'));
  folders.push(made);
  return made;
};
const server = (): Server => {
  const made = createServer((_request, response) => response.end('here'));
  servers.push(made);
  return made;
};
/** Sends a request to a socket of the system, and returns the body. */
const asked = (socketPathOfHub: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath: socketPathOfHub, path: '/' }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString())).on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

describe('a port', () => {
  test('that is taken is named in the error, with what to do', async () => {
    const first = server();
    const port = await listenTcp(first, '127.0.0.1', 0);
    await expect(listenTcp(server(), '127.0.0.1', port)).rejects.toMatchObject({
      code: 'TLN-N-001',
      title: `Port ${port} on 127.0.0.1 is already in use`,
      hint: expect.stringContaining('--port'),
    });
    // The first one continues to listen.
    expect((first.address() as AddressInfo).port).toBe(port);
  });

  test('on an address that the machine does not have is refused with the reason', async () => {
    await expect(listenTcp(server(), '192.0.2.1', 0)).rejects.toMatchObject({
      code: 'TLN-N-002',
      title: 'The hub cannot listen on 192.0.2.1:0',
      description: 'EADDRNOTAVAIL',
    });
  });
});

describe("the hub's own socket", () => {
  test('is in the data folder, where only its user can open it', async () => {
    const data = folder();
    const path = await listenSocket(server(), data);
    expect([path, socketPath(data)]).toEqual([join(data, 'hub.sock'), path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await asked(path)).toBe('here');
  });

  test('replaces a file that an earlier process has left', async () => {
    const data = folder();
    writeFileSync(join(data, 'hub.sock'), 'left');
    expect(await asked(await listenSocket(server(), data))).toBe('here');
  });

  test('the socket of a data folder with a long path is elsewhere, and commands find it', async () => {
    const data = join(folder(), 'd'.repeat(100));
    mkdirSync(data);
    // Before the hub has listened, commands look in the data folder.
    expect(socketPath(data)).toBe(join(data, 'hub.sock'));
    const path = await listenSocket(server(), data);
    folders.push(dirname(path));
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100);
    expect([socketPath(data), existsSync(join(data, 'hub.sock'))]).toEqual([path, false]);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'hub.sock.path')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(data, 'hub.sock.path'), 'utf8')).toBe(`${path}\n`);
    expect(await asked(socketPath(data))).toBe('here');
  });

  test.each([
    [100, true],
    [101, false],
  ])('with a path of %i bytes is in the data folder: %j', async (bytes, isThere) => {
    const base = folder();
    // The system counts bytes, not characters.
    const rest = bytes - Buffer.byteLength(`${base}//hub.sock`);
    const data = join(base, `${'é'.repeat(5)}${'d'.repeat(rest - 10)}`);
    mkdirSync(data);
    const path = await listenSocket(server(), data);
    if (!isThere) folders.push(dirname(path));
    expect([Buffer.byteLength(join(data, 'hub.sock')), path === join(data, 'hub.sock')]).toEqual([
      bytes,
      isThere,
    ]);
    expect(await asked(socketPath(data))).toBe('here');
  });
});

describe('a server that stops', () => {
  /** A server that answers /slow only when the test allows it. */
  async function busy(): Promise<{ readonly stopping: Server; readonly port: number; readonly finish: () => void; readonly begun: Promise<void> }> {
    let finish = (): void => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const stopping = createHttpServer((incoming, response) => {
      if (incoming.url !== '/slow') {
        response.end('quick');
        return;
      }
      if (incoming.headers['x-begin'] !== undefined) response.write('begun ');
      finish = () => void response.end('finished');
      begin();
    });
    servers.push(stopping);
    const port = await listenTcp(stopping, '127.0.0.1', 0);
    return { stopping, port, finish: () => finish(), begun };
  } // prettier-ignore
  /** Everything that a connection receives until it is closed, and the first part of it. */
  const received = (port: number, text: string): { readonly all: Promise<string>; readonly first: Promise<string>; readonly write: (more: string) => void } => {
    const socket = connect({ port, host: '127.0.0.1' });
    let got = '';
    socket.on('data', (part: Buffer) => (got += part.toString())).on('error', () => undefined);
    socket.write(text);
    return {
      all: new Promise((resolve) => socket.on('close', () => resolve(got))),
      first: new Promise((resolve) => socket.once('data', (part: Buffer) => resolve(part.toString()))),
      write: (more) => void socket.write(more),
    };
  }; // prettier-ignore
  const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

  test('ends a connection after a response that had begun, without cutting it', async () => {
    const { stopping, port, finish, begun } = await busy();
    const { all } = received(port, 'GET /slow HTTP/1.1\r\nHost: x\r\nX-Begin: yes\r\n\r\n');
    await begun;
    const stopped = closeServer(stopping, 600_000);
    finish();
    expect(await all).toMatch(/begun .*finished\r\n0\r\n\r\n$/s);
    await stopped;
  });

  test('answers the request that it has begun, closes the connection, and takes no new one', async () => {
    const { stopping, port, finish, begun } = await busy();
    const { all } = received(port, GET('/slow'));
    await begun;
    const stopped = closeServer(stopping, 600_000);
    await expect(received(port, GET('/')).all).resolves.toBe('');
    finish();
    const answer = await all;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('finished');
    await stopped;
    expect(stopping.listening).toBe(false);
  });

  test('asks a client to close the connection with the last response, and answers no request after it', async () => {
    const { stopping, port, finish, begun } = await busy();
    const { all, write } = received(port, GET('/slow'));
    await begun;
    const stopped = closeServer(stopping, 600_000);
    // The next request waits behind the first one.
    write(GET('/next'));
    finish();
    expect(await all).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*^Connection: close\r\n[^]*finished$/im);
    await stopped;
  });

  test('answers a request of which a part had arrived, and asks the client to close the connection', async () => {
    const { stopping, port } = await busy();
    const { all, first, write } = received(port, `${GET('/')}GET /next HTTP/1.1\r\nHost:`);
    expect(await first).toMatch(/^Connection: keep-alive\r\n[^]*quick$/im);
    const stopped = closeServer(stopping, 600_000);
    write(' x\r\n\r\n');
    expect(await all).toMatch(/quickHTTP\/1\.1 200 OK\r\n[^]*^Connection: close\r\n[^]*quick$/im);
    await stopped;
  });

  test('ends a request that is not finished by its deadline', async () => {
    const { stopping, port, begun } = await busy();
    const { all } = received(port, GET('/slow'));
    await begun;
    await closeServer(stopping, 1);
    expect(await all).toBe('');
  });

  test('is not stopped twice', async () => {
    const { stopping } = await busy();
    await closeServer(stopping, 600_000);
    await closeServer(stopping, 600_000);
    expect(stopping.listening).toBe(false);
  });
});
