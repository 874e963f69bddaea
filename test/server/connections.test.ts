import { afterEach, describe, expect, test } from '@jest/globals';
import type { RequestListener, Server } from 'node:http';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { PATIENCE } from '../../src/server/connection-state.ts';
import type { ConnectionEnd } from '../../src/server/connections.ts';
import {
  closeServer,
  connectionsOf,
  createHttpServer,
  listenTcp,
  type ListenerOptions,
} from '../../src/server/listen.ts';
import { makeCertificate } from '../support/certificate.ts';
import { TestClock } from '../support/clock.ts';

const certificate = makeCertificate('hub', 100);
const tls = { cert: Buffer.from(certificate.cert), key: Buffer.from(certificate.key), ends: 0 };
const running: Listener[] = [];

/** A listener under test, with a clock that only the test moves. */
class Listener {
  readonly clock = new TestClock();
  readonly reasons: ConnectionEnd[] = [];
  /** The targets that reached the application. */
  readonly served: string[] = [];
  readonly server: Server;
  readonly isTls: boolean;
  /** The sockets of the server, below TLS. */
  readonly raw: Socket[] = [];
  /** The sockets of the server that speak HTTP. */
  readonly speaking: Socket[] = [];

  constructor(isTls: boolean, options: ListenerOptions = {}, listener?: RequestListener) {
    this.isTls = isTls;
    const answer: RequestListener = (request, response) => {
      this.served.push(request.url ?? '');
      if (listener !== undefined) listener(request, response);
      else request.on('data', () => undefined).on('end', () => response.end('ok'));
    };
    this.server = createHttpServer(answer, {
      clock: this.clock,
      count: (reason) => this.reasons.push(reason),
      tls: isTls ? tls : undefined,
      ...options,
    });
    this.server.on('connection', (socket: Socket) => this.raw.push(socket));
    this.server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => this.speaking.push(socket));
    running.push(this);
  }

  async listen(): Promise<this> {
    await listenTcp(this.server, '127.0.0.1', 0);
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The number of descriptors that the system holds for the server. */
  descriptors(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  }

  /** Opens a connection that speaks HTTP. */
  async open(): Promise<Client> {
    const before = this.speaking.length;
    const client = new Client(
      this.isTls
        ? connectTls({ port: this.port, host: '127.0.0.1', rejectUnauthorized: false })
        : connectPlain({ port: this.port, host: '127.0.0.1' }),
    );
    await until(() => this.speaking.length > before);
    return client;
  }

  /** Opens a TCP connection that sends no TLS handshake. */
  async openSilent(): Promise<Client> {
    const before = this.raw.length;
    const client = new Client(connectPlain({ port: this.port, host: '127.0.0.1' }));
    await until(() => this.raw.length > before);
    return client;
  }

  /** Sends bytes over a new connection and waits until the server has received them. */
  async send(bytes: string): Promise<Client> {
    const client = await this.open();
    await this.write(client, bytes);
    return client;
  }

  /** Writes to the newest connection. */
  async write(client: Client, bytes: string): Promise<void> {
    const socket = this.speaking.at(-1);
    const before = socket?.bytesRead ?? 0;
    client.socket.write(Buffer.from(bytes, 'latin1'));
    await until(() => (socket?.bytesRead ?? 0) >= before + bytes.length || socket?.destroyed === true);
  }

  /** Moves the clock in steps of one second, so that every check of the connections runs. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 1_000) {
      this.clock.advance(1_000);
      await turn();
    }
  }
}

class Client {
  readonly socket: Socket | TLSSocket;
  text = '';
  readonly closed: Promise<string>;
  isClosed = false;

  constructor(socket: Socket | TLSSocket) {
    this.socket = socket;
    socket.on('data', (part: Buffer) => (this.text += part.toString('latin1')));
    // A server that closes while the client still sends resets the connection.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        this.isClosed = true;
        resolve(this.text);
      }),
    );
  }

  /** The status codes of the responses so far. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Waits for a condition. Fails in the place where it waits when the condition never becomes true. */
async function until(isTrue: () => boolean): Promise<void> {
  const begun = performance.now();
  while (!isTrue()) {
    if (performance.now() - begun > 4_000) throw new Error(`never true: ${String(isTrue)}`);
    await turn();
  }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ server }) => closeServer(server, 0)));
});

