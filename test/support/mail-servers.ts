import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A mail server for tests. It accepts every email (RFC 5321, limited to what a sender needs) and stores it. */
export async function mailServer(port = 0): Promise<{
  readonly port: number;
  readonly mails: string[];
  /** Replies that reject a recipient: `dead@cert.example` → `550 no such user`. The key `.` rejects a whole email. */
  readonly replies: Map<string, string>;
  /** The number of connections until now. */
  connections(): number;
  close(): Promise<void>;
}> {
  const mails: string[] = [];
  let connections = 0;
  const replies = new Map<string, string>();
  const server = createServer((socket: Socket) => {
    connections += 1;
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
            socket.write(`${replies.get('.') ?? '250 taken'}\r\n`);
          } else data += `${line}\r\n`;
        } else if (/^EHLO/i.test(line)) socket.write('250-mail.test\r\n250 8BITMIME\r\n');
        else if (/^DATA/i.test(line)) {
          data = '';
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else {
          const recipient = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1];
          socket.write(`${replies.get(recipient ?? '') ?? '250 ok'}\r\n`);
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    replies,
    connections: () => connections,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/**
 * A mailbox for tests with the part of IMAP (RFC 3501) that a reader of attachments needs. `commands` records the
 * received commands.
 */
export async function mailbox(
  password: string,
  /** Called with each command before its response. */
  onCommand: (command: string) => void = () => undefined,
): Promise<{
  readonly port: number;
  readonly commands: string[];
  /** Puts an email into the inbox. */
  put(mail: string): void;
  /** Replaces the mailbox by another one, whose numbers begin anew. */
  renew(): void;
  close(): Promise<void>;
}> {
  let mails: string[] = [];
  let validity = 1;
  const commands: string[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString();
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(rest.slice(0, at)) ?? [];
        rest = rest.slice(at + 2);
        commands.push(command.replace(password, '***'));
        onCommand(command);
        socket.write(answer(tag, command));
      }
    });
  });
  const answer = (tag: string, command: string): string => {
    const done = (lines: readonly string[] = [], result = 'OK done'): string =>
      [...lines, `${tag} ${result}`, ''].join('\r\n');
    const [verb = '', sub = ''] = command.toUpperCase().split(' ');
    switch (verb) {
      case 'CAPABILITY':
        return done(['* CAPABILITY IMAP4rev1']);
      case 'LOGIN':
        return command.includes(password) ? done() : done([], 'NO [AUTHENTICATIONFAILED] wrong');
      case 'LIST':
      case 'LSUB':
        return done(['* LIST (\\HasNoChildren) "/" "INBOX"']);
      case 'EXAMINE':
        return done([
          `* ${mails.length} EXISTS`,
          '* FLAGS (\\Seen)',
          `* OK [UIDVALIDITY ${validity}] x`,
          `* OK [UIDNEXT ${mails.length + 1}] x`,
        ], 'OK [READ-ONLY] done'); // prettier-ignore
      case 'UID': {
        if (sub === 'SEARCH') {
          const from = Number(/UID (\d+):\*/i.exec(command)?.[1] ?? 1);
          const uids = mails.map((_mail, i) => i + 1);
          // Like real servers: `n:*` includes the last message even when its number is lower.
          const found = uids.filter((uid) => uid >= from || uid === uids.at(-1));
          return done([`* SEARCH ${found.join(' ')}`]);
        }
        const uid = Number(/FETCH (\d+)/i.exec(command)?.[1] ?? 0);
        const mail = mails[uid - 1] ?? '';
        return done([`* ${uid} FETCH (UID ${uid} RFC822.SIZE ${mail.length} BODY[]<0> {${mail.length}}\r\n${mail})`]); // prettier-ignore
      }
      default:
        return done();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    put: (mail) => mails.push(mail),
    renew() {
      mails = [];
      validity++;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
