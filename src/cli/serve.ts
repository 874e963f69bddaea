import { compose } from '../server/compose.ts';
import type { Hub } from '../server/hub.ts';
import type { Config, Flags } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { RunReport } from '../feeds/report.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog, type Log } from '../kernel/log.ts';
import { reasonOf } from '../kernel/problem.ts';
import { boundHeapGrowth, returnIdleMemory } from '../server/idle-memory.ts';
import { VERSION } from '../server/version.ts';
import type { Demo } from './demo.ts';
import { EXIT, count, type Io } from './io.ts';
import { when } from './output.ts';

interface ServeFlags extends Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `talanoa serve`: runs until it receives a signal to stop. */
export async function serve(flags: ServeFlags, io: Io): Promise<number> {
  // Programs read one line. Nothing else is printed to standard output.
  const terminal = io.stdout.isTTY && flags.json !== true;
  const given = loadConfig(flags, io.environment);
  const demo: Demo | undefined =
    flags.demo === true ? await (await import('./demo.ts')).startDemo(given) : undefined;
  const config = demo?.config ?? given;
  // On a terminal, the lines below report what happens, including each run of a feed. The log then shows only warnings
  // and errors.
  const level =
    terminal && flags.logLevel === undefined && config.logLevel === 'info' ? 'warn' : config.logLevel;
  const log = createLog(
    level,
    terminal ? { write: (line) => !line.includes('"event":"feed.run"') && io.stderr.write(line) } : io.stderr,
  );
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled', { reason: reasonOf(reason) });
    io.exit(EXIT.failed);
  });
  boundHeapGrowth();
  const hub = await compose(config, log, { acceptsRemovals: flags.acceptRemovals === true });
  if (terminal || (demo !== undefined && flags.json !== true))
    hub.feeds.runner.onRun((report) => io.stdout.write(`${runLine(report)}\n`));
  // A renewed certificate is loaded automatically within a minute. SIGHUP loads it immediately.
  process.on('SIGHUP', () => hub.reload());
  const stopped = untilSignal(io, log);
  const { port, url } = await hub.start().catch(async (error: unknown) => {
    // A hub that failed to start must not keep the process alive.
    await hub.stop();
    throw error;
  });
  const ending = new AbortController();
  void returnIdleMemory(systemClock, ending.signal);
  await demo?.fill(hub);
  await tell(
    hub,
    config,
    { port, url, isJson: !terminal && (demo === undefined || flags.json === true) },
    demo,
    io,
  );
  await stopped;
  ending.abort();
  await hub.stop();
  await demo?.stop();
  log.info('hub.stopped');
  return EXIT.done;
}

/** Resolves at the first SIGTERM or SIGINT. A second signal ends the process immediately. */
function untilSignal(io: Io, log: Log): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) io.exit(EXIT.interrupted);
        asked = true;
        log.info('hub.stopping', { signal });
        resolve();
      });
    }
  });
}

async function tell(
  hub: Hub,
  config: Config,
  { port, url, isJson }: { port: number; url: string; isJson: boolean },
  demo: Demo | undefined,
  io: Io,
): Promise<void> {
  const feeds = (await hub.feeds.registry.all())
    .filter(({ document }) => document.enabled !== false)
    .map(({ document }) => document.name);
  const { made: links, waiting } =
    config.roles.web && demo === undefined ? await hub.firstLinks() : { made: [], waiting: [] };
  if (isJson) {
    const signIn = {
      ...(links.length === 0 ? {} : { sign_in: links.map(({ link }) => link) }),
      ...(waiting.length === 0 ? {} : { sign_in_waiting: waiting }),
    };
    io.stdout.write(
      `${JSON.stringify({ event: 'hub.started', version: VERSION, store: hub.store.name, url, taxii: `${url}/taxii2/`, port, feeds: config.runFeeds ? feeds : [], ...signIn, ...(demo === undefined ? {} : { accounts: demo.accounts }) })}\n`,
    );
    return;
  }
  const snapshot = await hub.directory.current();
  const facts = [
    `${feeds.length} feed${feeds.length === 1 ? '' : 's'}`,
    `${snapshot.members.size - 1} members`,
  ];
  const lines = [
    `Talanoa ${VERSION}   store: ${hub.store.name}   ${demo === undefined ? '' : 'demo data: '}${facts.join(', ')}`,
    '',
    `  Public site  ${url}/`,
    `  TAXII 2.1    ${url}/taxii2/`,
    `  API          ${url}/api/docs`,
    ...links.map(
      ({ account, link }) => `  Sign in      ${link}   (once, 24 h; sets the password of ${account})`,
    ),
    ...waiting.map(
      ({ account, expires }) =>
        `  Sign in      The link of ${account} works until ${when(expires, io)}. To make another one: npx talanoa account invite ${account}`,
    ),
    '',
  ];
  if (demo !== undefined) lines.push(...demo.lines(url));
  else {
    const [collection] = snapshot.collections.values();
    const name = collection === undefined ? 'NAME' : (collection.alias ?? collection.id);
    lines.push(
      'Create a key for a reader, then read with it:',
      `  npx talanoa key create --account my-reader --collections ${name}${config.file === undefined ? '' : ` --config ${config.file}`}`,
      `  curl -H "Authorization: Bearer $KEY" -H 'Accept: application/taxii+json;version=2.1' \\`,
      `       ${url}/${collection === undefined ? 'taxii2/' : `${collection.apiRoot}/collections/${collection.id}/objects/?limit=10`}`,
    );
  }
  if (config.runFeeds && feeds.length > 0)
    lines.push('', `Running the feeds ${feeds.join(', ')}. To stop, press Ctrl-C.`);
  else lines.push('', 'To stop, press Ctrl-C.');
  io.stdout.write(`${lines.join('\n')}\n`);
}

function runLine(report: RunReport): string {
  const { feed, status, reason, created, updated, quarantined } = report;
  if (status === 'failed' || status === 'suspect')
    return `feed ${feed}: ${status}: ${reason ?? ''} The hub continues and runs the feed again on its schedule.`;
  return `feed ${feed}: ${status}: ${count(created)} new, ${count(updated)} changed${quarantined > 0 ? `, ${count(quarantined)} ${quarantined === 1 ? 'row' : 'rows'} in quarantine` : ''}`;
}