const GET = 'GET /next HTTP/1.1\r\nHost: x\r\n\r\n';
const post = (fields: string, body: string): string =>
  `POST /bad HTTP/1.1\r\nHost: x\r\n${fields}\r\n${body}`;

/** Faulty requests by name. */
const FAULTS: Readonly<Record<string, string>> = {
  'a quoted Transfer-Encoding': post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
  'an unknown Transfer-Encoding': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
  'a list of transfer codings': post('Transfer-Encoding: identity, chunked\r\n', '0\r\n\r\n'),
  'Transfer-Encoding identity': post('Transfer-Encoding: identity\r\n', ''),
  'chunked twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'an empty Transfer-Encoding': post('Transfer-Encoding:\r\n', ''),
  'a Transfer-Encoding with a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
  'Content-Length and Transfer-Encoding': post(
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
    '0\r\n\r\n',
  ),
  'Transfer-Encoding and Content-Length': post(
    'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
    '0\r\n\r\n',
  ),
  'two Content-Length lines that differ': post('Content-Length: 0\r\nContent-Length: 5\r\n', ''),
  'two equal Content-Length lines': post('Content-Length: 0\r\nContent-Length: 0\r\n', ''),
  'a list of lengths': post('Content-Length: 0, 0\r\n', ''),
  'a signed length': post('Content-Length: +0\r\n', ''),
  'a hexadecimal length': post('Content-Length: 0x0\r\n', ''),
  'two Host lines': post('Host: y\r\n', ''),
  'two Authorization lines': post('Authorization: Bearer a\r\nAuthorization: Bearer b\r\n', ''),
  'a missing Host': 'GET /bad HTTP/1.1\r\n\r\n',
  'HTTP/0.9': 'GET /bad\r\n',
  'HTTP/2.0': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/1.2': 'GET /bad HTTP/1.2\r\nHost: x\r\n\r\n',
  'chunks in HTTP/1.0': 'POST /bad HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  CONNECT: 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n',
  'a bare line feed in the head': 'GET /bad HTTP/1.1\nHost: x\r\n\r\n',
  'a bare line feed after a chunk size': post('Transfer-Encoding: chunked\r\n', '1\na\r\n0\r\n\r\n'),
  'a bare line feed after a chunk': post('Transfer-Encoding: chunked\r\n', '1\r\na\n0\r\n\r\n'),
  'a bare line feed after the last chunk': post('Transfer-Encoding: chunked\r\n', '0\n\r\n'),
  'a bare line feed after the trailers': post('Transfer-Encoding: chunked\r\n', '0\r\n\n'),
  'a bare carriage return in a chunk size': post('Transfer-Encoding: chunked\r\n', '0\r0\r\n\r\n'),
  'bytes behind a chunk': post('Transfer-Encoding: chunked\r\n', '1\r\nab\r\n0\r\n\r\n'),
  'a chunk size with a sign': post('Transfer-Encoding: chunked\r\n', '+1\r\na\r\n0\r\n\r\n'),
  'a chunk size with a prefix': post('Transfer-Encoding: chunked\r\n', '0x1\r\na\r\n0\r\n\r\n'),
  'a chunk size beyond 32 bits': post('Transfer-Encoding: chunked\r\n', '100000001\r\na\r\n0\r\n\r\n'),
  'a space before the colon': post('Content-Length : 0\r\n', ''),
  'a folded header': post('X: a\r\n b\r\n', ''),
  'a header without a colon': post('nonsense\r\n', ''),
  'a NUL in the path': 'GET /bad\0 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a control byte in the query': 'GET /bad?a=\x01 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a tab in the request line': 'GET /bad\tx HTTP/1.1\r\nHost: x\r\n\r\n',
  'a byte beyond ASCII in the path': 'GET /bad\xe9 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a NUL in a header': post('X: a\0b\r\n', ''),
  'a control byte in a header': post('X: a\x7fb\r\n', ''),
  'an escape character in a header name': post('X\x1b: a\r\n', ''),
  'too many headers': post(Array.from({ length: 100 }, (_, i) => `X-${i}: a\r\n`).join(''), ''),
};

