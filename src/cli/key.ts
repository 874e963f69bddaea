import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { proofText, type KeyProof } from '../access/certificates.ts';
import type { CreatedCertificate, CreatedKey, Key, Whoami } from '../api/schema-types.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { dayOf, graded, table, writeJson } from './output.ts';
import { systemClock } from '../kernel/clock.ts';
import { fileReasonOf, reasonOf } from '../kernel/problem.ts';
import { withHub, type LocalClient } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

export interface KeyFlags extends CommonFlags {
  readonly account?: string;
  readonly member?: string;
  readonly role?: string;
  readonly collections?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  readonly expires?: number;
  readonly label?: string;
  readonly scopes?: readonly string[];
  readonly only?: readonly string[];
  readonly addresses?: readonly string[];
}

export interface CertificateFlags extends KeyFlags {
  /** File with the private key. The key stays on this machine. */
  readonly key?: string;
}

export interface UnusedFlags extends CommonFlags {
  readonly days: number;
}

export interface RotateFlags extends CommonFlags {
  readonly overlap?: number;
  readonly expires?: number;
}

/** `talanoa key create`: prints the key once, with a command line that uses it. */
export async function keyCreate(flags: KeyFlags, io: Io): Promise<number> {
  const described = await withHub(flags, io, (client) => made(client, '/api/v1/keys', bodyOf(flags)));
  tellKey(described, flags, io);
  const { key } = described;
  if (key.account_created && flags.json !== true && flags.quiet !== true) {
    // A mistyped name must not go unnoticed: the key then has none of the rights of the account that was meant.
    io.stderr.write(
      `\nThe hub had no account "${key.account}", so it created this service account${key.member === undefined ? '' : ` of ${key.member}`}. If you mistyped the name: talanoa account delete ${key.account}\n`,
    );
  }
  return EXIT.done;
}

/** `talanoa key register-certificate FILE`: registers a client certificate for a service account. */
export async function keyRegisterCertificate(file: string, flags: CertificateFlags, io: Io): Promise<number> {
  const certificate = readPem(file, 'a certificate');
  const key = flags.key === undefined ? undefined : readPem(flags.key, 'the private key');
  const made = await withHub(flags, io, async (client) =>
    client.post<CreatedCertificate>('/api/v1/certificates', {
      ...bodyOf(flags),
      certificate,
      ...(key === undefined ? {} : { proof: proofOf(key, flags, await addressOf(client)) }),
    }),
  );
  if (flags.json === true) writeJson(made, io);
  else
    io.stdout.write(
      `Certificate ${made.id} signs in ${made.account} until ${dayOf(made.expires, io)} (SHA-256 of its public key: ${made.certificate ?? ''})\n`,
    );
  return EXIT.done;
}

function readPem(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw commandErrors.pemUnreadable({ file, what }, { description: fileReasonOf(error), cause: error });
  }
}

/** Signs the statement that proves possession of a private key. The key itself stays on this machine. */
function proofOf(pem: string, { account, member }: KeyFlags, hub: string): KeyProof {
  const signedAt = new Date(systemClock.now()).toISOString();
  const name = account ?? (member === undefined ? '' : `${member}-key`);
  try {
    const key = createPrivateKey(pem);
    const isEdwards = key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448';
    const text = Buffer.from(proofText(hub, name, signedAt));
    return {
      signed_at: signedAt,
      signature: sign(isEdwards ? null : 'sha256', text, key).toString('base64'),
    };
  } catch (error) {
    throw commandErrors.invalidPrivateKey({ description: reasonOf(error), cause: error });
  }
}

