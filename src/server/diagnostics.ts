import type { Config } from '../config/config.ts';
import { isLoopback, parseNetwork } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Diagnosis } from '../kernel/diagnosis.ts';
import { reasonOf } from '../kernel/problem.ts';
import type { Store } from '../store/store.ts';
import { diagnoseTls } from './tls.ts';

/** Maximum time, in milliseconds, by which the newest date added may be ahead of the clock. */
const MOST_AHEAD_MS = 2_000;
/** Entries of the audit log from which `doctor` warns. They take about 5 GB with their index. */
const MANY_ENTRIES = 5_000_000;
/** Maximum number of damaged records that one check names. */
const MOST_NAMED = 50;
const OLDEST_NODE = [20, 19];
/** The shortest prefixes of a network that can consist of proxies only: an IPv4 /16 and an IPv6 /48. */
const WIDEST_TRUST = { 4: 16, 6: 48 } as const;

/** The part of a feed that the checks look at. */
export interface FeedFacts {
  readonly name: string;
  readonly state: string;
  readonly url: string;
  readonly alarms: readonly object[];
  readonly last_run?: object | undefined;
}

/** The part of the access records that the checks look at. */
export interface AccessFacts {
  /** Names of damaged records. */
  readonly damaged: readonly string[];
  /** Certificates that nobody has proven, with their accounts. */
  readonly unproven: readonly { readonly id: string; readonly account: string }[];
  /** Keys that end soon, with the time in milliseconds. */
  readonly ending: readonly { readonly id: string; readonly account: string; readonly expires: number }[];
}

/** The part of a channel that the checks look at. */
export interface ChannelFacts {
  readonly name: string;
  readonly state: string;
  readonly problem?: string | undefined;
}

/** Access records, feeds and channels, which the checks look at besides the store. */
export interface DiagnosedParts {
  readonly access: () => Promise<AccessFacts>;
  readonly feeds: () => Promise<readonly FeedFacts[]>;
  readonly channels: () => Promise<readonly ChannelFacts[]>;
  /** Loads the warning lists and returns how many there are. */
  readonly warningLists: () => Promise<number>;
  /** The check of the mail server. Empty without a mail server. */
  readonly mail: () => Promise<readonly Diagnosis[]>;
}

/** Checks everything that the hub depends on: the machine, the store, the clock and the feeds. */
export async function diagnose(
  config: Config,
  store: Store,
  clock: Clock,
  { access, feeds, channels, warningLists, mail }: DiagnosedParts,
): Promise<readonly Diagnosis[]> {
  const { tls } = config.listen;
  const found: Diagnosis[] = [
    node(),
    ...diagnoseNetwork(config),
    ...(tls === undefined ? [] : [diagnoseTls(tls, clock)]),
  ];
  for (const look of [
    () => store.diagnose(),
    async () => [await dates(store, clock)],
    async () => [await auditSize(store)],
    async () => [await damage(store)],
    async () => {
      const { damaged, unproven, ending } = await access();
      return [accessRecords(damaged), ...certificates(unproven), ...diagnoseKeys(ending)];
    },
    async () => diagnoseFeeds(await feeds(), config.runFeeds),
    async () => diagnoseChannels(await channels()),
    async () => [await diagnoseWarningLists(warningLists)],
    mail,
  ]) {
    try {
      found.push(...(await look()));
    } catch (error) {
      found.push({
        check: 'store',
        status: 'failed',
        found: reasonOf(error),
        hint: 'For details, see the log of the hub.',
      });
    }
  }
  return found;
}

function node(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [least = 0, leastMinor = 0] = OLDEST_NODE;
  const old = major < least || (major === least && minor < leastMinor);
  return old
    ? {
        check: 'Node',
        status: 'failed',
        found: process.version,
        hint: 'Install Node 24, or at least 20.19.',
      }
    : { check: 'Node', status: 'ok', found: process.version };
}

/** Checks how connections reach the hub, and whether the trusted proxies match that. */
export function diagnoseNetwork({
  listen,
  hub,
  trustedProxies,
}: Pick<Config, 'listen' | 'hub' | 'trustedProxies'>): readonly Diagnosis[] {
  const { host, behindProxy, tls } = listen;
  return [
    ...(tls === undefined
      ? [transport(host, behindProxy, hub.url)]
      : [{ check: 'network', status: 'ok', found: `terminates TLS itself, on ${host}` } as const]),
    ...trust(behindProxy, trustedProxies),
  ];
}

