import type { Channel as ChannelListed, DeadLettersRequest, Secret } from '../api/schema-types.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { type Grade, graded, table, when, writeJson, writeResult } from './output.ts';
import { withHub, type LocalClient } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

const pathOf = (name: string): string => `/api/v1/channels/${encodeURIComponent(name)}`;

const GRADES: Readonly<Record<ChannelListed['state'], Grade>> = {
  current: 'good',
  behind: 'notice',
  paused: 'notice',
  failing: 'bad',
  broken: 'bad',
  closed: 'bad',
  'no grant': 'bad',
};

function channelTable(items: readonly ChannelListed[], io: Io): string {
  return table(
    [
      ['CHANNEL', 'MEMBER', 'KIND', 'READS', 'STATE', 'DELIVERED', 'WAITING', 'LAST OK', 'PROBLEM'],
      ...items.map((item) => [
        item.name,
        item.member,
        item.kind,
        printable(item.collection),
        graded(item.state, GRADES[item.state], io),
        count(item.delivered),
        `${count(item.waiting)}${item.more ? '+' : ''}`,
        item.last_ok === undefined ? '-' : when(item.last_ok, io),
        printable(
          [
            item.paused === undefined
              ? ''
              : `paused by ${item.paused.by}${item.paused.reason === undefined ? '' : `: ${item.paused.reason}`}`,
            item.problem ?? '',
            item.last_error ?? '',
            item.next_digest === undefined ? '' : `next digest ${when(item.next_digest, io)}`,
            item.next_try === undefined ? '' : `next try ${when(item.next_try, io)}`,
            item.dead_letters.length === 0 ? '' : `${item.dead_letters.length} rejected permanently`,
          ]
            .filter((text) => text !== '')
            .join('; '),
        ) || '-',
      ]),
    ],
    io,
  );
}

function shown(item: ChannelListed, flags: CommonFlags, io: Io): number {
  writeResult(item, () => channelTable([item], io), flags, io);
  if (flags.json !== true)
    for (const { id, at, message } of item.dead_letters)
      io.stdout.write(`${when(at, io)}  ${printable(`${id}: ${message}`)}\n`);
  return EXIT.done;
}

/** `talanoa channel list`. */
export async function channelList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<ChannelListed>('/api/v1/channels'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0 ? 'No channels. Members poll their collections.\n' : `${channelTable(items, io)}\n`,
    );
  return EXIT.done;
}

/** `talanoa channel show NAME`. */
export async function channelShow(name: string, flags: CommonFlags, io: Io): Promise<number> {
  return shown(await withHub(flags, io, (client) => client.get<ChannelListed>(pathOf(name))), flags, io);
}

export interface ChannelFlags extends CommonFlags {
  readonly member: string;
  readonly kind: string;
  readonly url: string;
  readonly collection?: string;
  readonly tokenUrl?: string;
  readonly action?: string;
  readonly username?: string;
  readonly secret?: string;
  readonly every?: string;
  readonly at?: string;
  readonly zone?: string;
  readonly all?: boolean;
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  readonly minConfidence?: number;
}

/** `talanoa channel create NAME`. */
export async function channelCreate(name: string, flags: ChannelFlags, io: Io): Promise<number> {
  // The remaining flags are the fields of the request and have the same names.
  const { config: _config, data: _data, hub: _hub, json: _json, quiet: _quiet, all, minConfidence, tokenUrl, ...given } = flags; // prettier-ignore
  const body = {
    name,
    ...given,
    ...(all === true ? { relevance: 'all' } : {}),
    ...(minConfidence === undefined ? {} : { min_confidence: minConfidence }),
    ...(tokenUrl === undefined ? {} : { token_url: tokenUrl }),
  };
  const { made, missing } = await withHub(flags, io, async (client) => ({
    made: await client.post<ChannelListed>('/api/v1/channels', body),
    missing: await missingSecret(client, flags),
  }));
  const code = shown(made, flags, io);
  if (missing !== undefined && flags.quiet !== true && flags.json !== true) io.stderr.write(`${missing}\n`);
  return code;
}

/**
 * Returns a warning if the hub does not have the secret of a channel for its host. The channel would otherwise look
 * ready, and close with its first object. Callers without permission to list secrets get no warning.
 */
async function missingSecret(
  client: LocalClient,
  { secret, url, tokenUrl }: Pick<ChannelFlags, 'secret' | 'url' | 'tokenUrl'>,
): Promise<string | undefined> {
  const name = secret?.startsWith('secret:') === true ? secret.slice('secret:'.length) : undefined;
  if (name === undefined) return undefined;
  // The hub has accepted the URLs. The host of the service gets the token that the secret is exchanged for.
  const hosts = [...new Set([tokenUrl ?? url, url].map((one) => new URL(one).host))];
  const secrets = await client.list<Secret>('/api/v1/secrets').catch(() => undefined);
  const found = secrets?.find((one) => one.name === name);
  const missing = hosts.filter((host) => found?.hosts.includes(host) !== true);
  if (secrets === undefined || missing.length === 0) return undefined;
  const why =
    found === undefined
      ? `The hub has no secret ${name} yet.`
      : `The secret ${name} is stored for ${found.hosts.join(', ')}, not for ${missing.join(', ')}.`;
  return `${why} The channel delivers nothing without it. To store it: talanoa secret set ${name} --host ${hosts.join(' ')}`;
}

/** `talanoa channel pause NAME`. */
export async function channelPause(
  name: string,
  flags: CommonFlags & { readonly reason?: string },
  io: Io,
): Promise<number> {
  const body = flags.reason === undefined ? {} : { reason: flags.reason };
  return shown(
    await withHub(flags, io, (client) => client.post<ChannelListed>(`${pathOf(name)}/pause`, body)),
    flags,
    io,
  );
}

/** `talanoa channel resume NAME`. */
export async function channelResume(name: string, flags: CommonFlags, io: Io): Promise<number> {
  return shown(
    await withHub(flags, io, (client) => client.post<ChannelListed>(`${pathOf(name)}/resumption`, {})),
    flags,
    io,
  );
}

/** `talanoa channel replay NAME --since TIME`. */
export async function channelReplay(
  name: string,
  flags: CommonFlags & { readonly since: string },
  io: Io,
): Promise<number> {
  return shown(
    await withHub(flags, io, (client) =>
      client.post<ChannelListed>(`${pathOf(name)}/replay`, { since: flags.since }),
    ),
    flags,
    io,
  );
}

/** `talanoa channel resend NAME` and `talanoa channel clear NAME`: settle dead letters, of some objects or of all. */
export async function channelSettle(
  name: string,
  way: DeadLettersRequest['way'],
  objects: readonly string[],
  flags: CommonFlags,
  io: Io,
): Promise<number> {
  const body = { way, ...(objects.length === 0 ? {} : { objects }) };
  return shown(
    await withHub(flags, io, (client) => client.post<ChannelListed>(`${pathOf(name)}/dead-letters`, body)),
    flags,
    io,
  );
}

/** `talanoa channel delete NAME`. */
export async function channelDelete(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(pathOf(name)));
  if (flags.quiet !== true) io.stderr.write(`Channel ${name} deleted.\n`);
  return EXIT.done;
}
