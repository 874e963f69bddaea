import type { ImapFlow } from 'imapflow';
import type { Email } from 'postal-mime';
import { urlOf } from '../../kernel/url.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import type { TransportSpec } from '../../config/settings.ts';
import { LARGEST_MAIL, isAllowedAddress, isAllowedSender, readMail, spoolAttachments } from './mail.ts';
import {
  FetchProblem,
  secretOf,
  type FeedFile,
  type FetchOptions,
  type Fetched,
  isLate,
} from './transport.ts';

/** Maximum number of messages per run. The next run continues. */
const MOST_MAILS = 200;
/** Number of messages that are remembered by their Message-ID, because a message may arrive twice. */
const MOST_REMEMBERED = 1_000;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;

/** Reads attachments from a mailbox, each message once. Nothing in the mailbox is changed. */
export async function fetchImap(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const url = addressOf(transport);
  const password = secretOf(transport.auth?.secret, options.secret);
  const client = await connect(url, transport.auth?.username ?? '', password, options);
  try {
    return await read(client, decodeURIComponent(url.pathname.slice(1)) || 'INBOX', transport, options);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new FetchProblem('The mailbox could not be read', {
      failure: 'source',
      passing: true,
      hint: reasonOf(error).slice(0, 200),
      cause: error,
    });
  } finally {
    client.close();
  }
}

function addressOf({ url, senders }: TransportSpec): URL {
  if (senders === undefined)
    throw new FetchProblem('The mailbox feed has no list of allowed senders', {
      failure: 'setting',
      hint: 'Set transport.senders, because anybody can send email to a mailbox.',
    });
  const mailbox = url === undefined ? undefined : urlOf(url);
  if (mailbox !== undefined && /^imaps?:$/.test(mailbox.protocol)) return mailbox;
  throw new FetchProblem('The address of the mailbox cannot be read', {
    failure: 'setting',
    hint: 'Use the format imaps://mail.example.org/INBOX.',
  });
}

