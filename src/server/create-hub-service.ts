import type { Settings } from '../api/schema-types.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import { HubService, type MailAnswer } from '../access/hub-service.ts';
import { OPERATOR } from '../access/principal.ts';
import type { Config } from '../config/config.ts';
import { valueLists } from '../feeds/create-feeds.ts';
import type { Feeds } from '../feeds/service.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Mailer } from '../kernel/mailer.ts';
import type { ChannelAdmin } from '../sharing/channels/service.ts';
import type { Store } from '../store/store.ts';
import { diagnose, type AccessFacts } from './diagnostics.ts';
import { MailCheck } from './mail-check.ts';
import type { Metrics } from './metrics.ts';
import { hubStatus } from './status.ts';

/** `doctor` names the keys that end within this time. */
const SOON_MS = 14 * 86_400_000;

interface HubParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly feeds: Feeds;
  readonly channels: ChannelAdmin;
  readonly meter: Metrics;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly url: () => string;
  readonly mailer: Pick<Mailer, 'check'> | undefined;
}

/** Creates the service for information about the hub itself. */
export function createHubService(config: Config, parts: HubParts): HubService {
  const { store, directory, feeds, channels, meter, audit, clock, url, mailer } = parts;
  const mail = mailer === undefined ? undefined : new MailCheck(mailer, clock);
  const running = new Map<MailAnswer, ReturnType<typeof diagnose>>();
  return new HubService(
    {
      status: async () => hubStatus(config, url(), store, await directory.current(), await feeds.list()),
      diagnosis: (mailAnswer) => {
        // The checks read the whole store, so everybody who asks meanwhile gets the same ones.
        const same = running.get(mailAnswer);
        if (same !== undefined) return same;
        const found = diagnose(config, store, clock, {
          access: () => accessFacts(directory, clock),
          feeds: () => feeds.list(),
          channels: () => channels.list(OPERATOR),
          warningLists: async () => (await valueLists(store)()).size,
          mail: async () =>
            mail === undefined ? [] : mailAnswer === 'last' ? mail.last() : [await mail.now()],
        }).finally(() => running.delete(mailAnswer));
        running.set(mailAnswer, found);
        return found;
      },
      settings: () => effectiveSettings(config, url(), store.name),
      metrics: () => meter.text(),
    },
    audit,
    directory,
  );
}

async function accessFacts(directory: Directory, clock: Clock): Promise<AccessFacts> {
  const snapshot = await directory.refresh();
  const unproven = snapshot
    .unprovenKeys()
    .map(({ id, account }) => ({ id, account: snapshot.accountLabel(account) }));
  const ending = snapshot.endingKeys(clock.now(), clock.now() + SOON_MS).map(({ id, account, expires }) => ({
    id,
    account: snapshot.accountLabel(account),
    expires,
  }));
  return { damaged: snapshot.damage.names, unproven, ending };
}

/**
 * Returns the effective settings, in the terms of the settings file. They contain no secret and no name of a secret.
 */
function effectiveSettings(
  config: Config,
  url: string,
  store: string,
): Settings & Readonly<Record<string, unknown>> {
  const {
    file,
    sources,
    revision,
    hub,
    listen,
    roles,
    data,
    logLevel,
    rates,
    objectsPerDay,
    trustedProxies,
    connections,
    egressAllow,
  } = config;
  return {
    ...(file === undefined ? {} : { file }),
    revision,
    sources,
    hub: {
      title: hub.title,
      url,
      time_zone: hub.timeZone,
      language: hub.language,
      ...(hub.contact === undefined ? {} : { contact: hub.contact }),
      ...(hub.security === undefined ? {} : { security: hub.security }),
    },
    listen: {
      host: listen.host,
      port: listen.port,
      behind_proxy: listen.behindProxy,
      drain_s: listen.drainMs / 1000,
      tls: listen.tls !== undefined,
    },
    roles: Object.entries(roles).flatMap(([role, does]) => (does ? [role] : [])),
    data,
    store,
    log: { level: logLevel },
    sign_in: signInOf(config),
    limits: {
      ...rates,
      objects_per_day: objectsPerDay,
      connections: connections.total,
      connections_per_address: connections.perAddress,
      trusted_proxies: trustedProxies,
    },
    egress: { allow: egressAllow },
    api_roots: config.apiRoots,
  };
}

function signInOf({ secondFactor, oidc }: Config): Readonly<Record<string, unknown>> {
  return {
    second_factor: secondFactor,
    ...(oidc === undefined
      ? {}
      : { oidc: { issuer: oidc.issuer, client_id: oidc.clientId, title: oidc.title } }),
  };
}