function bodyOf(flags: KeyFlags): Record<string, unknown> {
  const { account, member, role, collections, write, expires, label, scopes, only, addresses } = flags;
  // `--write` without `--read` means write access only. Neither flag means read access.
  const read = flags.read === true || write !== true;
  return {
    read,
    write: write === true,
    ...(account === undefined ? {} : { account }),
    ...(member === undefined ? {} : { member }),
    ...(role === undefined ? {} : { role }),
    ...(collections === undefined ? {} : { collections }),
    ...(expires === undefined ? {} : { expiresDays: expires }),
    ...(label === undefined ? {} : { label }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(only === undefined ? {} : { only }),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

/** `talanoa key list`: lists keys with their limits, their last use and their expiry. */
export function keyList(flags: KeyFlags, io: Io): Promise<number> {
  const query = flags.account === undefined ? '' : `?account=${encodeURIComponent(flags.account)}`;
  const whose = flags.account === undefined ? 'ACCOUNT' : flags.account;
  return listed(
    `/api/v1/keys${query}`,
    `No keys. Create one: talanoa key create --account ${whose}`,
    flags,
    io,
  );
}

/** `talanoa key unused`: lists keys that were not used for a number of days, so that they can be revoked. */
export function keyUnused(flags: UnusedFlags, io: Io): Promise<number> {
  const none = `Every active key was used or created in the last ${count(flags.days)} days.`;
  return listed(`/api/v1/keys/unused?days=${flags.days}`, none, flags, io);
}

/** `none` is the text for an empty list. */
async function listed(path: string, none: string, flags: KeyFlags, io: Io): Promise<number> {
  const { account } = flags;
  const items = await withHub(flags, io, async (client) => {
    // An empty list must not hide a mistyped name.
    if (account !== undefined) await client.get(`/api/v1/accounts/${encodeURIComponent(account)}`);
    return client.list<Key>(path);
  });
  if (flags.json === true) {
    writeJson({ items }, io);
    return EXIT.done;
  }
  if (items.length === 0) {
    io.stdout.write(`${none}\n`);
    return EXIT.done;
  }
  const day = (time: string | undefined): string => (time === undefined ? '-' : dayOf(time, io));
  io.stdout.write(
    `${table(
      [
        ['KEY', 'BEGINS', 'ACCOUNT', 'STATE', 'ENDS', 'LAST USED', 'BY', 'LIMITED TO', 'LABEL'],
        ...items.map((key) => [
          key.id,
          key.certificate === undefined ? `tln_${key.prefix}` : 'certificate',
          key.account,
          graded(key.state, key.state === 'active' ? 'good' : 'notice', io),
          day(key.expires),
          day(key.last_used),
          printable(key.last_client ?? '-'),
          [...(key.scopes ?? []), ...(key.only ?? []), ...(key.addresses ?? [])].join(' ') || '-',
          printable(key.label ?? ''),
        ]),
      ],
      io,
    )}\n`,
  );
  return EXIT.done;
}

/** `talanoa key rotate KEY`: prints the new key. The old one keeps working for a while. */
export async function keyRotate(id: string, flags: RotateFlags, io: Io): Promise<number> {
  const body = {
    ...(flags.overlap === undefined ? {} : { overlapDays: flags.overlap }),
    ...(flags.expires === undefined ? {} : { expiresDays: flags.expires }),
  };
  const path = `/api/v1/keys/${encodeURIComponent(id)}/rotation`;
  const next = await withHub(flags, io, (client) => made(client, path, body));
  tellKey(next, flags, io);
  const until = next.others.find((key) => key.id === id)?.expires;
  if (flags.quiet !== true && flags.json !== true && until !== undefined)
    io.stderr.write(
      `\nThe old key ${id} stays valid until ${dayOf(until, io)}, so that its tools can change to the new one. To end it now: talanoa key revoke ${id}\n`,
    );
  return EXIT.done;
}

/** `talanoa key revoke KEY…`. */
export async function keyRevoke(ids: readonly string[], flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, async (client) => {
    for (const id of ids) {
      await client.delete(`/api/v1/keys/${encodeURIComponent(id)}`);
      if (flags.quiet !== true && flags.json !== true) io.stderr.write(`Key ${id} revoked.\n`);
    }
  });
  return EXIT.done;
}

/** Returns the URL that the running hub reports to every account. Its port may differ from the one in the settings file. */
async function addressOf(client: LocalClient): Promise<string> {
  return (await client.get<Whoami>('/api/v1/whoami')).url ?? 'https://HUB';
}

/** A new key, and what a command line needs that uses it. */
interface DescribedKey {
  readonly key: CreatedKey;
  /** URL of the hub. */
  readonly url: string;
  /** Its limits. Undefined when the caller could not read them. */
  readonly limits: Pick<Key, 'scopes' | 'addresses'> | undefined;
  /** The keys of its account that the caller may list. */
  readonly others: readonly Key[];
}

/** Makes a key. The address of the hub is asked first: an error after the key exists would lose its secret. */
async function made(client: LocalClient, path: string, body: object): Promise<DescribedKey> {
  const url = await addressOf(client);
  const key = await client.post<CreatedKey>(path, body);
  // Not every caller may list keys, and the secret must be printed in any case.
  const keys = await client
    .list<Key>(`/api/v1/keys?account=${encodeURIComponent(key.account)}`)
    .catch(() => []);
  return { key, url, limits: keys.find(({ id }) => id === key.id), others: keys };
}

/** Prints a new key once, with a command line that uses it. */
function tellKey({ key, url, limits }: DescribedKey, flags: CommonFlags, io: Io): void {
  if (flags.json === true) {
    writeJson(key, io);
    return;
  }
  io.stdout.write(`${key.secret}\n`);
  if (flags.quiet === true) return;
  const [first] = key.collections;
  io.stderr.write(
    `\nKey of the account ${key.account}, until ${dayOf(key.expires, io)}. It is shown only once.\n`,
  );
  for (const { title, read: mayRead, write: mayWrite } of key.collections) {
    io.stderr.write(
      `  ${printable(title)}: ${[mayRead ? 'read' : '', mayWrite ? 'write' : ''].filter((word) => word !== '').join(' and ')}\n`,
    );
  }
  if (first === undefined) {
    io.stderr.write(
      `  It has no access to a collection${'scopes' in flags && flags.scopes !== undefined ? ' within its scopes' : ' yet'}. To grant access: talanoa grant create COLLECTION account:${key.account} --read\n`,
    );
  } else {
    const read = key.collections.find(({ read: mayRead }) => mayRead);
    const request = read === undefined ? undefined : requestWith(key.secret, limits?.scopes, read, url);
    if (request !== undefined) io.stderr.write(`\nTry it:\n  ${request}\n`);
    if (limits?.addresses !== undefined)
      io.stderr.write(`It works only from ${limits.addresses.join(', ')}.\n`);
  }
}

/** Returns a command line that the scopes of the key allow. Undefined when they allow no reading of a collection. */
function requestWith(
  secret: string,
  scopes: Key['scopes'],
  { api_root: root, id }: CreatedKey['collections'][number],
  url: string,
): string | undefined {
  const curl = `curl -H 'Authorization: Bearer ${secret}'`;
  if (scopes === undefined || scopes.includes('taxii:read'))
    return `${curl} -H 'Accept: application/taxii+json;version=2.1' \\\n       '${url}/${root}/collections/${id}/objects/?limit=10'`;
  return scopes.includes('lists:read') ? `${curl} '${url}/lists/${id}/plain'` : undefined;
}
