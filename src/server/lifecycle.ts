import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { join } from 'node:path';
import type { Express } from 'express';
import type { AccountService } from '../access/accounts/account-service.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { SignIn } from '../access/create-sign-in.ts';
import type { Directory } from '../access/directory.ts';
import type { Ledger } from '../access/ledger.ts';
import { OPERATOR } from '../access/principal.ts';
import type { Config } from '../config/config.ts';
import type { AlarmSender } from '../feeds/alarms.ts';
import type { Feeds } from '../feeds/service.ts';
import { rowsFolderOf } from '../feeds/run-rows.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import type { Sharing } from '../sharing/create-sharing.ts';
import type { Housekeeping } from '../sharing/life/housekeeping.ts';
import { reportDamage, type HubStore } from './create-store.ts';
import type { Health } from './health-app.ts';
import type { Hub } from './hub.ts';
import { closeServer, createHttpServer, listenSocket, listenTcp } from './listen.ts';
import type { Metrics } from './metrics.ts';
import { trustedProxies } from './origin.ts';
import type { PublicUrl } from './public-url.ts';
import { CertificateWatch, readPair } from './tls.ts';

const STOP_MS = 25_000;

/** Folder for the files of feed runs, inside the data folder. */
export function spoolOf({ data }: Config): string {
  return join(data, 'spool');
}

/** Folder for the files of lists, inside the data folder. */
export function listFolderOf({ data }: Config): string {
  return join(data, 'lists');
}

interface LifecycleParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly stores: HubStore;
  readonly url: PublicUrl;
  readonly app: Express;
  readonly admin: Express;
  readonly health: Health;
  /** The servers that listen. The metrics count their connections. */
  readonly servers: Server[];
  /** Called when the hub begins to stop. From then on, it is unready. */
  readonly drain: () => void;
  readonly meter: Metrics;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly signIn: SignIn;
  readonly sharing: Sharing;
  readonly housekeeping: Housekeeping;
  readonly feeds: Feeds;
  readonly alarms: AlarmSender;
}

type Lifecycle = Pick<Hub, 'start' | 'startOffline' | 'firstLinks' | 'reload' | 'stop'>;

/** Creates the functions that start and stop everything of a hub, in the right order. */
export function createLifecycle(config: Config, parts: LifecycleParts): Lifecycle {
  const { url, servers, admin, log, stores, signIn } = parts;
  let certificate: CertificateWatch | undefined;
  const startAdmin = async (): Promise<void> => {
    const server = createServer(admin);
    await listenSocket(server, config.data);
    servers.push(server);
  };
  return {
    async start() {
      const server = createListener(config, parts);
      if (config.listen.tls !== undefined) {
        certificate = new CertificateWatch(server as TlsServer, config.listen.tls, parts.clock, log);
        certificate.start();
      }
      const port = await listenTcp(server, config.listen.host, config.listen.port);
      url.listensOn(port);
      servers.push(server);
      await startAdmin();
      await startWork(config, parts);
      if (stores.store.unclean) void reportDamage(stores.store, log);
      return { port, url: url.get() };
    },
    startOffline: startAdmin,
    async firstLinks() {
      if (config.file === undefined) await makeAdministrator(signIn.accounts, parts.directory);
      const { made, waiting } = await signIn.invitations.inviteAll(OPERATOR);
      return { made: made.map(({ account, path }) => ({ account, link: `${url.get()}${path}` })), waiting };
    },
    reload: () => certificate?.reload() ?? true,
    async stop() {
      parts.drain();
      await certificate?.stop();
      await stopAll(config, parts);
    },
  };
}

/** Creates the server for the network. */
function createListener(config: Config, { app, clock, log, meter }: LifecycleParts): Server {
  const files = config.listen.tls;
  return createHttpServer(app, {
    tls: files === undefined ? undefined : readPair(files),
    clock,
    limits: config.connections,
    proxies: trustedProxies(config),
    log,
    count: (reason) => meter.connectionEnded(reason),
  });
}

/** Starts everything that works in the background. */
async function startWork(config: Config, parts: LifecycleParts): Promise<void> {
  const { ledger, audit, signIn, sharing, housekeeping, feeds } = parts;
  ledger.start();
  signIn.failures.start();
  signIn.guesses.start();
  signIn.signIns.start();
  sharing.stored.start();
  sharing.found.start();
  sharing.offers.start();
  if (!config.roles.worker) return;
  // The embedded store numbers audit entries in the transaction of the change itself.
  audit.start(config.mongodbUri !== undefined);
  sharing.envelopes.start();
  sharing.routing.start();
  sharing.channels.start();
  sharing.derivedData.start();
  sharing.listPublisher.start();
  sharing.anonymousReleases.start();
  housekeeping.start();
  if (!config.runFeeds) return;
  // Files that a killed process left here are of no use, because every run fetches its own files.
  for (const folder of [spoolOf(config), rowsFolderOf(spoolOf(config))])
    rmSync(folder, { recursive: true, force: true });
  await feeds.start();
}

/** Ends all work at a safe point, then closes the store. */
async function stopAll(config: Config, parts: LifecycleParts): Promise<void> {
  const { servers, clock, log, ledger, audit, signIn, sharing, housekeeping, feeds, alarms } = parts;
  const { store, opened, facts } = parts.stores;
  sharing.search.index.stop();
  const jobs = Promise.all([
    feeds.stop(),
    sharing.routing.stop(),
    sharing.channels.stop(),
    sharing.derivedData.stop(),
    sharing.listPublisher.stop(),
    sharing.anonymousReleases.stop(),
    housekeeping.stop(),
    audit.stop(),
  ]);
  // Load balancers must see that the process is unready before it stops answering.
  if (servers.length > 1) await clock.wait(config.listen.drainMs);
  await Promise.all(servers.map((server) => closeServer(server, STOP_MS)));
  await jobs;
  await alarms.stop();
  await signIn.email.idle();
  await sharing.envelopes.stop();
  await Promise.all([
    signIn.failures.stop(),
    signIn.guesses.stop(),
    signIn.signIns.stop(),
    sharing.stored.stop(),
    sharing.found.stop(),
    sharing.offers.stop(),
  ]);
  await ledger.stop();
  await facts
    .tell(opened, { whole: true })
    .catch((error: unknown) => log.warn('audit.not_written', { reason: reasonOf(error) }));
  await store.close();
}

/** Creates the first account of a hub without settings. */
async function makeAdministrator(accounts: AccountService, directory: Directory): Promise<void> {
  const present = [...(await directory.refresh()).accounts.values()];
  if (present.some(({ role, member }) => role === 'administrator' && member === undefined)) return;
  try {
    await accounts.create(OPERATOR, { name: 'admin', role: 'administrator', person: true });
  } catch (error) {
    // Another process has already created the account.
    if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
  }
}