describe.each([false, true])('a listener (TLS: %s)', (isTls) => {
  test.each(Object.entries(FAULTS))(
    'answers %s with exactly one 400 and ends the connection',
    async (_name, bytes) => {
      const hub = await new Listener(isTls).listen();
      // All at once, with a request behind the faulty one.
      const whole = await hub.send(bytes + GET);
      expect(await whole.closed).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(whole.statuses).toEqual([400]);
      expect(hub.served).toEqual([]);
      // Behind a correct request, which is answered first.
      const behind = await hub.send(GET + bytes + GET);
      await behind.closed;
      expect(behind.statuses).toEqual([200, 400]);
      expect(hub.served).toEqual(['/next']);
      expect(hub.reasons).toEqual(['malformed', 'malformed']);
    },
  );

  test('answers a fault once, too, when the bytes arrive one at a time', async () => {
    const hub = await new Listener(isTls).listen();
    for (const [name, bytes] of Object.entries(FAULTS)) {
      if (bytes.length > 200) continue;
      const client = await hub.open();
      for (const byte of bytes + GET) {
        if (client.socket.destroyed || hub.speaking.at(-1)?.destroyed === true) break;
        await hub.write(client, byte);
      }
      await client.closed;
      expect([name, client.statuses]).toEqual([name, [400]]);
    }
    expect(hub.served).not.toContain('/next');
  });

  test('sends no second response when the body of an answered request is faulty', async () => {
    const hub = await new Listener(isTls, {}, (_request, response) => response.end('early')).listen();
    const client = await hub.send('POST /early HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await until(() => client.text.includes('early'));
    await hub.write(client, 'zz\r\n');
    await client.closed;
    expect(client.statuses).toEqual([200]);
  });

  test('refuses escaped control characters in paths and queries, but not line breaks in console queries', async () => {
    const hub = await new Listener(isTls).listen();
    const ask = async (target: string): Promise<number[]> => {
      const client = await hub.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await client.closed;
      return client.statuses;
    };
    for (const target of ['/a%00', '/a%0d%0aX:', '/a?b=%00', '/a?b=%1F', '/a?b=%7f', '/console/a%0a', '/console/a?b=%00'])
      expect([target, await ask(target)]).toEqual([target, [400]]); // prettier-ignore
    expect(hub.served).toEqual([]);
    expect(await ask('/console/sso?error_description=a%0d%0ab%09')).toEqual([200]);
    expect(await ask('/a%20b?c=%c3%a9%2500')).toEqual([200]);
  });

  test.each([
    ['', ''],
    ['GE', 'T'],
    ['GET /slow HTTP/1.1\r\n', 'X'],
    ['GET /slow HTTP/1.1\r\nHost: x\r\nX-A: ', 'a'],
  ])('ends a connection whose head does not arrive in time: %j', async (bytes, late) => {
    const hub = await new Listener(isTls).listen();
    const client = await hub.send(bytes);
    await hub.pass(PATIENCE.head - 1_000);
    expect(hub.reasons).toEqual([]);
    // A late byte does not prolong the deadline.
    if (bytes !== '') await hub.write(client, late);
    await hub.pass(1_000);
    expect(hub.reasons).toEqual(['slow']);
    await client.closed;
    expect(client.statuses).toEqual(bytes === '' ? [] : [408]);
    await until(() => connectionsOf(hub.server) === 0);
    expect(await hub.descriptors()).toBe(0);
  });

  test('ends a connection whose second head does not arrive in time', async () => {
    const hub = await new Listener(isTls).listen();
    const client = await hub.send(GET);
    await until(() => client.statuses.length === 1);
    await hub.pass(30_000);
    await hub.write(client, 'GET /sl');
    await hub.pass(PATIENCE.head);
    await client.closed;
    expect(client.statuses).toEqual([200, 408]);
  });

  test('ends a connection whose body arrives too slowly, whether the request waits for it or has its response', async () => {
    const head = 'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n';
    const hub = await new Listener(isTls).listen();
    const waiting = await hub.send(head);
    for (let i = 0; i < 10; i++) {
      await hub.write(waiting, 'a');
      await hub.pass(1_000);
    }
    await waiting.closed;
    expect(waiting.statuses).toEqual([408]);
    const early = await new Listener(isTls, {}, (_request, response) => response.end('early')).listen();
    const answered = await early.send(head);
    await until(() => answered.text.includes('early'));
    await early.pass(PATIENCE.bodyStart + PATIENCE.linger);
    await answered.closed;
    expect(answered.statuses).toEqual([200]);
  });

  test('reads a body that arrives steadily, for up to a minute', async () => {
    const hub = await new Listener(isTls).listen();
    const piece = 'a'.repeat(2_000);
    const steady = await hub.send('POST /steady HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    for (let i = 0; i < 50; i++) {
      await hub.write(steady, piece);
      await hub.pass(1_000);
    }
    await until(() => steady.statuses.length > 0);
    expect(steady.statuses).toEqual([200]);
    const endless = await hub.send('POST /endless HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    for (let i = 0; i < 60; i++) {
      await hub.write(endless, piece);
      await hub.pass(1_000);
    }
    await endless.closed;
    expect(endless.statuses).toEqual([408]);
  });

  test('does not count the time for which the hub itself does not read a body', async () => {
    let take: () => void = () => undefined;
    const hub = await new Listener(isTls, {}, (request, response) => {
      take = () => request.on('data', () => undefined).on('end', () => response.end('late'));
    }).listen();
    const client = await hub.send('POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\na');
    await until(() => hub.served.length === 1);
    await hub.pass(30_000);
    expect(hub.reasons).toEqual([]);
    take();
    await hub.write(client, 'a'.repeat(1_999));
    await until(() => client.text.includes('late'));
    expect(client.statuses).toEqual([200]);
  });

  test('ends a connection without requests, but not one whose response takes long', async () => {
    let finish: () => void = () => undefined;
    const hub = await new Listener(isTls, {}, (request, response) => {
      if (request.url === '/long') finish = () => response.end('done');
      else response.end('ok');
    }).listen();
    const idle = await hub.send(GET);
    const busy = await hub.send('GET /long HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => hub.served.length === 2 && idle.text.includes('ok'));
    await hub.pass(PATIENCE.idle + 1_000);
    await idle.closed;
    expect(busy.isClosed).toBe(false);
    finish();
    await until(() => busy.text.includes('done'));
    expect(hub.reasons).toEqual([]);
  });

  test('ends a connection whose client never reads, and keeps one whose client reads steadily', async () => {
    const part = Buffer.alloc(1_000_000, 'x');
    const hub = await new Listener(isTls, {}, (_request, response) => {
      for (let i = 0; i < 40; i++) response.write(part);
      response.end();
    }).listen();
    const reader = await hub.open();
    reader.socket.pause();
    await hub.write(reader, GET);
    await until(() => hub.served.length === 1);
    await turn();
    const [raw] = hub.raw;
    // The client takes some megabytes in each period.
    for (let period = 0; period < 3; period++) {
      await hub.pass(PATIENCE.stall - 2_000);
      const before = reader.socket.bytesRead;
      reader.socket.resume();
      await until(() => reader.socket.bytesRead > before + 6_000_000);
      reader.socket.pause();
      await turn();
    }
    expect(hub.reasons).toEqual([]);
    expect(raw?.destroyed).toBe(false);
    await hub.pass(2 * PATIENCE.stall);
    expect(hub.reasons).toEqual(['stalled']);
    expect(raw?.destroyed).toBe(true);
    reader.socket.destroy();
    expect(await hub.descriptors()).toBe(0);
  });

  test('stops at its deadline although silent connections are open', async () => {
    const hub = await new Listener(isTls).listen();
    await hub.openSilent();
    await hub.openSilent();
    await closeServer(hub.server, 0);
    expect(hub.server.listening).toBe(false);
  });

  test('closes a connection whose client does not close it after a last response', async () => {
    const hub = await new Listener(isTls).listen();
    const options = { port: hub.port, host: '127.0.0.1', allowHalfOpen: true };
    const client = new Client(
      isTls ? connectTls({ ...options, rejectUnauthorized: false }) : connectPlain(options),
    );
    client.socket.write('GET /bad\r\n');
    await until(() => client.text.includes('400'));
    await turn();
    expect(connectionsOf(hub.server)).toBe(1);
    await hub.pass(PATIENCE.linger);
    await until(() => connectionsOf(hub.server) === 0);
    expect(await hub.descriptors()).toBe(0);
    client.socket.destroy();
  });

  test('does not count the time for which the hub does not read a pipelined head', async () => {
    let finish: () => void = () => undefined;
    const hub = await new Listener(isTls, {}, (request, response) => {
      if (request.url === '/first') finish = () => response.end('first');
      else response.end('a'.repeat(200_000));
    }).listen();
    const client = await hub.send(`${GET.replace('next', 'first')}${GET}${GET}GET /fo`);
    await until(() => hub.served.length === 3);
    await hub.pass(3 * PATIENCE.head);
    expect(hub.reasons).toEqual([]);
    finish();
    client.socket.write('urth HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => client.statuses.length === 4);
    expect(client.statuses).toEqual([200, 200, 200, 200]);
  });

  test('stops at once when only idle connections are open', async () => {
    const hub = await new Listener(isTls).listen();
    const idle = await hub.send(GET);
    await until(() => idle.text.includes('ok'));
    // A whole hour: only the end of the idle connection lets the server stop.
    await closeServer(hub.server, 3_600_000);
    expect(await idle.closed).toContain('200 OK');
  });

  test('serves pipelined requests, keep-alive, Expect, HEAD, chunks, trailers and old versions as before', async () => {
    const hub = await new Listener(isTls, {}, (request, response) => {
      let body = '';
      request.on('data', (text: Buffer) => (body += text.toString()));
      request.on('end', () => response.end(`${request.method} ${request.url} ${body};`));
    }).listen();
    const client = await hub.send(
      `${GET}HEAD /head HTTP/1.1\r\nHost: x\r\n\r\nPOST /sized HTTP/1.1\r\nHost: x\r\nContent-Length:\t5 \r\n\r\nhello\r\n${GET}`,
    );
    await until(() => client.statuses.length === 4);
    expect(client.text.match(/\w+ \/\w+ \w*;/g)).toEqual(['GET /next ;', 'POST /sized hello;', 'GET /next ;']);
    await hub.write(client, 'POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3;a="b c"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Trailer: a\r\n\r\n');
    await until(() => client.text.includes('POST /chunks abc0123456789;'));
    await hub.write(client, 'POST /expect HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    await until(() => client.text.includes('HTTP/1.1 100 Continue'));
    await hub.write(client, 'ok');
    await until(() => client.text.includes('POST /expect ok;'));
    await hub.write(client, 'GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n');
    await until(() => client.text.includes('GET /upgrade ;'));
    await hub.write(client, 'GET http://x/absolute HTTP/1.1\r\nHost: x\r\nX-Latin: \xe9\r\n\r\n');
    await until(() => client.text.includes('GET http://x/absolute'));
    await hub.write(client, 'OPTIONS * HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n');
    await client.closed;
    expect(client.text).toContain('OPTIONS * ;');
    const old = await hub.send('GET /old HTTP/1.0\r\n\r\n');
    expect(await old.closed).toContain('GET /old ;');
    expect(hub.reasons).toEqual([]);
  }); // prettier-ignore

  test('refuses what is sent together with a request with Upgrade, and takes no body for a request', async () => {
    const hub = await new Listener(isTls).listen();
    const upgrade = 'GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
    const client = await hub.send(upgrade);
    await until(() => client.statuses.length === 1);
    // The parser of Node would ignore the head of the second request, and take its body for a request of HTTP/0.9.
    await hub.write(client, `${upgrade}${post('Content-Length: 18\r\n', 'abcd')}`);
    client.socket.write('GET /inner\r\n\r\n');
    await client.closed;
    expect([hub.served, client.statuses]).toEqual([['/upgrade', '/upgrade'], [200, 200, 400]]);
    expect(hub.reasons).toEqual(['malformed']);
  }); // prettier-ignore

  test('serves nothing behind a request that asks to close the connection', async () => {
    const hub = await new Listener(isTls).listen();
    const client = await hub.send(`GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${GET}`);
    await client.closed;
    expect([client.statuses, hub.served]).toEqual([[200], ['/last']]);
  });

  test('answers an unknown expectation and a head that is too long once', async () => {
    const hub = await new Listener(isTls).listen();
    const expecting = await hub.send(post('Expect: nonsense\r\n', '') + GET);
    await expecting.closed;
    expect(expecting.statuses[0]).toBe(417);
    const long = await hub.send(post(`X: ${'a'.repeat(20_000)}\r\n`, ''));
    await long.closed;
    expect(long.statuses).toEqual([431]);
  });

  test('gives an error the format of its path', async () => {
    const hub = await new Listener(isTls).listen();
    const typeOf = async (path: string): Promise<string | undefined> =>
      /Content-Type: (.*)\r\n/.exec(await (await hub.send(`GET ${path} HTTP/1.1\r\n\r\n`)).closed)?.[1];
    expect(await typeOf('/taxii2/')).toBe('application/taxii+json;version=2.1');
    expect(await typeOf('/api/v1/accounts')).toBe('application/problem+json');
    expect(await typeOf('/console/')).toBe('text/plain; charset=utf-8');
  });
});

describe('a TLS listener', () => {
  test('releases the descriptors of clients that never begin, never finish or leave the handshake', async () => {
    const hub = await new Listener(true).listen();
    const silent = [await hub.openSilent(), await hub.openSilent()];
    const begun = await hub.openSilent();
    // The first bytes of a ClientHello.
    begun.socket.write(Buffer.from('16030100', 'hex'));
    await until(() => hub.raw[2]?.bytesRead === 4);
    const gone = await hub.openSilent();
    gone.socket.resetAndDestroy();
    const left = await hub.openSilent();
    left.socket.end();
    // The clients that have gone are noticed at once.
    await until(() => connectionsOf(hub.server) === 3);
    expect(await hub.descriptors()).toBe(3);
    await hub.pass(PATIENCE.handshake - 1_000);
    expect(await hub.descriptors()).toBe(3);
    await hub.pass(1_000);
    await Promise.all([...silent, begun].map(({ closed }) => closed));
    await until(() => connectionsOf(hub.server) === 0);
    expect(await hub.descriptors()).toBe(0);
    expect(hub.reasons).toEqual(['handshake', 'handshake', 'handshake']);
  });

  test('releases the descriptor of a client that does not speak TLS, and of a gone client after the handshake', async () => {
    const hub = await new Listener(true).listen();
    const plain = await hub.openSilent();
    plain.socket.write(GET);
    await plain.closed;
    const gone = await hub.open();
    gone.socket.destroy();
    await until(() => connectionsOf(hub.server) === 0);
    expect(await hub.descriptors()).toBe(0);
  });
});

/** A connection from any address, without a network. */
class FakeSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  written = '';
  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1');
    done();
  }
}

const arrive = (hub: Listener, address: string, port: number): FakeSocket => {
  const socket = new FakeSocket(address, port);
  hub.server.emit('connection', socket);
  return socket;
};

test('a request whose body is refused while it waits for its turn is not served', async () => {
  const hub = new Listener(false);
  const socket = arrive(hub, '203.0.113.9', 1);
  // Four requests begin in one turn of the event loop. The fifth waits.
  socket.push(GET.repeat(4) + post('Transfer-Encoding: chunked\r\n', ''));
  socket.push('zz\r\n');
  await until(() => socket.written.includes(' 400 '));
  for (let i = 0; i < 3; i++) await turn();
  expect(hub.served).toEqual(['/next', '/next', '/next', '/next']);
  expect(socket.written.match(/HTTP\/1\.1 \d+/g)).toHaveLength(5);
});

describe('the limits of connections', () => {
  const arriveAll = (hub: Listener, address: string, many: number): number =>
    Array.from({ length: many }, (_, i) => arrive(hub, address, i)).filter(({ destroyed }) => !destroyed)
      .length;
  const proxies = [{ family: 4, base: 0xcb007105n, prefix: 32, cleared: false }] as const;

  test('hold for each address and each IPv6 /64, but not for loopback and trusted proxies', async () => {
    const hub = new Listener(false, { limits: { total: 100, perAddress: 3 }, proxies });
    expect(arriveAll(hub, '203.0.113.9', 5)).toBe(3);
    expect(arriveAll(hub, '::ffff:203.0.113.9', 1)).toBe(0);
    expect(arriveAll(hub, '203.0.113.10', 1)).toBe(1);
    expect(arriveAll(hub, '2001:db8::1', 2) + arriveAll(hub, '2001:db8::ffff:2', 2)).toBe(3);
    expect(arriveAll(hub, '2001:db8:0:1::1', 1)).toBe(1);
    expect(arriveAll(hub, '127.0.0.1', 6) + arriveAll(hub, '::1', 6)).toBe(12);
    expect(arriveAll(hub, '203.0.113.5', 6)).toBe(6);
    expect(hub.reasons).toEqual(Array.from({ length: 4 }, () => 'address'));
  });

  test('count a connection until it has ended', async () => {
    const hub = new Listener(false, { limits: { total: 100, perAddress: 1 } });
    const first = arrive(hub, '203.0.113.9', 1);
    first.destroy();
    await until(() => connectionsOf(hub.server) === 0);
    expect(arrive(hub, '203.0.113.9', 2).destroyed).toBe(false);
    expect(arrive(hub, '203.0.113.9', 3).destroyed).toBe(true);
  });

  test('hold in total: the oldest silent connection makes room, then one that has been idle, and never one with a request', async () => {
    const hub = new Listener(false, { limits: { total: 3, perAddress: 100 }, proxies });
    const asked = arrive(hub, '203.0.113.5', 1);
    asked.push(GET);
    await until(() => hub.served.length === 1);
    const [silent, other] = [arrive(hub, '203.0.113.5', 2), arrive(hub, '203.0.113.5', 3)];
    const late = arrive(hub, '203.0.113.5', 4);
    expect([asked, silent, other, late].map(({ destroyed }) => destroyed)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    for (const socket of [other, late]) socket.push(GET);
    await until(() => hub.served.length === 3);
    expect(arrive(hub, '203.0.113.5', 5).destroyed).toBe(true);
    expect(hub.reasons).toEqual(['displaced', 'total']);
    hub.clock.advance(5_000);
    other.push('GET /unfin');
    late.push('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
    await until(() => hub.served.length === 4);
    expect(arrive(hub, '203.0.113.5', 6).destroyed).toBe(false);
    expect([asked, other, late].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
    expect(connectionsOf(hub.server)).toBe(3);
  });
});
