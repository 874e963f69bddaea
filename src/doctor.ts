import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { Diagnosis } from './kernel/diagnosis.ts';
import { reasonOf } from './kernel/problem.ts';
import type { Store } from './store/store.ts';
import { diagnoseTls } from './tls.ts';

/** How far dates added may run ahead of the clock. */
const MOST_AHEAD_MS = 2_000;
const OLDEST_NODE = [20, 19];

/** Looks at what the promises of the hub rest on: the machine, the store, the clock (security.md R-149). */
export async function diagnose(config: Config, store: Store, clock: Clock): Promise<readonly Diagnosis[]> {
  const { tls } = config.listen;
  const found: Diagnosis[] = [
    node(),
    network(config),
    ...(tls === undefined ? [] : [diagnoseTls(tls, clock)]),
  ];
  for (const look of [
    () => store.diagnose(),
    async () => [await dates(store, clock)],
    async () => [await damage(store)],
  ]) {
    try {
      found.push(...(await look()));
    } catch (error) {
      found.push({
        check: 'store',
        status: 'failed',
        found: reasonOf(error),
        hint: 'The log of the hub says more.',
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
        hint: 'Install Node 24, or 20.19 at least.',
      }
    : { check: 'Node', status: 'ok', found: process.version };
}

function network(config: Config): Diagnosis {
  const { host, behindProxy, tls } = config.listen;
  const check = 'network';
  if (tls !== undefined) return { check, status: 'ok', found: `ends TLS itself, on ${host}` };
  if (!behindProxy) return { check, status: 'ok', found: `listens on ${host} only` };
  return config.hub.url.startsWith('https:')
    ? { check, status: 'ok', found: `behind a proxy, as ${config.hub.url}` }
    : {
        check,
        status: 'warning',
        found: `behind a proxy, but hub.url is ${config.hub.url}`,
        hint: 'Set hub.url to the https address that members use.',
      };
}

/** A clock that was once far ahead leaves dates added in the future: pollers that go by their own clock then miss objects. */
async function dates(store: Store, clock: Clock): Promise<Diagnosis> {
  const sizes = await store.sizes();
  const ahead = Math.max(0, ...sizes.map(({ last }) => last / 1000 - clock.now()));
  const check = 'dates added';
  return ahead <= MOST_AHEAD_MS
    ? { check, status: 'ok', found: 'none lies in the future' }
    : {
        check,
        status: 'warning',
        found: `they run ${Math.round(ahead / 1000)} s ahead of this clock`,
        hint: 'Compare the clocks of all processes (NTP). New objects keep their order, and dates are right again once this time has passed.',
      };
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
