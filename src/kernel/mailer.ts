import { isIP, Socket } from 'node:net';
import { within } from './deadline.ts';
import type { HttpClient } from './http-client.ts';
import { Problem, reasonOf } from './problem.ts';
import { kernelErrors } from './errors.ts';

/** The mail server for outgoing email (setting `mail`). */
export interface MailSetting {
  /** `smtp://host:port` (STARTTLS) or `smtps://host:port`. */
  readonly server: string;
  readonly from: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Sends email without encryption. Only for a server on this machine. */
  readonly insecure: boolean;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Without the angle brackets. Each retry of an email uses the same value. */
  readonly messageId?: string;
}

/** The time that looking up the name of the mail server may take. */
const RESOLVE_MS = 15_000;
/** The time that connecting to the mail server may take, and half of the time that it may be silent. */
const CONNECT_MS = 15_000;

/** The time that a check of the mail server may take in each of its steps. */
const CHECK_STEP_MS = 5_000;
/** The time that a whole check may take. A server that sends another line each second never ends a step. */
const CHECK_MS = 15_000;

/** The only way to send email from the hub. The library is loaded for the first email. */
export class Mailer {
  readonly #setting: MailSetting;
  readonly #egress: Pick<HttpClient, 'resolve'>;
  readonly #resolveMs: number;
  readonly #checkMs: number;

  /** `egress` checks the address of the mail server, as it checks every other outgoing connection. */
  constructor(
    setting: MailSetting,
    egress: Pick<HttpClient, 'resolve'>,
    { resolveMs = RESOLVE_MS, checkMs = CHECK_MS }: { resolveMs?: number; checkMs?: number } = {},
  ) {
    this.#resolveMs = resolveMs;
    this.#checkMs = checkMs;
    this.#setting = setting;
    this.#egress = egress;
  }

  /**
   * Sends an email. Throws a Problem of kind peer when the server does not accept it: TLN-E-020 for a failure that may
   * be temporary, TLN-E-022 when the server permanently rejects this address or email (a 5xx reply, RFC 5321 §4.2.1).
   */
  async send({ to, subject, text, headers = {}, messageId }: Mail): Promise<void> {
    const { server, from } = this.#setting;
    const { host } = new URL(server);
    const transport = await this.#transport(this.#resolveMs, CONNECT_MS);
    try {
      // Text from other people (names of feeds, reasons) cannot start another header.
      await transport.sendMail({
        from,
        to: [...to],
        subject: oneLine(subject).slice(0, 200),
        text,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, oneLine(value)])),
        ...(messageId === undefined ? {} : { messageId: `<${oneLine(messageId)}>` }),
      });
    } catch (error) {
      const failure = { description: reasonOf(error).slice(0, 200), cause: error };
      throw isPermanent(error)
        ? kernelErrors.mailRefused({ host }, failure)
        : kernelErrors.mailFailed({ host }, failure);
    } finally {
      transport.close();
    }
  }

  /**
   * Connects to the mail server and signs in, without sending anything. Returns the host and port of the server. Throws a
   * Problem of kind peer, TLN-E-020, when the server does not answer within seconds, or refuses.
   */
  async check(): Promise<string> {
    const { host } = new URL(this.#setting.server);
    // The library keeps the connection of a check to itself, so the hub gives it one that it can close.
    const socket = new Socket();
    try {
      await within(this.#checkMs, async (signal) => {
        const late = new Promise<never>((_resolve, reject) => {
          const reason = `The mail server did not complete the sign-in within ${this.#checkMs / 1_000} s.`;
          signal.addEventListener('abort', () => reject(new Error(reason)), { once: true });
        });
        await Promise.race([this.#verify(socket, signal), late]);
      });
      return host;
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw kernelErrors.mailFailed({ host }, { description: reasonOf(error).slice(0, 200), cause: error });
    } finally {
      socket.destroy();
    }
  }

  async #verify(socket: Socket, signal: AbortSignal): Promise<void> {
    const transport = await this.#transport(Math.min(this.#resolveMs, CHECK_STEP_MS), CHECK_STEP_MS, socket);
    try {
      // A closed socket would be opened again.
      if (signal.aborted) return;
      await transport.verify();
    } finally {
      transport.close();
    }
  }

  async #transport(resolveMs: number, connectMs: number, socket?: Socket) {
    const { server, user, password, insecure } = this.#setting;
    const { createTransport } = await import('nodemailer');
    const { protocol } = new URL(server);
    const { host, port } = mailHost(server);
    // The connection goes to exactly the address that was checked.
    const { address } = await this.#resolved(host, port, resolveMs);
    return createTransport({
      host: address,
      port,
      ...(socket === undefined ? {} : { socket }),
      ...(isIP(host) === 0 ? { tls: { servername: host } } : {}),
      secure: protocol === 'smtps:',
      requireTLS: protocol === 'smtp:' && !insecure,
      ignoreTLS: insecure,
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: 2 * connectMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    });
  }

  /** Resolves the name of the mail server. A resolver that never answers would otherwise keep the email forever. */
  async #resolved(host: string, port: number, mostMs: number): Promise<{ readonly address: string }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          kernelErrors.mailHostUnresolved(
            { host },
            {
              description: `The resolver of this machine did not answer within ${mostMs / 1_000} s.`,
            },
          ),
        );
      }, mostMs);
    });
    return Promise.race([this.#egress.resolve(host, port), late]).finally(() => clearTimeout(timer));
  }
}

/** Returns the host and port of a mail server. */
function mailHost(server: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(server);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? (protocol === 'smtps:' ? 465 : 587) : port),
  };
}

/** Returns the mail server as an entry of the allow list for outgoing connections. It may be an internal address. */
export function mailEntry(server: string): string {
  const { host, port } = mailHost(server);
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/**
 * True when the server permanently rejects the address or the email itself. A rejection of the connection or the
 * sign-in does not count.
 */
function isPermanent(error: unknown): boolean {
  const { responseCode, command } = error as { readonly responseCode?: unknown; readonly command?: unknown };
  return (
    typeof responseCode === 'number' &&
    responseCode >= 550 &&
    (command === 'RCPT TO' || command === 'DATA' || command === 'MAIL FROM')
  );
}
