import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:https';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import express, { type Express, type Request } from 'express';
import { AccountReset } from '../access/accounts/account-reset.ts';
import { AccountService } from '../access/accounts/account-service.ts';
import { Audit } from '../access/audit/audit.ts';
import { AuditReading } from '../access/audit/audit-reading.ts';
import { Authenticator, unauthenticated, type Origin } from '../access/authenticate.ts';
import { clientCertificate, type CertificateSources } from '../access/certificates.ts';
import { CollectionService } from '../access/collection-service.ts';
import { Directory } from '../access/directory.ts';
import { EmailService } from '../access/accounts/email-service.ts';
import { Provider } from '../access/oidc/provider.ts';
import { SingleSignOn } from '../access/oidc/single-sign-on.ts';
import { FactorService } from '../access/factors/factor-service.ts';
import { FactorSessions } from '../access/factors/factor-sessions.ts';
import { SignInHistory } from '../access/factors/history.ts';
import { HubService } from '../access/hub-service.ts';
import { Idempotency } from '../access/idempotency.ts';
import { InvitationService } from '../access/accounts/invitation-service.ts';
import { KeyService } from '../access/keys/key-service.ts';
import { GroupService } from '../members/group-service.ts';
import { MemberService } from '../members/member-service.ts';
import { Ledger } from '../access/ledger.ts';
import { Notifications } from '../access/accounts/notifications.ts';
import { Places, deviceIn } from '../access/sessions/places.ts';
import { rehash } from '../access/accounts/rehash.ts';
import { OPERATOR_ID, type Principal } from '../access/principal.ts';
import { QUOTA_TALLIES, Quota } from '../access/quota.ts';
import { RuleService } from '../sharing/routing/rule-service.ts';
import { RequestService } from '../members/request-service.ts';
import { Rates } from '../access/rates.ts';
import { Sealer } from '../access/sealing.ts';
import { LocalSecrets, type NamedSecret } from '../kernel/local-secrets.ts';
import { SecretService } from '../access/keys/secret-service.ts';
import type { FeedDocument } from '../config/settings.ts';
import { documentOf } from '../feeds/document.ts';
import { hostsOf, presetReferences, referencesOf } from '../feeds/references.ts';
import { SessionService, demandSamePage } from '../access/sessions/session-service.ts';
import { SignInRate } from '../access/sessions/sign-in-rate.ts';
import { SignInWatch } from '../access/sessions/sign-in-watch.ts';
import { Tallies } from '../access/tallies.ts';
import { THROTTLE_DAY_TALLIES, THROTTLE_TALLIES, Throttle } from '../access/sessions/throttle.ts';
import { apiOpenApi } from '../api/openapi.ts';
import { apiRouter, type RouterServices } from '../api/router.ts';
import { apiOperations } from '../api/table.ts';
import { createApp, createHealthApp, type Health } from './app.ts';
import type { Config } from '../config/load.ts';
import { declareSettings, masterKey } from '../config/reconcile.ts';
import { diagnose } from './diagnostics.ts';
import { AlarmSender } from '../feeds/alarms.ts';
import { FeedAdmin } from '../feeds/feed-admin.ts';
import { Feeds } from '../feeds/service.ts';
import { pageHeaders, securityHeaders } from './http-headers.ts';
import { clientAddress, parseNetwork, type Network } from '../kernel/address.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { CursorSeal } from '../kernel/cursor-seal.ts';
import { createHttpClient, type HttpClient } from '../kernel/http-client.ts';
import { systemIds, type Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { Mailer, mailEntry } from '../kernel/mailer.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { CertificateWatch, readPair } from './tls.ts';
import { closeServer, connectionsOf, createHttpServer, listenSocket, listenTcp } from './listen.ts';
import { DelegationService } from '../members/delegation-service.ts';
import { Deliveries } from '../sharing/deliveries/lag.ts';
import { Envelopes } from '../sharing/intake/envelopes.ts';
import { Housekeeping } from '../sharing/life/housekeeping.ts';
import { Intake } from '../sharing/intake/intake.ts';
import { Outlet } from '../sharing/reading/outlet.ts';
import { Publishing } from '../sharing/intake/publishing.ts';
import { AnswerLinks } from '../sharing/channels/email/answer-links.ts';
import { Answers } from '../sharing/deliveries/answers.ts';
import { ChannelAdmin } from '../sharing/channels/service.ts';
import { Triage } from '../sharing/shares/triage.ts';
import { Channels } from '../sharing/channels/worker.ts';
import { Red } from '../sharing/red/red.ts';
import { Recipients } from '../sharing/deliveries/recipients.ts';
import { Shares } from '../sharing/shares/shares.ts';
import { Revocation } from '../sharing/life/revocation.ts';
import { Whys } from '../sharing/deliveries/explain.ts';
import { Waiting } from '../sharing/review/review-queue.ts';
import { Routing } from '../sharing/routing/routing.ts';
import { Search } from '../sharing/reading/search.ts';
import { boundedStore, type BoundNumbers } from '../store/bounded.ts';
import { FactsPerMinute, type FactGateNumbers } from '../store/fact-gate.ts';
import type { Store } from '../store/store.ts';
import { Cursors } from '../taxii/server/cursor.ts';
import { VERSION } from './version.ts';
import { answerRouter } from '../web/public/answer.tsx';
import { consoleRouter } from '../web/console/console.tsx';
import { firstRouter } from '../web/public/first.tsx';
import { apiDocsPage, explainTaxii } from '../web/public/public-pages.tsx';
import { securityTxt } from '../web/public/security-txt.ts';

const STOP_MS = 25_000;
/** Requests on the operator's own socket are not rate-limited. */
const UNLIMITED = { reads: 0, writes: 0 };

/** Dependencies that a test may replace. */
export interface Ports {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly store?: Store;
  /** Waits before a feed source is requested again. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that a TAXII client waits before its envelope is reported as pending. */
  readonly patienceMs?: number;
  /** Other limits of the store, for tests. */
  readonly bounds?: BoundNumbers;
  readonly factNumbers?: FactGateNumbers;
  readonly signInsOfAccount?: number;
}

/** A composed hub that is ready to start. */
export interface Hub {
  readonly app: Express;
  /** The application on the hub's own socket: the admin API for the operator. */
  readonly admin: Express;
  readonly store: Store;
  readonly directory: Directory;
  readonly feeds: Feeds;
  readonly intake: Intake;
  readonly envelopes: Envelopes;
  readonly housekeeping: Housekeeping;
  readonly outlet: Outlet;
  readonly routing: Routing;
  readonly keys: KeyService;
  readonly invitations: InvitationService;
  readonly notifications: Notifications;
  readonly deliveries: Deliveries;
  readonly revocation: Revocation;
  readonly email: EmailService;
  readonly channels: Channels;
  /** Starts listening and all background work. Returns the port and the URL at which others reach the hub. */
  start(): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Returns one-time links for people who have no way to sign in yet. A hub without settings and without an
   * administrator gets one.
   */
  firstLinks(): Promise<readonly { readonly account: string; readonly link: string }[]>;
  /** Serves the admin socket only. Commands use this when no hub is running. */
  startOffline(): Promise<void>;
  /** Reloads what can change while the hub runs: its certificate. Returns false when the certificate cannot be used. */
  reload(): boolean;
  /**
   * Shuts the hub down. It becomes unready at once and accepts no new requests. Requests in progress are finished, jobs
   * end at a safe point, and the store is closed.
   */
  stop(): Promise<void>;
}

/** The principal of the hub's own socket. Only the user that runs the hub can open the socket. */
export const OPERATOR = {
  kind: 'account',
  account: OPERATOR_ID,
  name: 'operator',
  operator: true,
  role: 'administrator',
  member: undefined,
  person: true,
  groups: [],
} as const satisfies Principal;

/**
 * The composition root: builds a hub from a Config. Only this function selects adapters. Importing the module opens
 * nothing. The function opens the store, and `start` opens the sockets.
 */
export async function compose(config: Config, log: Log, ports: Ports = {}): Promise<Hub> {
  const clock = ports.clock ?? systemClock;
  const ids = ports.ids ?? systemIds;
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const opened = ports.store ?? (await openStore(config, clock, ids, log));
  const facts = new FactsPerMinute(clock, () => ids.uuid(), ports.factNumbers);
  // The operator's settings file is not limited. All other changes are.
  const store = boundedStore(opened, ports.bounds, facts);
  try {
    const local = localSecrets(config);
    const sealer = new Sealer(masterKey(config));
    await demandKeyOf(store, sealer, config.masterKeyFile);
    const credentials = await declareSettings(config, opened, clock, ids, log);
    const directory = new Directory(store, clock, config.hub.title);
    await directory.refresh();
    const ledger = new Ledger(store, directory, clock, log);
    const audit = new Audit(store, clock, ids, log);
    const intake = new Intake(store, directory, clock, log, audit, sealer);
    const outlet = new Outlet(store, directory, ledger, audit);
    const deliveries = new Deliveries(store, directory, ledger, clock);
    const routing = new Routing(store, directory, clock, log, audit, config.hub.region);
    const http = createHttpClient({
      allow: config.egressAllow,
      userAgent: `Talanoa/${VERSION} (+${config.hub.url})`,
    });
    const secrets = new SecretService(store, sealer, audit, () => clock.now());
    const feedServices = {
      pause: ports.pause ?? ((ms: number, signal: AbortSignal) => clock.wait(ms, signal)),
      store,
      intake,
      http,
      clock,
      spool: join(config.data, 'spool'),
      secret: (reference: string, host: string) =>
        reference.startsWith('secret:')
          ? secrets.value(reference.slice('secret:'.length), host)
          : local.value(reference, host),
      sealer,
      permit: (document: FeedDocument) => permitFeed(local, document),
      refreshSecrets: () => secrets.refresh(),
    };
    const mailer =
      config.mail === undefined
        ? undefined
        : new Mailer(config.mail, mailEgress(config.mail.server, config.egressAllow));
    let { url } = config.hub;
    const hubFacts = { title: config.hub.title, timeZone: config.hub.timeZone, url: () => url };
    const links = new AnswerLinks(await sharedKey(store, ids, 'answers'), () => url, clock);
    const channels = new Channels({
      store, directory, log, http, clock,
      mail: { links, mailer, hub: hubFacts },
      secret: feedServices.secret,
      refreshSecrets: feedServices.refreshSecrets,
    }); // prettier-ignore
    routing.onPlaced(() => channels.notify());
    const feeds = new Feeds(feedServices, directory, log);
    const alarms = new AlarmSender(
      { hub: config.hub.title, url: config.hub.url, ...config.alarms },
      http,
      mailer,
      clock,
      ids,
      log,
    );
    feeds.onAlarm((event) => alarms.tell(event));
    const stored = new Tallies(store, clock, log, QUOTA_TALLIES);
    const envelopes = new Envelopes({
      quota: new Quota(directory, stored, clock, config.objectsPerDay),
      store,
      audit,
      sealer,
      intake: notifying(intake, routing),
      directory,
      clock,
      log,
      patienceMs: ports.patienceMs,
    });
    const idempotency = new Idempotency(store, clock, sealer);
    const failures = new Tallies(store, clock, log, THROTTLE_TALLIES);
    const guesses = new Tallies(store, clock, log, THROTTLE_DAY_TALLIES);
    const notifications = new Notifications(store, clock, ids, log);
    const places = new Places(store, await sharedKey(store, ids, 'devices'), clock, ids, async (account) => {
      const found = (await directory.current()).accounts.get(account);
      return found?.passwordHash === undefined ? undefined : String(found.epoch);
    });
    const reset = new AccountReset(store, audit, clock, places, notifications);
    const keys = new KeyService(store, directory, clock, ids, audit, ledger, reset, notifications, () => url);
    const signIns = new SignInWatch({ store, directory, places, notifications, audit, clock, log });
    const throttle = new Throttle(failures, guesses, places, signIns, clock);
    const authenticator = new Authenticator(directory, clock, ledger, throttle, signIns);
    const invitations = new InvitationService(
      store,
      directory,
      clock,
      ids,
      audit,
      throttle,
      reset,
      notifications,
      places,
    );
    const originOf = originReader(config, clock);
    const factors = new FactorService({
      store, directory, sealer, clock, audit,
      policy: config.secondFactor,
      issuer: config.hub.title,
      url: () => url,
      notifications,
    }); // prettier-ignore
    authenticator.replaceOldHashes((account, password) => rehash(store, directory, log, account, password));
    authenticator.demandSecondFactor(async (account) => (await factors.needOf(account)) === 'none');
    const history = new SignInHistory(store, directory, clock, log);
    const sessions = new SessionService(
      store,
      directory,
      authenticator,
      clock,
      ids,
      audit,
      factors,
      history,
      places,
      signIns,
      notifications,
      new SignInRate(clock, ports.signInsOfAccount),
    );
    const factorSessions = new FactorSessions(sessions, factors, authenticator, history, clock);
    const email = new EmailService({
      store, directory, clock, ids, audit, log, notifications, throttle, places,
      send: mailer === undefined ? undefined : (letter) => mailer.send(letter),
      hub: hubFacts,
    }); // prettier-ignore
    const signOn = new SingleSignOn({
      provider: config.oidc === undefined ? undefined : new Provider(config.oidc, http, clock),
      store, directory, sessions, sealer, clock, audit, log, notifications, reset, throttle,
      url: () => url,
      holdsRed: (account) => red.isGivenTo(account),
    }); // prettier-ignore
    const rates = new Rates(config.rates, clock);
    const revocation = new Revocation(store, notifying(intake, routing), directory, clock, audit, log);
    const answers = new Answers({
      store,
      directory,
      ledger,
      links,
      mailer,
      hub: hubFacts,
      clock,
      audit,
      log,
    });
    const cursorKey = await sharedKey(store, ids, 'cursor');
    const seal = new CursorSeal(cursorKey, 0);
    const search = new Search(store, directory, ledger, seal, clock, log);
    const housekeeping = new Housekeeping(store, intake, clock, log, [
      () => idempotency.sweep(),
      () => invitations.sweep(),
      () => sessions.sweep(),
      () => factors.sweep(),
      () => email.sweep(),
      () => signOn.sweep(),
      () => history.sweep(),
      () => search.sweep(),
      () => failures.sweep(),
      () => guesses.sweep(),
      () => places.sweep(),
      () => signIns.flush(),
      () => facts.tell(opened),
      () => audit.tellHead(),
      () => stored.sweep(),
      () => red.sweep(),
      () => feeds.sealQuarantine(),
      async () => {
        await answers.remind();
      },
    ]);
    feeds.onRun(() => routing.notify());
    let draining = false;
    const health: Health = {
      headers: securityHeaders(config.hub.url.startsWith('https:')),
      ready: async () => !draining && (await store.ready()),
    };
    const tls = config.hub.url.startsWith('https:');
    const servers: Server[] = [];
    const { Metrics } = await import('./metrics.ts');
    const meter = new Metrics(VERSION, async () => {
      const snapshot = await directory.current();
      const sizes = await store.sizes();
      return {
        objects: sizes.reduce((sum, { entries }) => sum + entries, 0),
        held: (await store.held({ limit: 1_000 })).length,
        members: snapshot.members.size - 1,
        accounts: snapshot.accounts.size,
        alarms: (await feeds.list()).map(({ name, alarms: { length } }) => [name, length] as const),
        connections: servers.reduce((sum, server) => sum + connectionsOf(server), 0),
        ready: await health.ready(),
      };
    });
    feeds.onRun((report) => meter.feedRun(report));
    signIns.useMeter(meter);
    const red = new Red(store, directory, sealer, ids, clock, audit, notifications);
    const accounts = new AccountService(store, directory, audit, ids, reset, notifications, [
      (account) => red.holding(account),
      (account) => notifications.removal(account),
    ]);
    const members = new MemberService(store, directory, ids, clock, audit);
    const hub = new HubService(
      {
        status: () => hubStatus(config, url, store, directory, feeds),
        diagnosis: () => diagnose(config, store, clock),
        settings: () => effectiveSettings(config, url, store.name),
        metrics: () => meter.text(),
      },
      audit,
    );
    const shares = new Shares(store, directory, ids, clock, audit, () => channels.notify());
    const operations = apiOperations({
      notifications,
      accounts,
      invitations,
      sessions,
      email,
      signOn,
      factors,
      factorSessions,
      history,
      url: () => url,
      keys,
      members,
      requests: new RequestService(store, members, accounts, invitations, ids, clock, audit),
      delegations: new DelegationService(store, directory, clock, audit),
      groups: new GroupService(store, directory, ledger, audit),
      collections: new CollectionService(store, directory, ids, audit),
      feeds: new FeedAdmin(feeds, feedServices, audit),
      deliveries,
      outlet,
      publishing: new Publishing(envelopes, directory, clock, ids),
      revocation,
      recipients: new Recipients(store, intake, directory, clock),
      whys: new Whys(store, directory, ledger, clock, intake),
      channels: new ChannelAdmin({
        store,
        directory,
        audit,
        clock,
        hasMail: mailer !== undefined,
        permit: (reference, host) => local.demand(reference, [host]),
        notify: () => channels.notify(),
      }),
      answers,
      triage: new Triage(store, directory, shares, clock, audit),
      red,
      shares,
      rules: new RuleService(store, directory, audit),
      waiting: new Waiting(store, intake, directory, audit, red),
      search,
      secrets,
      audit: new AuditReading(store, directory, seal),
      hub,
    });
    const apiServices: Omit<RouterServices, 'authenticate'> = {
      audit,
      ledger,
      idempotency,
      rates,
      ids,
      clock,
      log,
      meter,
      originOf,
      headers: securityHeaders(tls),
    };
    const apiDocument = apiOpenApi(config.hub.title, VERSION, operations);
    // A session cookie counts only when the request carries no other credentials. A change also requires that one of
    // the hub's own pages sent the request.
    const whoAsks = async (request: Request): Promise<Principal> => {
      const { authorization, cookie } = request.headers;
      if (authorization === undefined) {
        const principal = await sessions.find(cookie, originOf(request));
        if (principal !== undefined) {
          if (request.method !== 'GET' && request.method !== 'HEAD') demandSamePage(request.headers, url);
          return principal;
        }
      }
      return authenticator.authenticate(authorization, originOf(request));
    };
    const app = createApp({
      api: apiRouter(
        {
          ...apiServices,
          authenticate: (request) => whoAsks(request),
        },
        operations,
      ),
      apiDocument,
      apiDocs: () => apiDocsPage(config.hub.title, url, apiDocument),
      securityTxt: () =>
        config.hub.security === undefined ? undefined : securityTxt(config.hub.security, url, clock.now()),
      first: firstRouter({
        hub: config.hub.title,
        invitations,
        originOf,
        headers: pageHeaders(tls, 'self'),
        log,
      }),
      answer: answerRouter({
        hub: config.hub.title,
        answers,
        originOf,
        headers: pageHeaders(tls, 'self'),
        log,
      }),
      console: consoleRouter({
        hub: config.hub.title,
        url: () => url,
        sessions,
        email,
        signOn,
        emailOf: async (account) => (await directory.current()).accounts.get(account),
        factors: factorSessions,
        history,
        notifications,
        now: () => clock.now(),
        red,
        originOf,
        headers: pageHeaders(tls, 'self', 'self'),
        log,
      }),
      metrics: async (request) => {
        const principal = await authenticator.authenticate(request.headers.authorization, originOf(request));
        if (principal.kind === 'public') throw unauthenticated();
        return hub.metrics(principal);
      },
      taxii: {
        title: config.hub.title,
        contact: config.hub.contact,
        // Some clients do not support relative URLs. The standard allows absolute URLs only with HTTPS (TAXII 2.1
        // §4.1.1).
        base: tls ? config.hub.url : '',
        version: VERSION,
        authenticator,
        originOf,
        outlet,
        ledger,
        meter,
        rates,
        envelopes,
        cursors: new Cursors(seal, cursorKey),
        clock,
        ids,
        log,
        headers: securityHeaders(tls),
        pageHeaders: pageHeaders(tls),
        explain: (principal, path) => explainTaxii(outlet, config.hub.title, url, principal, path),
      },
      health,
    });

    const admin = express();
    admin.disable('x-powered-by');
    admin.set('query parser', 'simple');
    // Everybody who can open the hub's own socket is the operator. The file mode keeps all other users out.
    admin.use(
      '/api/v1',
      apiRouter(
        { ...apiServices, rates: new Rates(UNLIMITED, clock), authenticate: () => Promise.resolve(OPERATOR) },
        operations,
      ),
    );

    for (const { account, name, givers } of credentials) {
      await notifications.notify(account, 'settings.credential');
      for (const giver of givers)
        await notifications.notify(giver, 'red.withdrawn', { by: 'the settings file', account: name });
    }

    let certificate: CertificateWatch | undefined;
    const startAdmin = async (): Promise<void> => {
      const server = createServer(admin);
      await listenSocket(server, config.data);
      servers.push(server);
    };
    return {
      app, admin, store, directory, feeds, intake, envelopes, housekeeping, outlet, routing, channels, keys, invitations, notifications, deliveries, revocation, email,
      async start() {
        const files = config.listen.tls;
        const server = createHttpServer(
          config.roles.web ? app : createHealthApp(health),
          {
            tls: files === undefined ? undefined : readPair(files),
            clock,
            limits: config.connections,
            proxies: trustedProxies(config),
            log,
            count: (reason) => meter.connectionEnded(reason),
          },
        );
        if (files !== undefined) {
          certificate = new CertificateWatch(server as TlsServer, files, clock, log);
          certificate.start();
        }
        const port = await listenTcp(server, config.listen.host, config.listen.port);
        // The settings asked for a free port (0). Its number is known now.
        url = url.replace(/:0$/, `:${port}`);
        servers.push(server);
        await startAdmin();
        ledger.start();
        failures.start();
        guesses.start();
        signIns.start();
        stored.start();
        if (config.roles.worker) {
          // The embedded store numbers audit entries in the transaction of the change itself.
          if (config.mongodbUri !== undefined) audit.start();
          envelopes.start();
          routing.start();
          channels.start();
          search.start();
          housekeeping.start();
          if (config.runFeeds) {
            // Files that a killed process left here are of no use, because every run fetches its own files.
            rmSync(feedServices.spool, { recursive: true, force: true });
            await feeds.start();
          }
        }
        if (store.unclean) void tellDamage(store, log);
        return { port, url };
      },
      startOffline: startAdmin,
      async firstLinks() {
        if (config.file === undefined) await makeAdministrator(accounts, directory);
        const made = await invitations.inviteAll(OPERATOR);
        return made.map(({ account, path }) => ({ account, link: `${url}${path}` }));
      },
      reload: () => certificate?.reload() ?? true,
      async stop() {
        draining = true;
        await certificate?.stop();
        const jobs = Promise.all([feeds.stop(), routing.stop(), channels.stop(), search.stop(), housekeeping.stop(), audit.stop()]);
        // Load balancers must see that the process is unready before it stops answering.
        if (servers.length > 1) await clock.wait(config.listen.drainMs);
        await Promise.all(servers.map((server) => closeServer(server, STOP_MS)));
        await jobs;
        await alarms.stop();
        await email.idle();
        await envelopes.stop();
        await Promise.all([failures.stop(), guesses.stop(), signIns.stop(), stored.stop()]);
        await ledger.stop();
        await facts.tell(opened, { whole: true }).catch((error: unknown) => log.warn('audit.not_written', { reason: reasonOf(error) }));
        await store.close();
      },
    }; // prettier-ignore
  } catch (error) {
    await store.close();
    throw error;
  }
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

/** Opens the store. The module of an adapter is loaded only when it is selected, so a hub never loads both. */
async function openStore(config: Config, clock: Clock, ids: Ids, log: Log): Promise<Store> {
  if (config.mongodbUri !== undefined) {
    const { openMongoStore } = await import('../store/mongo/mongo-store.ts');
    return openMongoStore({
      uri: config.mongodbUri,
      clock,
      ids,
      onClockAhead: (collection, ms) =>
        log.warn('store.clock_ahead', {
          collection,
          ms,
          hint: 'Dates added run ahead of this clock. Compare the clocks of all processes.',
        }),
    });
  }
  const { openSqliteStore } = await import('../store/sqlite/sqlite-store.ts');
  return openSqliteStore({
    folder: config.data,
    clock,
    onBroken: (reason) =>
      log.error('store.broken', {
        reason,
        hint: 'Reading goes on. Look at the disk, then start the hub again.',
      }),
  });
}

/** Checks the whole store file in the background after an unclean stop, and logs any damage. */
async function tellDamage(store: Store, log: Log): Promise<void> {
  try {
    const faults = await store.damage();
    if (faults.length === 0) log.info('store.checked', { unclean_stop: true, faults: 0 });
    else
      log.error('store.damaged', {
        faults: faults.length,
        first: faults[0],
        hint: 'Stop the hub and restore a backup.',
      });
  } catch (error) {
    log.warn('store.not_checked', { reason: reasonOf(error) });
  }
}

/**
 * Returns a key that all processes share: for cursors, for links in emails or for device cookies. The first process
 * inserts each key. The keys are not sealed, because somebody who can read the store learns nothing more by forging one
 * of these values.
 */
async function sharedKey(store: Store, ids: Ids, name: 'cursor' | 'answers' | 'devices'): Promise<Buffer> {
  for (;;) {
    const record = await store.record('secret', name);
    if (record !== undefined) return Buffer.from(String(record.document['key']), 'base64url');
    try {
      await store.commit({
        records: [{ kind: 'secret', id: name, expected: 0, document: { key: ids.secret(32) } }],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}

/**
 * Throws unless this process has the master key of the store. Every process must be able to open what another one
 * sealed. The first process that opens a store inserts the name of its key there.
 */
async function demandKeyOf(store: Store, { keyName }: Sealer, file: string): Promise<void> {
  for (;;) {
    const record = await store.record('secret', 'master-key');
    if (record !== undefined) {
      if (record.document['name'] === keyName) return;
      throw new Problem('conflict', 'The master key does not match this store', {
        description: `The secrets in the store were sealed with a key other than the one in ${file}.`,
        hint: 'Give every process the same file (master_key_file), or restore the file from a backup.',
        code: 'TLN-K-504',
      });
    }
    try {
      await store.commit({
        records: [{ kind: 'secret', id: 'master-key', expected: 0, document: { name: keyName } }],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}

/**
 * Returns the guard for connections to the mail server. The settings file names the server, so it may have an internal
 * address. Its host name is never allowed to resolve to a cloud metadata address.
 */
function mailEgress(server: string, allow: readonly string[]): Pick<HttpClient, 'resolve'> {
  return createHttpClient({ allow: [...allow, mailEntry(server)], userAgent: 'Talanoa' });
}

function trustedProxies({ trustedProxies: texts }: Config): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

/**
 * Returns a function that reads the origin of a request. Behind a trusted proxy, the origin is the address that the
 * proxy reports.
 */
function originReader(config: Config, clock: Clock): (http: IncomingMessage) => Origin {
  const trusted = trustedProxies(config);
  const certificates: CertificateSources = {
    ownListener: config.listen.tls?.clients !== undefined,
    needsAuthority: config.listen.tls?.clients?.caFile !== undefined,
    header: config.listen.clientCertificateHeader?.toLowerCase(),
    proxies: trusted,
  };
  return ({ socket, headers }) => {
    const forwarded = headers['x-forwarded-for'];
    return {
      address: clientAddress(
        socket.remoteAddress ?? '',
        Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
        trusted,
      ),
      agent: headers['user-agent'] ?? '',
      device: deviceIn(headers.cookie),
      certificate: clientCertificate(socket, headers, certificates, clock),
    };
  };
}

/**
 * Returns the local secrets that feeds and channels may use. Throws when the settings file allows a name that belongs
 * to the hub itself.
 */
function localSecrets(config: Config): LocalSecrets {
  const own = [
    ...config.feeds.flatMap((setting) => referencesOf(documentOf(setting))),
    ...config.members.flatMap(({ push }) => {
      const variable = push?.password_env ?? push?.key_env;
      return variable === undefined ? [] : [`env:${variable}`];
    }),
  ].filter((reference) => !reference.startsWith('secret:'));
  let named: readonly NamedSecret[] | undefined;
  const local = new LocalSecrets({
    allowed: config.secretsAllowed,
    named: () =>
      (named ??= [...own.map((reference) => ({ reference, hosts: undefined })), ...presetReferences()]),
    masterKeyFile: config.masterKeyFile,
    mongodbUri: config.mongodbUri,
    env: config.secret,
    file: config.secretFile,
  });
  for (const reference of own) local.demandNotOwn(reference);
  for (const setting of config.feeds) {
    const { path } = documentOf(setting).transport;
    if (path !== undefined) local.demandFolder(path);
  }
  return local;
}

/** Throws a Problem when a feed names a secret or a folder that it may not use. */
function permitFeed(local: LocalSecrets, document: FeedDocument): void {
  for (const reference of referencesOf(document)) local.demand(reference, hostsOf(document));
  if (document.transport.path !== undefined) local.demandFolder(document.transport.path);
}

/** Wraps an intake so that it wakes the routing when there may be new objects to route. */
function notifying(intake: Intake, routing: Routing): Pick<Intake, 'submit'> {
  return {
    submit: async (submission) => {
      const outcomes = await intake.submit(submission);
      routing.notify();
      return outcomes;
    },
  };
}

/**
 * Returns the effective settings, in the terms of the settings file. They contain no secret and no name of a secret.
 */
function effectiveSettings(config: Config, url: string, store: string): object {
  const {
    file,
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
    hub: {
      title: hub.title,
      url,
      time_zone: hub.timeZone,
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
    sign_in: {
      second_factor: config.secondFactor,
      ...(config.oidc === undefined
        ? {}
        : {
            oidc: { issuer: config.oidc.issuer, client_id: config.oidc.clientId, title: config.oidc.title },
          }),
    },
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

async function hubStatus(
  config: Config,
  url: string,
  store: Store,
  directory: Directory,
  feeds: Feeds,
): Promise<object> {
  const snapshot = await directory.current();
  const sizes = new Map((await store.sizes()).map((size) => [size.collection, size]));
  return {
    version: VERSION,
    title: config.hub.title,
    url,
    store: store.name,
    pid: process.pid,
    uptime_s: Math.round(process.uptime()),
    memory_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
    members: snapshot.members.size - 1,
    accounts: snapshot.accounts.size,
    held: (await store.held({ limit: 1_000 })).length,
    collections: [...snapshot.collections.values()].map(({ id, alias, title, apiRoot }) => ({
      id,
      name: alias ?? id,
      title,
      api_root: apiRoot,
      objects: sizes.get(id)?.entries ?? 0,
    })),
    feeds: await feeds.list(),
  };
}
