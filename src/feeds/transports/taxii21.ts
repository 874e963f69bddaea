import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { TransportSpec } from '../../config/settings.ts';
import { Problem } from '../../kernel/problem.ts';
import { TaxiiClient } from '../../taxii/client/client.ts';
import { Connection, type Credentials } from '../../taxii/client/connection.ts';
import { SpoolLines } from '../spool.ts';
import {
  FETCH_LIMITS,
  FetchProblem,
  secretOf,
  spoolPath,
  type FetchOptions,
  type Fetched,
  LATE,
  isLate,
} from './transport.ts';

const PAGES = 1_000;

/**
 * Polls a collection of a TAXII 2.1 server into a spool file. It starts where the last run ended. Each line has one
 * object as a JSON string, which keeps its exact text.
 */
export async function fetchTaxii21(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const oddities: string[] = [];
  const client = new TaxiiClient(
    new Connection({
      http: options.http,
      clock: options.clock,
      credentials: credentialsOf(transport, options.secret),
      signal: options.signal,
      onOddity: (text) => oddities.push(text),
    }),
  );
  const url = (transport.url ?? '').replace(/\/?(?:objects\/?)?$/, '/');
  const path = spoolPath(options);
  const digest = createHash('sha256');
  const out = new SpoolLines(path);
  let state = options.cursor.poll ?? {};
  let bytes = 0;
  let pages = 0;
  let incomplete: string | undefined;
  try {
    for await (const page of client.pages(url, state, { limit: transport.page_limit ?? 1_000 })) {
      // The run puts anything other than an object into quarantine.
      for (const text of [...page.texts, ...page.skipped]) {
        const line = JSON.stringify(text);
        digest.update(line).update('\n');
        bytes += Buffer.byteLength(line) + 1;
        await out.write(line);
      }
      state = page.state;
      if (options.signal.aborted) throw new FetchProblem('The run was stopped', { failure: 'source' });
      // The next run fetches the rest. The cursor contains the position.
      if (++pages >= (transport.max_pages ?? PAGES) || bytes > FETCH_LIMITS.wireBytes) break;
      if (isLate(options)) {
        oddities.push(LATE);
        break;
      }
    }
  } catch (error) {
    // The position is after the received pages, so the next run continues from there.
    if (pages === 0 || options.signal.aborted || !(error instanceof Problem)) {
      await rm(path, { force: true });
      throw error;
    }
    incomplete = `fetching stopped after ${pages} ${pages === 1 ? 'page' : 'pages'}: ${error.message}`;
  } finally {
    await out.close();
  }
  return {
    ...(incomplete === undefined ? {} : { incomplete }),
    status: 200,
    files: [{ name: 'objects', path, sha256: digest.digest('hex'), bytes }],
    cursor: { poll: state },
    unchanged: bytes === 0,
    oddities,
  };
}

function credentialsOf({ auth }: TransportSpec, secret: FetchOptions['secret']): Credentials {
  if (auth === undefined || auth.kind === 'none') return { kind: 'none' };
  if (auth.optional === true && (auth.secret === undefined || secret(auth.secret) === undefined))
    return { kind: 'none' };
  if (auth.kind === 'basic')
    return { kind: 'basic', user: auth.username ?? '', password: secretOf(auth.secret, secret) };
  if (auth.kind === 'bearer') return { kind: 'bearer', token: secretOf(auth.secret, secret) };
  throw new FetchProblem(`A TAXII feed cannot sign in with ${auth.kind}`, {
    failure: 'setting',
    hint: 'Use basic or bearer.',
  });
}
