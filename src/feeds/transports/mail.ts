import { Readable } from 'node:stream';
import type { Email } from 'postal-mime';
import type { TransportSpec } from '../../config/settings.ts';
import { discard } from './discard.ts';
import { Problem } from '../../kernel/problem.ts';
import { fileNames } from '../file-names.ts';
import { spoolBytes } from '../spool.ts';
import { inThread } from '../threads.ts';
import {
  FETCH_LIMITS,
  SpoolBudget,
  spoolPath,
  spoolStream,
  type FeedFile,
  type FetchOptions,
  type Fetched,
} from './transport.ts';

export const LARGEST_MAIL = 50 * 1_048_576;
const DEEPEST_MAIL = 20;

/** Parses an email message (RFC 5322 with MIME). */
export async function parseMail(source: Buffer | Uint8Array): Promise<Email> {
  const { default: PostalMime } = await import('postal-mime');
  return PostalMime.parse(source, { maxNestingDepth: DEEPEST_MAIL });
}

/** Milliseconds in which an email message must be parsed. */
const LONGEST_PARSING_MS = 30_000;

/**
 * Parses an email message in a thread, because the parser takes long for some messages, and anybody can send one.
 * Undefined for a message that cannot be parsed, or not in time.
 */
export async function readMail(source: Buffer | Uint8Array, signal: AbortSignal): Promise<Email | undefined> {
  try {
    const { mail } = await inThread({ kind: 'mail', source }, signal, {
      longestMs: LONGEST_PARSING_MS,
    });
    return mail;
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem)) throw error;
    return undefined;
  }
}

/** Stores the attachments with matching names as spool files. */
export async function spoolAttachments(
  mail: Email,
  pattern: string | undefined,
  options: Pick<FetchOptions, 'spool' | 'name' | 'signal' | 'budget'>,
  first: number,
): Promise<readonly FeedFile[]> {
  const wanted = fileNames(pattern ?? '*');
  const files: FeedFile[] = [];
  for (const { filename, content } of mail.attachments.filter((one) => wanted(one.filename ?? ''))) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
    files.push(
      await spoolStream(
        Readable.from([bytes], { objectMode: false }),
        spoolPath(options, first + files.length),
        filename ?? 'attachment',
        bytes.length,
        [],
        options,
      ),
    );
  }
  return files;
}

/** True when the sender is in the list of allowed senders. */
export function isAllowedSender({ from }: Pick<Email, 'from'>, senders: readonly string[]): boolean {
  return isAllowedAddress(from?.address ?? '', senders);
}

/** True when an address is in the list of allowed senders, which are addresses, or domains with `@`. */
export function isAllowedAddress(address: string, senders: readonly string[]): boolean {
  const sender = address.toLowerCase();
  return senders
    .map((one) => one.toLowerCase())
    .some((one) => (one.startsWith('@') ? sender.endsWith(one) : sender === one));
}

/**
 * Replaces email files (`.eml`) by their attachments. Other files stay unchanged. The attachments share the space of the
 * run, `runBytes`, with the files that were fetched.
 */
export async function withAttachments(
  fetched: Fetched,
  { pattern, senders, kind }: TransportSpec,
  given: Pick<FetchOptions, 'spool' | 'name' | 'signal'>,
  runBytes: number = FETCH_LIMITS.runBytes,
): Promise<Fetched> {
  if (!fetched.files.some(isMail)) return fetched;
  const taken = fetched.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const options = { ...given, budget: new SpoolBudget(runBytes - taken) };
  const files: FeedFile[] = [];
  const oddities = [...fetched.oddities];
  for (const file of fetched.files) {
    if (!isMail(file)) {
      files.push(file);
      continue;
    }
    try {
      const isLarge = file.bytes > LARGEST_MAIL;
      const mail = isLarge ? undefined : await readMail(await spoolBytes(file.path), options.signal);
      if (mail === undefined)
        oddities.push(`${file.name.slice(0, 100)} ${isLarge ? 'is larger than 50 MiB' : 'cannot be read'}`);
      else if (senders !== undefined && !isAllowedSender(mail, senders))
        oddities.push(`${file.name.slice(0, 100)}: its sender is not among transport.senders`);
      else
        files.push(
          ...(await spoolAttachments(
            mail,
            // For a folder, the pattern applies to the email files themselves.
            kind === 'folder' ? undefined : pattern,
            { ...options, name: `${options.name}.mail` },
            files.length,
          )),
        );
    } finally {
      await discard({ files: [file] });
      options.budget.give(file.bytes);
    }
  }
  return { ...fetched, files, oddities };
}

function isMail({ name }: FeedFile): boolean {
  return /\.eml$/i.test(name);
}
