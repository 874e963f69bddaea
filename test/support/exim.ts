import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const PROGRAM = '/usr/sbin/exim4';

/** True when Debian's mail server is installed. CI has it. */
export const hasExim = existsSync(PROGRAM);
if (!hasExim && process.env['REQUIRE_EXIM'] === '1')
  throw new Error('REQUIRE_EXIM=1, but exim4 is not installed');

/**
 * Starts Exim on a port of this machine. Email for cert.example is written to a file, except that `dead` is an unknown
 * mailbox and `full` is a full one.
 */
export async function startExim(): Promise<{
  readonly port: number;
  /** The accepted emails, one after the other. */
  mails(): string;
  stop(): Promise<void>;
}> {
  const port = await freePort();
  // Exim runs as a user of its own, which needs access to the folder.
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-exim-'));
  for (const name of ['spool', 'log', 'mail']) {
    mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, name), 0o777);
  }
  chmodSync(folder, 0o755);
  const config = join(folder, 'exim.conf');
  const isRoot = process.getuid?.() === 0;
  writeFileSync(
    config,
    `primary_hostname = mail.test
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%s
pid_file_path = ${folder}/spool/pid
domainlist local_domains = cert.example
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
keep_environment =
begin acl
rcpt:
  deny local_parts = dead
       message = no such user here
  defer local_parts = full
       message = mailbox full
  accept domains = +local_domains
  deny message = not relayed
begin routers
box:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = ${folder}/mail/all
  mode = 0644
${isRoot ? '  user = Debian-exim\n' : ''}`,
    { mode: 0o644 },
  );
  const child: ChildProcess = spawn(PROGRAM, ['-C', config, '-bdf'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await answers(port, ended);
  return {
    port,
    mails: () =>
      readdirSync(join(folder, 'mail')).includes('all')
        ? readFileSync(join(folder, 'mail', 'all'), 'utf8')
        : '',
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something responds on the port. Rejects when the program ends first. */
async function answers(port: number, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    if (over) throw new Error('exim ended before it answered');
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
