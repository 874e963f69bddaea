import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A mail server for tests: takes every mail (RFC 5321, as far as a sender needs it) and keeps what it was given. */
export async function mailServer(): Promise<{
  readonly port: number;
  readonly mails: string[];
  close(): Promise<void>;
}> {
  const mails: string[] = [];
  const server = createServer((socket: Socket) => {
    let data: string | undefined;
    let rest = '';
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString();
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (data !== undefined) {
          if (line === '.') {
            mails.push(data);
            data = undefined;
            socket.write('250 taken\r\n');
          } else data += `${line}\r\n`;
        } else if (/^EHLO/i.test(line)) socket.write('250-mail.test\r\n250 8BITMIME\r\n');
        else if (/^DATA/i.test(line)) {
          data = '';
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
