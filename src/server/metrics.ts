import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * Receives measurements from the parts of the hub. Route names come from the route tables, which keeps the number of
 * labels small.
 */
export interface Meter {
  /** Records an answered request. `surface` is `taxii` or `api`. `route` is the name of the operation, or `other`. */
  request(surface: 'taxii' | 'api', route: string, status: number, seconds: number): void;
  /** Records a run of a feed. */
  feedRun(report: MeteredRun): void;
}

/** The parts of a feed run that metrics count. */
export interface MeteredRun {
  readonly feed: string;
  readonly status: string;
  /** RFC 3339. */
  readonly started: string;
  readonly ended: string;
  readonly bytes: number;
  readonly records: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly quarantined: number;
  readonly filtered: number;
  readonly newest?: string;
}

const OUTCOMES = ['created', 'updated', 'unchanged', 'removed', 'quarantined', 'filtered'] as const;

/** Values that are read when metrics are requested. */
export interface Gauges {
  readonly objects: number;
  readonly held: number;
  readonly members: number;
  readonly accounts: number;
  /** Records that access depends on and that cannot be read. */
  readonly damaged: number;
  /** The number of alarms per feed. */
  readonly alarms: readonly (readonly [feed: string, alarms: number])[];
  readonly connections: number;
  readonly ready: boolean;
}

/** Metrics for Prometheus. No label contains a member, an account, an address or any part of an object. */
export class Metrics implements Meter {
  readonly #registry = new Registry();
  readonly #http: ReturnType<typeof httpMetrics>;
  readonly #feeds: ReturnType<typeof feedMetrics>;
  readonly #look: () => Promise<void>;

  /** `gauges` is called for each request for metrics. */
  constructor(version: string, gauges: () => Promise<Gauges>) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#http = httpMetrics(registers);
    this.#feeds = feedMetrics(registers);
    const show = stateMetrics(version, registers, this.#feeds.alarms);
    this.#look = async () => show(await gauges());
  }

  request(surface: 'taxii' | 'api', route: string, status: number, seconds: number): void {
    this.#http.requests.inc({ surface, route, status: `${Math.floor(status / 100)}xx` });
    this.#http.seconds.observe({ surface, route }, seconds);
  }

  signInFailed(way: string, reason: 'wrong' | 'throttled'): void {
    this.#http.signIns.inc({ way, reason });
  }

  connectionEnded(reason: string): void {
    this.#http.connections.inc({ reason });
  }

  feedRun(report: MeteredRun): void {
    const { feed, status, started, ended, bytes, newest } = report;
    this.#feeds.runs.inc({ feed, status });
    this.#feeds.bytes.inc({ feed }, bytes);
    for (const outcome of OUTCOMES) this.#feeds.records.inc({ feed, outcome }, report[outcome]);
    this.#feeds.duration.set({ feed }, (Date.parse(ended) - Date.parse(started)) / 1000);
    if (newest !== undefined) this.#feeds.newest.set({ feed }, Date.parse(newest) / 1000);
    if (status !== 'failed' && status !== 'suspect')
      this.#feeds.lastRun.set({ feed }, Date.parse(ended) / 1000);
  }

  /** Returns the text in the Prometheus format, and its media type. */
  async text(): Promise<{ readonly body: string; readonly type: string }> {
    await this.#look();
    return { body: await this.#registry.metrics(), type: this.#registry.contentType };
  }
}

/** Requests, sign-ins and connections. */
function httpMetrics(registers: Registry[]) {
  return {
    requests: new Counter({
      name: 'talanoa_http_requests_total',
      help: 'Requests answered, by operation and status class.',
      labelNames: ['surface', 'route', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'talanoa_http_request_seconds',
      help: 'Time to answer a request.',
      labelNames: ['surface', 'route'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    signIns: new Counter({
      name: 'talanoa_sign_in_failures_total',
      help: 'Failed sign-ins, by method and reason (wrong: the secret was wrong; throttled: refused without a check after too many failures).',
      labelNames: ['way', 'reason'],
      registers,
    }),
    connections: new Counter({
      name: 'talanoa_connections_ended_total',
      help: 'Connections that the hub refused or ended, by reason (total, address: over a limit; displaced: silent or idle, ended for a newer one; handshake: no TLS in time; slow, stalled, malformed).',
      labelNames: ['reason'],
      registers,
    }),
  };
}

/** Runs of feeds. */
function feedMetrics(registers: Registry[]) {
  return {
    runs: new Counter({
      name: 'talanoa_feed_runs_total',
      help: 'Runs of feeds, by feed and result.',
      labelNames: ['feed', 'status'],
      registers,
    }),
    lastRun: new Gauge({
      name: 'talanoa_feed_last_success_timestamp_seconds',
      help: 'Time of the last successful run of a feed.',
      labelNames: ['feed'],
      registers,
    }),
    records: new Counter({
      name: 'talanoa_feed_records_total',
      help: 'Rows of feeds, by outcome.',
      labelNames: ['feed', 'outcome'],
      registers,
    }),
    bytes: new Counter({
      name: 'talanoa_feed_bytes_total',
      help: 'Bytes read from feeds.',
      labelNames: ['feed'],
      registers,
    }),
    duration: new Gauge({
      name: 'talanoa_feed_last_run_seconds',
      help: 'Duration of the last run of a feed.',
      labelNames: ['feed'],
      registers,
    }),
    newest: new Gauge({
      name: 'talanoa_feed_newest_record_timestamp_seconds',
      help: 'Time of the newest record of a feed.',
      labelNames: ['feed'],
      registers,
    }),
    alarms: new Gauge({
      name: 'talanoa_feed_alarms',
      help: 'Open alarms of a feed.',
      labelNames: ['feed'],
      registers,
    }),
  };
}

/** The state of the hub. Returns the function that sets it. */
function stateMetrics(
  version: string,
  registers: Registry[],
  alarms: Gauge<'feed'>,
): (found: Gauges) => void {
  new Gauge({
    name: 'talanoa_info',
    help: 'Version of the running hub.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const simple = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const objects = simple('talanoa_objects', 'Number of object versions in all collections.');
  const held = simple('talanoa_held_objects', 'Objects on hold.');
  const members = simple('talanoa_members', 'Members.');
  const accounts = simple('talanoa_accounts', 'Accounts.');
  const damaged = simple(
    'talanoa_damaged_records',
    'Records that access depends on and that cannot be read. Everything that they name is closed.',
  );
  const connections = simple('talanoa_connections', 'Open connections.');
  const ready = simple('talanoa_ready', '1 if the hub can write to the store, otherwise 0.');
  return (found) => {
    objects.set(found.objects);
    held.set(found.held);
    members.set(found.members);
    accounts.set(found.accounts);
    damaged.set(found.damaged);
    alarms.reset();
    for (const [feed, number] of found.alarms) alarms.set({ feed }, number);
    connections.set(found.connections);
    ready.set(found.ready ? 1 : 0);
  };
}