function transport(host: string, behindProxy: boolean, url: string): Diagnosis {
  const check = 'network';
  if (!behindProxy)
    return isLoopback(host)
      ? { check, status: 'ok', found: `listens on ${host} only` }
      : {
          check,
          status: 'failed',
          found: `listens on ${host} without TLS, and no proxy is configured, so secrets travel in clear text`,
          hint: 'Give the hub a certificate (listen.tls), or put a TLS proxy in front of it and set listen.behind_proxy.',
        };
  return url.startsWith('https:')
    ? { check, status: 'ok', found: `behind a proxy, as ${url}` }
    : {
        check,
        status: 'warning',
        found: `behind a proxy, but hub.url is ${url}`,
        hint: 'Set hub.url to the https address that members use.',
      };
}

/** Checks the proxies that the hub trusts to report the address of a client. */
function trust(behindProxy: boolean, proxies: readonly string[]): readonly Diagnosis[] {
  const check = 'proxies';
  const wide = proxies.find((text) => {
    const network = parseNetwork(text);
    return network !== undefined && network.prefix < WIDEST_TRUST[network.family];
  });
  if (wide !== undefined)
    return [
      {
        check,
        status: 'warning',
        found: `${wide} is trusted to name the addresses of clients, but is larger than a network of proxies`,
        hint: 'Name only the addresses of your proxies in limits.trusted_proxies. Every other host in the network can claim any address.',
      },
    ];
  if (proxies.length > 0 && !behindProxy)
    return [
      {
        check,
        status: 'warning',
        found: `${proxies.join(', ').slice(0, 200)} may name the addresses of clients, but no proxy is configured`,
        hint: 'Set listen.behind_proxy: true if the hub is behind a proxy. Otherwise remove limits.trusted_proxies.',
      },
    ];
  if (proxies.length === 0 && behindProxy)
    return [
      {
        check,
        status: 'warning',
        found:
          'behind a proxy that is not trusted to name the addresses of clients, so all of them seem to be one',
        hint: 'Add the addresses of the proxy to limits.trusted_proxies. Until then, wrong passwords of one client slow down all.',
      },
    ];
  return proxies.length === 0 ? [] : [{ check, status: 'ok', found: `${proxies.length} trusted` }];
}

/**
 * A clock that was once far ahead leaves dates added in the future. Clients that poll by their own clock then miss
 * objects.
 */
async function dates(store: Store, clock: Clock): Promise<Diagnosis> {
  const sizes = await store.sizes();
  const ahead = Math.max(0, ...sizes.map(({ last }) => last / 1000 - clock.now()));
  const check = 'dates added';
  return ahead <= MOST_AHEAD_MS
    ? { check, status: 'ok', found: 'no date is in the future' }
    : {
        check,
        status: 'warning',
        found: `they are ${Math.round(ahead / 1000)} s ahead of this clock`,
        hint: 'Compare the clocks of all processes (NTP). New objects keep their order, and dates are right again once this time has passed.',
      };
}

/** The audit log is kept whole, so the operator has to know when it becomes large. */
export async function auditSize(
  store: Pick<Store, 'auditHead' | 'auditStart'>,
  many: number = MANY_ENTRIES,
): Promise<Diagnosis> {
  const entries = ((await store.auditHead())?.seq ?? 0) - ((await store.auditStart())?.seq ?? 0);
  const found = entries === 1 ? '1 entry' : `${entries.toLocaleString('en')} entries`;
  const check = 'audit log';
  return entries < many
    ? { check, status: 'ok', found }
    : {
        check,
        status: 'warning',
        found,
        hint: 'Compare its growth with the free disk space, and look for the accounts that cause most entries (talanoa audit list). limits.audit_days removes old entries.',
      };
}

/** Damaged records that access depends on. The hub continues to work, and closes everything that they name. */
function accessRecords(names: readonly string[]): Diagnosis {
  const check = 'access records';
  if (names.length === 0) return { check, status: 'ok', found: 'all can be read' };
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return {
    check,
    status: 'failed',
    found: `cannot be read: ${names.slice(0, MOST_NAMED).join(', ')}${more}`,
    hint: 'Everything that these records name is closed: nobody can sign in with it, read it or receive it, and while a member, claim or delegation is among them, nothing is routed to the members that it affects. Stop the hub and restore a backup. A damaged delegation is also repaired by importing the file of its registry again.',
  };
}

/** Certificates of earlier versions, which cannot be used to sign in until somebody proves their private key. */
function certificates(unproven: AccessFacts['unproven']): readonly Diagnosis[] {
  if (unproven.length === 0) return [];
  const names = unproven.slice(0, MOST_NAMED).map(({ id, account }) => `${id} (account ${account})`);
  const more = unproven.length > MOST_NAMED ? ` and ${unproven.length - MOST_NAMED} more` : '';
  return [
    {
      check: 'client certificates',
      status: 'warning',
      found: `${unproven.length} registered by an earlier version without proof of the private key, so they cannot be used to sign in: ${names.join(', ')}${more}`,
      hint: 'Register each certificate again with "talanoa key register-certificate FILE --key KEYFILE --account NAME", or revoke it with "talanoa key revoke ID".',
    },
  ];
}