async function connect(
  url: URL,
  user: string,
  pass: string,
  { http, signal }: FetchOptions,
): Promise<ImapFlow> {
  const secure = url.protocol === 'imaps:';
  const port = Number(url.port === '' ? (secure ? 993 : 143) : url.port);
  const target = await http.resolve(url.hostname, port);
  const { ImapFlow: Client } = await import('imapflow');
  const client = new Client({
    // The connection uses the address that was checked.
    host: target.address,
    servername: url.hostname,
    port,
    secure,
    // The connection may be unencrypted only where the operator has allowed an internal address for it.
    ...(secure ? {} : { doSTARTTLS: target.inner ? undefined : true }),
    auth: { user, pass },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  });
  client.on('error', () => undefined);
  signal.addEventListener('abort', () => client.close(), { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.close();
    const refused =
      typeof error === 'object' &&
      error !== null &&
      'authenticationFailed' in error &&
      error.authenticationFailed === true;
    throw new FetchProblem(
      refused
        ? 'The mail server refuses the account or the password'
        : `${url.host} could not be reached: ${reasonOf(error)}`,
      { failure: refused ? 'needs-key' : 'source', passing: !refused, cause: error },
    );
  }
}

async function read(
  client: ImapFlow,
  mailbox: string,
  transport: TransportSpec,
  options: FetchOptions,
): Promise<Fetched> {
  const box = await client.mailboxOpen(mailbox, { readOnly: true });
  const validity = String(box.uidValidity);
  const known = options.cursor.mail?.validity === validity ? options.cursor.mail : undefined;
  const since = new Date(options.clock.now() - (transport.since_days ?? DEFAULT_DAYS) * DAY_MS);
  const found =
    (await client.search(known === undefined ? { since } : { uid: `${known.uid + 1}:*` }, { uid: true })) ||
    [];
  // `n:*` includes the last message even when its number is lower than n.
  const uids = found.filter((uid) => uid > (known?.uid ?? 0)).toSorted((a, b) => a - b);
  const taken = uids.slice(0, MOST_MAILS);
  const messages = new Set(known?.messages ?? options.cursor.mail?.messages ?? []);
  const files: FeedFile[] = [];
  const oddities = new Map<string, number>();
  // The next run begins after this message. Without any that was looked at, it begins where this one did.
  let last = uids[0] === undefined ? undefined : uids[0] - 1;
  let isCut = uids.length > taken.length;
  for (const uid of taken) {
    if (options.budget.left < LARGEST_MAIL || isLate(options)) {
      isCut = true;
      break;
    }
    last = uid;
    const odd = await storeMail(client, uid, transport, options, messages, files);
    if (odd !== undefined) oddities.set(odd, (oddities.get(odd) ?? 0) + 1);
  }
  return {
    status: undefined,
    files,
    cursor: {
      mail: {
        validity,
        uid: last ?? known?.uid ?? (box.uidNext ?? 1) - 1,
        messages: [...messages].slice(-MOST_REMEMBERED),
      },
    },
    unchanged: files.length === 0 && !isCut,
    ...(isCut ? { incomplete: 'the mailbox has more emails, which the next run reads' } : {}),
    oddities: [...oddities].map(([odd, times]) => `${odd} (${times} ${times === 1 ? 'email' : 'emails'})`),
  };
}

/** Stores the attachments of one message. Returns the reason if the message was skipped. */
async function storeMail(
  client: ImapFlow,
  uid: number,
  transport: TransportSpec,
  options: FetchOptions,
  messages: Set<string>,
  files: FeedFile[],
): Promise<string | undefined> {
  const known = await client.fetchOne(String(uid), { size: true, envelope: true }, { uid: true });
  if (known === false) return 'it could not be fetched';
  if ((known.size ?? 0) > LARGEST_MAIL) return 'it is larger than 50 MiB';
  // Anybody can send email, so the message of a stranger is not even fetched.
  const stated = (known.envelope?.from ?? []).flatMap(({ address }) => address ?? []);
  if (stated.length > 0 && !stated.some((address) => isAllowedAddress(address, transport.senders ?? [])))
    return 'its sender is not among transport.senders';
  const fetched = await client.fetchOne(
    String(uid),
    { size: true, source: { maxLength: LARGEST_MAIL } },
    { uid: true },
  );
  if (fetched === false || fetched.source === undefined) return 'it could not be fetched';
  if ((fetched.size ?? 0) > LARGEST_MAIL) return 'it is larger than 50 MiB';
  const mail = await readMail(fetched.source, options.signal);
  if (mail === undefined) return 'it cannot be read';
  if (!isAllowedSender(mail, transport.senders ?? [])) return 'its sender is not among transport.senders';
  if (transport.dkim_by !== undefined && !isSigned(mail, transport.dkim_by))
    return 'its DKIM signature could not be verified';
  const id = mail.messageId ?? `${mail.from?.address ?? ''} ${mail.date ?? ''} ${mail.subject ?? ''}`;
  if (messages.has(id)) return 'it was received before';
  const attachments = await spoolAttachments(mail, transport.pattern, options, files.length);
  files.push(...attachments);
  messages.add(id);
  return attachments.length === 0 ? 'it has no attachment with that name' : undefined;
}

/**
 * True when the mail server itself reports a valid signature (RFC 8601). Only the topmost header with its name counts,
 * because senders can add others below it.
 */
function isSigned({ headers }: Email, server: string): boolean {
  const [topmost] = headers.filter(({ key }) => key === 'authentication-results');
  const [name = '', ...results] = (topmost?.value ?? '').split(';').map((part) => part.trim().toLowerCase());
  return (
    name.split(/\s/)[0] === server.toLowerCase() &&
    results.some((result) => /^dkim\s*=\s*pass\b/.test(result))
  );
}
