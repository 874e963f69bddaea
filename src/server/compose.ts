import type { Server } from 'node:http';
import { createAccess } from '../access/create-access.ts';
import { createSignIn } from '../access/create-sign-in.ts';
import { apiOperations } from '../api/table.ts';
import type { Config } from '../config/config.ts';
import { settingsOf } from '../config/reconcile.ts';
import { createFeeds, valueLists } from '../feeds/create-feeds.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { createMembers } from '../members/create-members.ts';
import { createSharing } from '../sharing/create-sharing.ts';
import { createApps } from './create-apps.ts';
import { createEgress } from './create-egress.ts';
import { createHousekeeping } from './create-housekeeping.ts';
import { createHubService } from './create-hub-service.ts';
import { createMeter } from './create-meter.ts';
import { openSealer, createSecrets, localSecrets } from './create-secrets.ts';
import { createStore, type HubStore } from './create-store.ts';
import type { Health } from './health-app.ts';
import { securityHeaders } from './http-headers.ts';
import type { Hub, Ports } from './hub.ts';
import { createLifecycle, listFolderOf, spoolOf } from './lifecycle.ts';
import { originReader } from './origin.ts';
import { PublicUrl } from './public-url.ts';
import { PERSONAL_KINDS, RECORD_KINDS } from './record-kinds.ts';

/**
 * The composition root: builds a hub from a Config. Importing the module opens nothing. The function opens the store,
 * and `start` opens the sockets.
 */
export async function compose(config: Config, log: Log, ports: Ports = {}): Promise<Hub> {
  const base = { clock: ports.clock ?? systemClock, ids: ports.ids ?? systemIds, log };
  const stores = await createStore(config, base, ports, RECORD_KINDS);
  try {
    return await composeOn(config, { ...base, store: stores.store }, stores, ports);
  } catch (error) {
    await stores.store.close();
    throw error;
  }
}

type Base = Pick<Required<Ports>, 'clock' | 'ids' | 'store'> & { readonly log: Log };

// oxlint-disable-next-line max-lines-per-function -- A list of factories, each with what it needs.
async function composeOn(config: Config, base: Base, stores: HubStore, ports: Ports): Promise<Hub> {
  const { clock, ids, log, store } = base;
  const local = localSecrets(config);
  const sealer = await openSealer(config, store, ports.isNew);
  const { credentials, unapplied } = await settingsOf(config, stores.opened, clock, ids, log, ports);
  const { title, timeZone, region } = config.hub;
  const url = new PublicUrl(config.hub.url);
  const hubFacts = { title, timeZone, url: url.get };
  const access = await createAccess({ ...base, sealer, title });
  const { directory, ledger, audit, notifications } = access;
  const { http, mailer, send } = createEgress(config);
  const { secret, refreshSecrets, permitFeed, permitChannel } = createSecrets(local, access.secrets);
  const { auditDays, objectsPerDay, validation } = config;
  const sharing = await createSharing({
    ...base, ...access, sealer, http, mailer, hub: hubFacts, region, life: config.life, objectsPerDay, validation,
    secret, refreshSecrets, permitChannel, lists: valueLists(store), listFolder: listFolderOf(config),
    patienceMs: ports.patienceMs, envelopeNumbers: ports.envelopeNumbers, redBytes: ports.redBytes,
  }); // prettier-ignore
  const { feeds, alarms, feedAdmin } = createFeeds({
    ...base, directory, audit, mailer,
    services: {
      store, http, clock, sealer, secret, refreshSecrets,
      intake: sharing.intake,
      permit: permitFeed,
      spool: spoolOf(config),
      pause: ports.pause ?? ((ms, signal) => clock.wait(ms, signal)),
    },
    alarms: { hub: title, url: config.hub.url, ...config.alarms }, switchedOff: !config.runFeeds,
  }); // prettier-ignore
  const signIn = await createSignIn({
    ...base, sealer, directory, ledger, audit, notifications, http,
    hub: hubFacts, send,
    secondFactor: config.secondFactor, oidc: config.oidc, signInsOfAccount: ports.signInsOfAccount,
    red: sharing.red, personalKinds: PERSONAL_KINDS,
  }); // prettier-ignore
  const { accounts, invitations } = signIn;
  const members = createMembers({ ...base, ...access, accounts, invitations, hub: hubFacts, send });
  const housekeeping = createHousekeeping({ ...base, ...access, stores, signIn, sharing, members, feeds, auditDays }); // prettier-ignore

  const servers: Server[] = [];
  let draining = false;
  const health: Health = {
    headers: securityHeaders(config.hub.url.startsWith('https:')),
    ready: async () => !draining && (await store.ready()),
  };
  const meter = await createMeter({ store, directory, feeds, servers, ready: health.ready });
  feeds.runner.onRun(() => sharing.routing.notify());
  feeds.runner.onRun((report) => meter.feedRun(report));
  signIn.signIns.useMeter(meter);
  const hub = createHubService(config, { ...base, directory, feeds, channels: sharing.channelAdmin, meter, audit, url: url.get, mailer }); // prettier-ignore
  const operations = apiOperations({
    ...access, ...signIn, ...members, ...sharing,
    audit: access.auditReading,
    channels: sharing.channelAdmin,
    feeds: feedAdmin,
    hub,
    url: url.get,
  }); // prettier-ignore
  const originOf = originReader(config, clock);
  const apps = await createApps(config, { ...base, ...access, signIn, sharing, hub, operations, meter, health, originOf, url: url.get }, { isOffline: ports.isOffline === true }); // prettier-ignore
  for (const { account, name, givers } of credentials) {
    await notifications.notify(account, 'settings.credential');
    for (const giver of givers)
      await notifications.notify(giver, 'red.withdrawn', { by: 'the settings file', account: name });
  }
  const drain = (): void => void (draining = true);
  const parts = { ...base, ...access, ...apps, stores, url, health, servers, drain, meter, signIn, sharing, housekeeping, feeds, alarms }; // prettier-ignore
  return { ...sharing, ...signIn, ...apps, contacts: members.contacts, store, unapplied, directory, notifications, feeds, housekeeping, ...createLifecycle(config, parts) }; // prettier-ignore
}