async function damage(store: Store): Promise<Diagnosis> {
  const faults = await store.damage();
  const check = 'damage';
  return faults.length === 0
    ? { check, status: 'ok', found: 'none found' }
    : {
        check,
        status: 'failed',
        found: `${faults.length} faults, the first: ${faults[0] ?? ''}`,
        hint: 'Stop the hub and restore a backup.',
      };
}

/**
 * Checks the lists of harmless values. Without them, the hub refuses to publish values rather than publish them
 * unchecked.
 */
export async function diagnoseWarningLists(load: DiagnosedParts['warningLists']): Promise<Diagnosis> {
  const check = 'warning lists';
  try {
    return { check, status: 'ok', found: `${await load()} can be read` };
  } catch (error) {
    return {
      check,
      status: 'failed',
      found: `cannot be read: ${reasonOf(error)}`,
      hint: 'Until they can be read, feeds store nothing and nobody can publish values. If the error names a file, install the program again. If it names a record, run the feed that maintains this list, or restore a backup.',
    };
  }
}

/** States of a feed that need a person. */
const TROUBLED = new Set(['failing', 'gone', 'needs-key', 'suspect']);

/** Checks that the feeds with a schedule run. Feeds that are paused or off are left out, and so are uploads. */
export function diagnoseFeeds(feeds: readonly FeedFacts[], runsFeeds: boolean): readonly Diagnosis[] {
  const check = 'feeds';
  const active = feeds.filter(
    ({ state, url }) => state !== 'off' && state !== 'paused' && url !== '(upload)',
  );
  if (active.length === 0) return [];
  const isTroubled = ({ state, alarms }: FeedFacts): boolean => TROUBLED.has(state) || alarms.length > 0;
  const troubled = active.filter(isTroubled);
  const unused = active.filter((feed) => feed.last_run === undefined && !isTroubled(feed));
  if (troubled.length === 0 && unused.length === 0 && runsFeeds)
    return [{ check, status: 'ok', found: `${active.length} without problems` }];
  const hints = [
    ...(troubled.length === 0 ? [] : ['For the reason, run: talanoa feed show NAME.']),
    ...(runsFeeds
      ? unused.length === 0
        ? []
        : [
            'A hub that runs starts a new feed within a minute: talanoa serve. To run it now: talanoa feed run NAME',
          ]
      : [
          'This process runs no feeds by schedule (--no-feeds or TALANOA_FEEDS=false). Start it without that, or run: talanoa feed run NAME',
        ]),
  ];
  return [
    {
      check,
      status: 'warning',
      found: [
        ...(troubled.length === 0 ? [] : [`need attention: ${namesOf(troubled)}`]),
        ...(unused.length === 0 ? [] : [`have never run: ${namesOf(unused)}`]),
        ...(runsFeeds ? [] : [`${active.length} switched off in this process`]),
      ].join('; '),
      hint: hints.join(' '),
    },
  ];
}

/** States of a channel in which it delivers nothing until a person acts. */
const STOPPED = new Set(['failing', 'broken', 'closed', 'no grant']);

/** Checks that the channels deliver. A channel that a person has paused is as intended. */
export function diagnoseChannels(channels: readonly ChannelFacts[]): readonly Diagnosis[] {
  if (channels.length === 0) return [];
  const check = 'channels';
  const stopped = channels.filter(({ state, problem }) => STOPPED.has(state) || problem !== undefined);
  return stopped.length === 0
    ? [{ check, status: 'ok', found: `${channels.length} without problems` }]
    : [
        {
          check,
          status: 'warning',
          found: `need attention: ${namesOf(stopped)}`,
          hint: 'For the reason, run: talanoa channel show NAME',
        },
      ];
}

/** Names the keys that end soon, because a tool whose key has ended often reports no error. */
export function diagnoseKeys(ending: AccessFacts['ending']): readonly Diagnosis[] {
  if (ending.length === 0) return [];
  const names = ending.map(({ id, account, expires }) => ({
    name: `${id} (account ${account}, ${new Date(expires).toISOString().slice(0, 10)})`,
  }));
  return [
    {
      check: 'keys',
      status: 'warning',
      found: `end soon: ${namesOf(names)}`,
      hint: 'Give each account a new key before that: talanoa key rotate ID',
    },
  ];
}

function namesOf(things: readonly { readonly name: string }[]): string {
  const more = things.length - MOST_NAMED;
  const names = things.slice(0, MOST_NAMED).map(({ name }) => name);
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
