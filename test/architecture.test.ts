import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { importedFile, importsIn, sourceFiles } from './support/source.ts';

const src = join(import.meta.dirname, '..', 'src');

/**
 * The modules of the hub, and which others each may import. Imports go downwards only. A module may always import
 * itself. Files directly in src/ are modules of their own.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  'config/schema-types.ts': [],
  // Types of bodies of the admin API, generated from schemas/.
  'api/schema-types.ts': [],
  // From the settings: the types that a feed document can give a value.
  stix: ['kernel', 'config/schema-types.ts'],
  'config/settings.ts': ['stix', 'config/schema-types.ts'],
  'store/errors.ts': ['kernel'],
  // The parts of the port. Everything else imports them by store/store.ts, which joins them.
  'store/port': ['store/errors.ts', 'stix', 'kernel'],
  'store/store.ts': ['store/port', 'kernel'],
  'store/held-lease.ts': ['store/store.ts', 'kernel'],
  'store/pages.ts': ['store/store.ts', 'kernel'],
  'store/bounded-stores.ts': ['store/store.ts'],
  'store/fact-gate.ts': ['store/bounded.ts', 'store/errors.ts', 'store/store.ts', 'kernel'],
  'store/bounded.ts': ['store/bounded-stores.ts', 'store/pages.ts', 'store/store.ts', 'kernel'],
  'store/former-kinds.ts': ['store/pages.ts', 'store/store.ts', 'kernel'],
  // The codecs of records: shared by all modules that store records.
  'store/records.ts': ['store/errors.ts', 'store/pages.ts', 'store/store.ts', 'kernel'],
  'store/sqlite': ['store/errors.ts', 'store/store.ts', 'stix', 'kernel'],
  'store/mongo': ['store/errors.ts', 'store/store.ts', 'stix', 'kernel'],
  access: [
    'api/schema-types.ts',
    'store/held-lease.ts',
    'store/pages.ts',
    'store/records.ts',
    'store/store.ts',
    'stix',
    'kernel',
  ],
  members: [
    'api/schema-types.ts',
    'access',
    'store/held-lease.ts',
    'store/pages.ts',
    'store/records.ts',
    'store/store.ts',
    'stix',
    'kernel',
  ],
  // A client of other servers, which needs no part of the hub.
  'taxii/client': ['stix', 'kernel'],
  sharing: [
    'api/schema-types.ts',
    'taxii/client',
    'members',
    'access',
    'store/records.ts',
    'store/held-lease.ts',
    'store/store.ts',
    'stix',
    'kernel',
  ],
  feeds: [
    'api/schema-types.ts',
    'sharing',
    'access',
    'store/held-lease.ts',
    'store/records.ts',
    'store/store.ts',
    'taxii/client',
    'stix',
    'kernel',
    'config/settings.ts',
  ],
  // Front doors never use the store. From its port they may import only the types for queries (filters and pages).
  'taxii/server': ['sharing', 'access', 'stix', 'kernel', 'store/store.ts'],
  api: ['api/schema-types.ts', 'feeds', 'sharing', 'members', 'access', 'stix', 'kernel'],
  // From the API only the types of what the same services take and return.
  web: ['api/schema-types.ts', 'sharing', 'members', 'access', 'stix', 'kernel'],
  'config/errors.ts': ['kernel'],
  'config/config.ts': ['config/settings.ts', 'kernel'],
  'config/setting-sources.ts': ['config/config.ts', 'config/settings.ts'],
  'config/settings-file.ts': ['config/errors.ts', 'config/settings.ts', 'kernel'],
  'config/check.ts': ['config/config.ts', 'config/errors.ts', 'kernel'],
  'config/load.ts': [
    'config/check.ts',
    'config/config.ts',
    'config/errors.ts',
    'config/setting-sources.ts',
    'config/settings-file.ts',
    'config/settings.ts',
    'kernel',
  ],
  'config/master-key.ts': ['config/config.ts', 'config/errors.ts', 'kernel'],
  'config/settings-record.ts': ['config/config.ts', 'store/records.ts', 'store/store.ts', 'kernel'],
  'config/declared-records.ts': [
    'config/settings.ts',
    'feeds',
    'sharing',
    'access',
    'store/records.ts',
    'store/store.ts',
    'kernel',
  ],
  'config/kept-times.ts': ['config/declared-records.ts', 'members', 'access', 'store/records.ts', 'stix'],
  'config/credentials-given.ts': ['config/declared-records.ts', 'access', 'store/store.ts', 'kernel'],
  'config/declare': [
    'config/config.ts',
    'config/declared-records.ts',
    'config/errors.ts',
    'config/master-key.ts',
    'config/settings.ts',
    'feeds',
    'sharing',
    'members',
    'access',
    'store/records.ts',
    'store/store.ts',
    'kernel',
  ],
  'config/reconcile.ts': [
    'config/config.ts',
    'config/credentials-given.ts',
    'config/declare',
    'config/declared-records.ts',
    'config/errors.ts',
    'config/kept-times.ts',
    'config/settings-record.ts',
    'feeds',
    'sharing',
    'access',
    'store/held-lease.ts',
    'store/store.ts',
    'kernel',
  ],
  'server/record-kinds.ts': [
    'feeds',
    'sharing',
    'members',
    'access',
    'config/settings-record.ts',
    'store/records.ts',
  ],
  'server/errors.ts': ['kernel'],
  // The list of all errors, for the reference page.
  'server/error-catalogue.ts': ['*'],
  'server/version.ts': ['kernel'],
  'server/http-headers.ts': [],
  'server/idle-memory.ts': ['kernel'],
  'server/metrics.ts': [],
  'server/tls.ts': ['server/errors.ts', 'kernel'],
  'server/framing.ts': [],
  'server/smallest-error.ts': [],
  'server/connection-state.ts': ['server/framing.ts'],
  'server/connections.ts': [
    'server/connection-state.ts',
    'server/framing.ts',
    'server/smallest-error.ts',
    'kernel',
  ],
  'server/listen.ts': [
    'server/errors.ts',
    'server/connection-state.ts',
    'server/connections.ts',
    'server/framing.ts',
    'server/smallest-error.ts',
    'server/tls.ts',
    'kernel',
  ],
  'server/health-app.ts': ['kernel'],
  'server/app.ts': ['server/health-app.ts', 'server/http-headers.ts', 'taxii/server', 'web', 'kernel'],
  'server/diagnostics.ts': ['config/config.ts', 'store/store.ts', 'server/tls.ts', 'kernel'],
  'server/public-url.ts': [],
  'server/hub.ts': [
    'feeds',
    'sharing',
    'members',
    'access',
    'store/bounded.ts',
    'store/fact-gate.ts',
    'store/store.ts',
    'kernel',
  ],
  'server/origin.ts': ['config/config.ts', 'access', 'kernel'],
  // Only this module picks an adapter of the store.
  'server/create-store.ts': [
    'server/hub.ts',
    'config/errors.ts',
    'config/config.ts',
    'store/bounded.ts',
    'store/fact-gate.ts',
    'store/former-kinds.ts',
    'store/sqlite',
    'store/mongo',
    'store/store.ts',
    'kernel',
  ],
  'server/create-egress.ts': ['server/version.ts', 'config/config.ts', 'kernel'],
  'server/create-secrets.ts': [
    'config/config.ts',
    'config/errors.ts',
    'config/master-key.ts',
    'config/settings.ts',
    'store/store.ts',
    'feeds',
    'access',
    'kernel',
  ],
  'server/create-meter.ts': [
    'server/listen.ts',
    'server/metrics.ts',
    'server/version.ts',
    'feeds',
    'access',
    'store/store.ts',
  ],
  'server/status.ts': [
    'api/schema-types.ts',
    'server/version.ts',
    'config/config.ts',
    'feeds',
    'access',
    'store/store.ts',
  ],
  'server/stopped-status.ts': [
    'server/create-store.ts',
    'server/status.ts',
    'config/config.ts',
    'config/master-key.ts',
    'config/reconcile.ts',
    'feeds',
    'access',
    'kernel',
  ],
  'server/mail-check.ts': ['kernel'],
  'server/create-hub-service.ts': [
    'api/schema-types.ts',
    'server/diagnostics.ts',
    'server/mail-check.ts',
    'server/metrics.ts',
    'server/status.ts',
    'config/config.ts',
    'feeds',
    'sharing',
    'access',
    'store/store.ts',
    'kernel',
  ],
  'server/create-housekeeping.ts': [
    'server/create-store.ts',
    'server/record-kinds.ts',
    'feeds',
    'sharing',
    'members',
    'access',
    'store/store.ts',
    'kernel',
  ],
  'server/create-apps.ts': [
    'server/create-network-app.ts',
    'server/health-app.ts',
    'config/config.ts',
    'api',
    'access',
  ],
  'server/create-network-app.ts': [
    'server/app.ts',
    'server/health-app.ts',
    'server/http-headers.ts',
    'server/metrics.ts',
    'server/version.ts',
    'config/config.ts',
    'api',
    'taxii/server',
    'web',
    'sharing',
    'access',
    'kernel',
  ],
  'server/lifecycle.ts': [
    'server/create-store.ts',
    'server/health-app.ts',
    'server/hub.ts',
    'server/listen.ts',
    'server/metrics.ts',
    'server/origin.ts',
    'server/public-url.ts',
    'server/tls.ts',
    'config/config.ts',
    'feeds',
    'sharing',
    'access',
    'kernel',
  ],
  'server/compose.ts': ['*'],
  cli: [
    'api/schema-types.ts',
    'server/compose.ts',
    'server/status.ts',
    'server/stopped-status.ts',
    // Texts of errors, for talanoa help CODE.
    'server/error-catalogue.ts',
    'server/hub.ts',
    'server/listen.ts',
    'server/idle-memory.ts',
    'server/version.ts',
    'config/config.ts',
    'config/load.ts',
    'config/settings.ts',
    // Lines of files in errors.
    'config/settings-file.ts',
    'taxii/client',
    'feeds',
    'sharing',
    'members',
    'access',
    // Types of responses, never the store itself.
    'store/store.ts',
    'stix',
    'kernel',
  ],
  'main.ts': ['cli'],
};

/** Imports from the store port that a front door may use: the types for queries, never the store itself. */
const TAXII_WORDS = new Set(['ALL_VERSIONS', 'LAST_VERSION', 'PageQuery', 'TextPage', 'VersionFilter']);

/** Each third-party package may be imported only by the module that owns it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  axios: ['kernel'],
  canonicalize: ['kernel'],
  'fastest-levenshtein': ['kernel'],
  'libphonenumber-js': ['members'],
  openpgp: ['members'],
  luxon: ['kernel'],
  'p-limit': ['access', 'feeds', 'sharing'],
  'fast-string-width': ['cli'],
  standardwebhooks: ['kernel'],
  pino: ['kernel'],
  nodemailer: ['kernel'],
  imapflow: ['feeds'],
  'postal-mime': ['feeds', 'sharing'],
  'ipaddr.js': ['kernel'],
  '@node-rs/argon2': ['access'],
  '@photostructure/sqlite': ['store/sqlite'],
  mongodb: ['store/mongo'],
  'node-cron': ['feeds'],
  'csv-parse': ['feeds', 'cli'],
  tldts: ['stix'],
  '@streamparser/json': ['feeds'],
  saxes: ['feeds', 'sharing'],
  yauzl: ['feeds', 'sharing'],
  unpdf: ['sharing'],
  re2js: ['feeds'],
  htmlparser2: ['feeds', 'sharing'],
  express: [
    'taxii/server',
    'api',
    'web',
    'server/app.ts',
    'server/create-apps.ts',
    'server/create-network-app.ts',
    'server/health-app.ts',
    'server/hub.ts',
    'server/lifecycle.ts',
  ],
  helmet: ['server/http-headers.ts'],
  'prom-client': ['server/metrics.ts'],
  otpauth: ['access'],
  uqr: ['web'],
  'markdown-it': ['web'],
  '@simplewebauthn/server': ['access'],
  oauth4webapi: ['access'],
  preact: ['web'],
  'preact-render-to-string': ['web'],
  yaml: ['config/settings-file.ts', 'sharing'],
  commander: ['cli'],
  'cli-progress': ['cli'],
};

function roomOf(file: string): string {
  const rooms = Object.keys(ROOMS).filter((room) => file === room || file.startsWith(`${room}/`));
  return rooms.toSorted((a, b) => b.length - a.length)[0] ?? `no room for ${file}`;
}

/** Returns the import cycles between files, including those of imports of types only. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const numbers = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const own = numbers.size;
    numbers.set(file, own);
    stack.push(file);
    let low = own;
    for (const next of graph.get(file) ?? []) {
      if (!numbers.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, numbers.get(next) ?? own);
    }
    if (low === own) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1 || graph.get(file)?.includes(file) === true) found.push(group);
    }
    return low;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return found;
}

/** Returns every violation of the table, as sentences. */
function violations(file: string, text: string): string[] {
  const room = roomOf(file);
  const allowed = ROOMS[room] ?? [];
  const bad: string[] = [];
  for (const found of importsIn(text)) {
    const { target, names } = found;
    const path = importedFile(file, found);
    if (path !== undefined) {
      const to = roomOf(path);
      if (to !== room && !allowed.includes(to) && !allowed.includes('*'))
        bad.push(`${file} (${room}) may not import ${path} (${to})`);
      if (room === 'taxii/server' && to === 'store/store.ts') {
        for (const name of names)
          if (!TAXII_WORDS.has(name)) bad.push(`${file} may not take ${name} from the store`);
      }
    } else if (!target.startsWith('node:')) {
      const name = target.startsWith('@')
        ? target.split('/').slice(0, 2).join('/')
        : (target.split('/')[0] ?? '');
      if (!(PACKAGES[name] ?? []).includes(room))
        bad.push(`${file} (${room}) may not import the package ${name}`);
    }
  }
  // Only services check permissions. A check in a front door would be a second place for the same decision.
  const isFront = [
    'taxii/server',
    'api',
    'web',
    'server/app.ts',
    'server/create-apps.ts',
    'server/create-network-app.ts',
    'server/compose.ts',
    'cli',
  ].includes(room);
  if (
    isFront &&
    /\b(?:can|decide|decidePlacement)\b[^;]*from '[^']*access\/(?:policy|rights)\.ts'/.test(text)
  )
    bad.push(`${file} decides by itself`);
  // Suggestions of names must come from the names that the caller can list. The files listed here suggest
  // words of the standard, words of the program, or words of the settings file to its operator.
  if (/kernel\/nearest\.ts'/.test(text) && !SUGGESTING.has(room) && !SUGGESTING.has(file))
    bad.push(`${file} suggests names without VisibleNames`);
  for (const { words, place, what } of ONCE)
    if (words.test(text) && !place(file)) bad.push(`${file} ${what}`);
  if (/\bprocess\.exit\(/.test(text) && file !== 'main.ts') bad.push(`${file} ends the process`);
  if (/\bMath\.random\(/.test(text)) bad.push(`${file} uses Math.random`);
  return bad;
}

/** Things that have one place in the hub, so that a second one cannot differ from it. */
const ONCE: readonly { words: RegExp; place: (file: string) => boolean; what: string }[] = [
  {
    words: /\[?'managed'\]|\.document\.managed\b|stands in the settings file(?!\.')/,
    place: (file) => file === 'access/managed.ts',
    what: 'asks by itself whether the settings file declares a record (access/managed.ts)',
  },
  {
    words: /\bahead: \{ rules/,
    place: (file) => file === 'feeds/drafting.ts',
    what: 'submits objects that somebody else has checked (feeds/drafting.ts)',
  },
  {
    words: /\bunversioned:/,
    place: (file) => file === 'sharing/intake/candidate.ts' || file.startsWith('store/'),
    what: 'builds a candidate by itself (sharing/intake/candidate.ts)',
  },
  {
    words: /\.writeHead\(|'no-store'|new Problem\('method-not-allowed'|'WWW-Authenticate':/,
    // TAXII pages have ETags, lists also have parts, and requests that the connection layer refuses never reach a door.
    place: (file) =>
      [
        'kernel/http-door.ts',
        'taxii/server/response.ts',
        'web/lists/send-list.ts',
        'server/listen.ts',
        'cli/demo.ts',
      ].includes(file),
    what: 'answers by itself (kernel/http-door.ts)',
  },
  {
    words: /while \(!\S*\.aborted\) \{\s+(?:try \{\s+)?await [^;]*\.wait\(|\bsetInterval\(/,
    // A lease is renewed while its holder works, and ends with it.
    place: (file) => file === 'kernel/work-loop.ts' || file === 'store/held-lease.ts',
    what: 'repeats work by itself (kernel/work-loop.ts)',
  },
  {
    words: /\bsetTimeout\b|\bperformance\.now\(/,
    // The schedule follows node-cron, and a closing server and a compilation ahead must not keep the process alive.
    // The diagnosis measures the disk.
    place: (file) =>
      [
        'kernel/clock.ts',
        'kernel/body.ts',
        'kernel/deadline.ts',
        'kernel/http-client.ts',
        'kernel/mailer.ts',
        'feeds/schedule.ts',
        'server/listen.ts',
        'stix/validation/schema-stage.ts',
        'store/sqlite/diagnosis.ts',
      ].includes(file),
    what: 'has a timer of its own (kernel/clock.ts)',
  },
  {
    words: /\bURL\.canParse\(/,
    // Once Node.js 20 has optimised it, it returns false for every text with characters other than ASCII.
    place: () => false,
    what: 'asks URL.canParse (kernel/url.ts)',
  },
  {
    words: /\bAbortSignal\.(?:any|timeout)\(/,
    // On Node.js 20, a signal made by them may be collected before it fires, and it stays in a list of its sources forever.
    place: () => false,
    what: 'combines signals by itself (kernel/deadline.ts)',
  },
  {
    words: /\bDate\.now\(\)|\bnew Date\(\)/,
    // The log writes wall clock time, and leases of the embedded store start above those of earlier processes.
    place: (file) => ['kernel/clock.ts', 'kernel/log.ts', 'store/sqlite/transactions.ts'].includes(file),
    what: 'reads the clock',
  },
  {
    words: /\bprocess\.env\b|from 'node:process'/,
    place: (file) => file === 'main.ts',
    what: 'reads the environment',
  },
  {
    words: /\bDate\.UTC\((?!\d)|\bgetTimezoneOffset\(|\bDateTimeFormat\(/,
    place: (file) => file === 'kernel/time-zones.ts' || file === 'stix/timestamps.ts',
    what: 'calculates with time zones by itself (kernel/time-zones.ts)',
  },
  {
    words: /\b(?:principal|actor|caller)\.(?:role|name) [!=]==/,
    // Grants of earlier versions contain names, and in intake an actor can be a feed.
    place: (file) =>
      [
        'access/rights.ts',
        'access/account-rights.ts',
        'access/principal.ts',
        'access/audience.ts',
        'sharing/intake/judge.ts',
      ].includes(file),
    what: 'decides by a role or a name (access/rights.ts)',
  },
];

/** Files that may search for the nearest word. */
const SUGGESTING: ReadonlySet<string> = new Set([
  'kernel',
  'stix',
  'cli',
  'config/declare',
  'feeds/document.ts',
  'access/visible-names.ts',
  'sharing/lists/list-query.ts',
]);

/** Generated from `schemas/`. */
const GENERATED: ReadonlySet<string> = new Set([
  'api/schema-types.ts',
  'config/schema-types.ts',
  'stix/schema-types.ts',
]);
/**
 * Interfaces with the same property names as a type of a schema, which mean something else or belong to a room that
 * must not depend on the API. Everything else uses the generated type.
 */
const OF_THEIR_OWN: Readonly<Record<string, string>> = {
  'access/factors/model.ts SignIn': 'a stored record, whose time is a number',
  'access/keys/key-list.ts KeyPage': 'its "next" is a place, which the operation encodes',
  'access/model.ts LifeOfType': 'a part of stored feeds, and access does not depend on the settings',
  'access/snapshot-records.ts Rule': 'ids of collections, where requests have names',
  'feeds/warning-lists.ts ListHit': 'a list that a value was found in',
  'kernel/diagnosis.ts Diagnosis': 'made by adapters of the store, which know nothing about the API',
  'sharing/channels/model.ts DeadLetter': 'a stored record',
  'access/two-people.ts PersonDecision': 'a stored record, whose time is a number',
  'stix/values/observed-values.ts ObservedValue': 'a value in its sortable form, with types of its own',
  'stix/search-keys.ts SearchKey': 'the kernel of the search, below the API',
  'store/port/audit.ts AuditEntry': 'the record that the hash chain covers',
  'store/port/audit.ts AuditFact': 'the record that the hash chain covers',
  'members/contacts/model.ts ContactFields': 'a stored record, without null',
  'members/contacts/model.ts ContactKey': 'a part of stored records',
  'members/contacts/model.ts Shown': 'a part of stored records',
  'web/console/views/factor-forms.tsx StepFaults': 'the messages at two forms',
  'web/public/security-txt.ts SecurityContacts': 'pages do not depend on the settings',
};

/** An interface or an object type in a file: its name, and the sorted names of its properties. */
interface Shape {
  readonly name: string;
  readonly isExported: boolean;
  readonly properties: string;
}

/** Returns the shapes in a formatted file that have two properties or more, with those inside them. */
function shapesIn(text: string): readonly Shape[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: Shape[] = [];
  for (const head of code.matchAll(/^(export )?(?:interface (\w+)|type (\w+) =)([^{;\n]*)\{$/gm)) {
    // A shape that extends another has more properties than are written here.
    if (/\bextends\b|&/.test(head[4] ?? '')) continue;
    const open = [{ name: head[2] ?? head[3] ?? '', properties: [] as string[] }];
    for (const line of code.slice(head.index + head[0].length + 1).split('\n')) {
      const [, property] = /^\s*(?:readonly )?['"]?([\w$-]+)['"]?\??:/.exec(line) ?? [];
      if (property !== undefined) open.at(-1)?.properties.push(property);
      const depth = line.split('{').length - line.split('}').length;
      for (let more = 0; more < depth; more += 1)
        open.push({ name: `${open[0]?.name}.${property}`, properties: [] });
      for (let less = 0; less < -depth; less += 1) {
        const { name = '', properties = [] } = open.pop() ?? {};
        const isExported = head[1] !== undefined && !name.includes('.');
        if (properties.length > 1)
          found.push({ name, isExported, properties: properties.toSorted().join(' ') });
      }
      if (open.length === 0) break;
    }
  }
  return found;
}

/** Returns the exported shapes of a file that a schema declares, too, as "file name = type of the schema". */
function writtenTwice(file: string, text: string, declared: ReadonlyMap<string, string>): readonly string[] {
  return shapesIn(text)
    .filter(({ isExported, properties }) => isExported && declared.has(properties))
    .map(({ name, properties }) => `${file} ${name} = ${declared.get(properties)}`);
}

/** Files with more lines are hard to read in one sitting. */
const MOST_LINES = 400;
/** The files that are longer. The list may only become shorter. */
const LONG: readonly string[] = ['feeds/formats/iodef.ts', 'kernel/json-gate.ts', 'stix/pattern/parser.ts'];

/** The largest number of longer files. */
const MOST_LONG = 6;

/**
 * The functions over 60 lines, the limit of the linter. Each has a comment with the reason above it. The list may only
 * shrink: cut a new function into steps with names.
 */
const LONG_FUNCTIONS: readonly string[] = [
  'access/rights.ts can',
  'feeds/formats/csaf.ts readCsaf',
  'feeds/formats/iodef.ts happened',
  'feeds/parsers/csv.ts parseCsv',
  'feeds/parsers/xml.ts xmlElements',
  'kernel/json-gate.ts skip',
  'kernel/json-stream.ts feed',
  'server/compose.ts composeOn',
  'store/mongo/mongo-store.ts mongoStore',
  'store/sqlite/sqlite-store.ts openSqliteStore',
  'store/sqlite/writer-statements.ts writerStatements',
  'taxii/client/poll.ts poll',
];

/** Returns the functions of a file that the linter does not measure, and the comments that switch it off unduly. */
function unmeasured(file: string, text: string): readonly string[] {
  return [...text.matchAll(/oxlint-disable[^\n]*max-lines-per-function[^\n]*\n[^\n]*/g)].map(([found]) => {
    const name =
      /^oxlint-disable-next-line max-lines-per-function -- [A-Z].{19,}\n[^(]*?(\w+)(?:<.*)?\(/.exec(
        found,
      )?.[1];
    return `${file} ${name ?? 'gives no reason, or is switched off as a whole'}`;
  });
}

function linesOf(file: string): number {
  return readFileSync(join(src, file), 'utf8').split('\n').length - 1;
}

/** Returns the accesses to stored documents by string keys, and casts of documents. */
function accessesByKey(text: string): readonly string[] {
  return [...text.matchAll(/\bdocument\??\.?\[['"`]|\.document as (?!const)|\(document as /g)].map(
    ([match]) => match,
  );
}

/** Returns what a file of operations does that their declarations are there to make unnecessary. */
function operationFaults(file: string, text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, '');
  const bad: string[] = [];
  if (/\sas\s+(?!const\b)/.test(code.replaceAll(/^import[^;]*;/gm, ''))) bad.push(`${file} casts`);
  if (
    /\b(?:interface|type)\s+\w*(?:Request|Change|Body|Response|Answer)\b/.test(
      code.replaceAll(/^import[^;]*;/gm, ''),
    )
  )
    bad.push(`${file} writes a body as an interface`);
  if (/^\s*method: /m.test(text) && !/\boperation\(\{/.test(code))
    bad.push(`${file} declares without operation()`);
  if (/prettier-ignore/.test(text)) bad.push(`${file} is not formatted`);
  for (const line of text.split('\n'))
    if (line.length > 110) bad.push(`${file}: ${line.trim().slice(0, 60)}… is long`);
  return bad;
}

describe('the house', () => {
  /** The script of the console runs in browsers. The rules of the house are about the program. */
  const isProgram = (file: string): boolean =>
    !file.startsWith('web/browser/') && file !== 'web/shared/enhance-text.ts';
  const all = sourceFiles('src').filter(isProgram);

  test('the script of the console and the program do not import each other', () => {
    const importing = (file: string): string => readFileSync(join(src, file), 'utf8');
    for (const file of sourceFiles('src')) {
      if (file.startsWith('web/browser/')) expect(importing(file)).not.toMatch(/from '(?!\.\/)/);
      else expect(importing(file)).not.toMatch(/from '[^']*\/browser\//);
    }
  });

  test('every file has a room, and no room imports upwards or sideways', () => {
    expect(all.length).toBeGreaterThan(80);
    expect(all.flatMap((file) => violations(file, readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  test.each([
    ['api/a.ts', "import { can } from '../access/rights.ts';", /decides by itself/],
    ['stix/a.ts', "import { x } from '../store/store.ts';", /may not import store\/store\.ts/],
    [
      'taxii/server/a.ts',
      "import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';",
      /may not import store\/sqlite/,
    ],
    ['taxii/server/a.ts', "import type { Store } from '../../store/store.ts';", /may not take Store/],
    ['store/mongo/a.ts', "import { x } from '../sqlite/reader.ts';", /may not import store\/sqlite/],
    ['access/a.ts', "import { x } from '../sharing/outlet.ts';", /may not import sharing/],
    ['web/a.tsx', "import axios from 'axios';", /package axios/],
    ['sharing/a.ts', "const x = await import('../server/compose.ts');", /may not import server\/compose/],
    ['sharing/a.ts', 'export const t = Date.now();', /reads the clock/],
    ['feeds/a.ts', "if (record.document['managed'] === 'file') refuse();", /settings file declares/],
    ['web/a.tsx', "response.writeHead(200, { 'Cache-Control': 'no-store' });", /answers by itself/],
    ['kernel/a.ts', 'export const t = Date.now();', /reads the clock/],
    ['access/a.ts', 'const timer = setTimeout(done, 5);', /has a timer/],
    ['feeds/a.ts', 'while (!stopping.aborted) { await clock.wait(PAUSE_MS); }', /repeats work/],
    ['stix/a.ts', 'if (URL.canParse(text)) use(text);', /asks URL\.canParse/],
    ['sharing/a.ts', 'const signal = AbortSignal.any([lost, stopping]);', /combines signals/],
    ['config/load.ts', 'const port = process.env.PORT;', /reads the environment/],
    ['feeds/a.ts', 'const at = Date.UTC(year, month - 1, day);', /time zones/],
    ['sharing/a.ts', "if (actor.role === 'analyst') allow();", /decides by a role/],
    ['sharing/a.ts', "if (principal.name !== 'boss') refuse();", /decides by a role or a name/],
    ['sharing/a.ts', 'place({ id, unversioned: true });', /builds a candidate/],
    [
      'sharing/a.ts',
      "import { nearest } from '../kernel/nearest.ts';",
      /suggests names without VisibleNames/,
    ],
    ['elsewhere/a.ts', "import { x } from '../kernel/ids.ts';", /no room/],
  ])('a wrong import planted in %s is found: %s', (file, text, message) => {
    expect(violations(file, text).join('\n')).toMatch(message);
  });

  test('the folders of test/ are rooms, or suites that need more than the hub, and each is run', () => {
    const runner = readFileSync(join(import.meta.dirname, 'support', 'run-jest.mjs'), 'utf8');
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !['fixtures', 'support'].includes(entry.name))
      .map(({ name }) => name);
    const suites = ['attack', 'browser', 'clients', 'contract', 'e2e', 'fuzz', 'model'];
    const rooms = readdirSync(src).filter((name) => !name.includes('.'));
    // Tests in project/ are about the repository: documents, deployment, dependencies.
    expect(folders.filter((name) => ![...rooms, ...suites, 'project'].includes(name))).toEqual([]);
    expect(folders.filter((name) => !new RegExp(`\\b${name}\\b`).test(runner))).toEqual([]);
    expect(rooms.filter((name) => !folders.includes(name))).toEqual([]);
  });

  test('the composition root only calls factories', () => {
    expect(linesOf('server/compose.ts')).toBeLessThanOrEqual(120);
  });

  test('no other file has more than 400 lines', () => {
    expect(all.filter((file) => !GENERATED.has(file) && linesOf(file) > MOST_LINES).toSorted()).toEqual(LONG);
  });

  test('operations have the types of their schemas: no cast, no interface written again, no long line', () => {
    const found = all.filter((file) => /(?:^|\/)(?:[a-z-]+-)?operations\.ts$/.test(file));
    expect(found.length).toBeGreaterThan(18);
    expect(found.flatMap((file) => operationFaults(file, readFileSync(join(src, file), 'utf8')))).toEqual([]);
    const elsewhere = all.filter(
      (file) => !found.includes(file) && /\boperation\(\{/.test(readFileSync(join(src, file), 'utf8')),
    );
    expect(elsewhere).toEqual([]);
  });

  test.each([
    ['run: async ({ body }) => give(body as Gift),', /casts/],
    ['interface GiftRequest { readonly to: string }', /writes a body/],
    ["const one = {\n  method: 'GET',\n};", /without operation/],
    [`// ${'long '.repeat(25)}`, /is long/],
  ])('a fault planted in a file of operations is found: %s', (text, message) => {
    expect(operationFaults('red/operations.ts', text).join('\n')).toMatch(message);
  });

  describe('types that a schema declares', () => {
    const declared = new Map(
      ['api/schema-types.ts', 'config/schema-types.ts'].flatMap((file) =>
        shapesIn(readFileSync(join(src, file), 'utf8')).map(({ name, properties }) => [properties, name]),
      ),
    );

    test('are not written again by hand', () => {
      expect(declared.size).toBeGreaterThan(100);
      const found = all
        .filter((file) => !GENERATED.has(file))
        .flatMap((file) => writtenTwice(file, readFileSync(join(src, file), 'utf8'), declared))
        .map((one) => one.replace(/ = .*/, ''));
      expect(found.toSorted()).toEqual(Object.keys(OF_THEIR_OWN).toSorted());
    });

    test.each([
      [
        'export interface Wish {\n  readonly title?: string;\n  readonly copies?: boolean;\n  readonly identities?: readonly string[];\n}\n',
        'MemberSelfChange',
      ],
      [
        '/** A step. */\nexport type Step = {\n  readonly id: string;\n  /** RFC 3339. */\n  readonly at: string;\n  readonly event: string;\n  readonly text: string;\n};\n',
        'Notifications.items',
      ],
      [
        'export interface Gone {\n  readonly group: {\n    readonly name: string;\n  };\n  readonly recall: readonly string[];\n}\n',
        'LeftGroup',
      ],
    ])('a copy is found: %j', (text, type) => {
      expect(writtenTwice('sharing/a.ts', text, declared)).toEqual([
        expect.stringMatching(new RegExp(`^sharing/a\\.ts \\w+ = ${type}$`)),
      ]);
    });

    test.each([
      'export interface Wish extends Base {\n  readonly title?: string;\n  readonly copies?: boolean;\n  readonly identities?: string;\n}\n',
      'export interface Wish {\n  readonly title?: string;\n  readonly copies?: boolean;\n}\n',
      'interface Wish {\n  readonly title?: string;\n  readonly copies?: boolean;\n  readonly identities?: string;\n}\n',
    ])('another shape is not: %j', (text) => {
      expect(writtenTwice('sharing/a.ts', text, declared)).toEqual([]);
    });
  });

  test('at most six files are longer, and each gives the reason at its head', () => {
    expect(LONG.length).toBeLessThanOrEqual(MOST_LONG);
    const reason = /^\/\/ Longer than 400 lines: \S/;
    expect(LONG.filter((file) => !reason.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  test('few functions have more than 60 lines, each with its reason', () => {
    const found = all.flatMap((file) => unmeasured(file, readFileSync(join(src, file), 'utf8')));
    expect(found.toSorted()).toEqual(LONG_FUNCTIONS);
  });

  test.each([
    ['// oxlint-disable-next-line max-lines-per-function\nfunction one() {', /no reason/],
    [
      '/* oxlint-disable max-lines-per-function -- It is long because it is long. */\nfunction one() {',
      /no reason/,
    ],
    [
      '// oxlint-disable-next-line max-lines-per-function -- A list of statements.\nfunction one() {',
      /a\.ts one$/,
    ],
  ])('a function that the linter does not measure is found: %s', (text, message) => {
    expect(unmeasured('a.ts', text).join('\n')).toMatch(message);
  });

  test('no files form an import cycle, not even for types', () => {
    const graph = new Map(
      all.map((file) => [
        file,
        importsIn(readFileSync(join(src, file), 'utf8')).flatMap((found) => importedFile(file, found) ?? []),
      ]),
    );
    expect([...graph.values()].flat().length).toBeGreaterThan(1_000);
    expect(cycles(graph)).toEqual([]);
    const planted = new Map([...graph, ['kernel/clock.ts', ['server/app.ts']]]);
    expect(cycles(planted).flat()).toEqual(expect.arrayContaining(['kernel/clock.ts', 'server/app.ts']));
  });

  // A hub that is idle needs none of these. Each is loaded by `import()` when it is used for the first time.
  test.each([
    ['axios', []],
    ['csv-parse', []],
    ['imapflow', []],
    ['nodemailer', []],
    ['postal-mime', []],
    // Only the process that reads documents imports this file.
    ['saxes', ['sharing/extraction/docx-text.ts']],
    ['@simplewebauthn/server', []],
    ['oauth4webapi', ['access/oidc/provider.ts']],
    ['./oidc/provider.ts', []],
  ])('the library %s is not loaded at start', (name, files) => {
    const loads = (text: string): boolean =>
      [...text.matchAll(/^import (?!type\b)([^;]*?)from '([^']+)';/gm)].some(([, , from]) => from === name);
    expect(all.filter((file) => loads(readFileSync(join(src, file), 'utf8')))).toEqual(files);
    expect(loads(`import * as one from '${name}';\n`)).toBe(true);
  });

  test('each package of the table is a dependency, and each dependency has an owner', () => {
    const { dependencies } = JSON.parse(readFileSync(join(src, '..', 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const owned = Object.keys(PACKAGES);
    expect(Object.keys(dependencies).toSorted()).toEqual(owned.toSorted());
  });

  // Records are read through their codecs (store/records.ts).
  test('records are not accessed by string keys or casts outside codecs', () => {
    const found = all
      .filter((file) => !file.startsWith('store/') && !file.startsWith('taxii/client/'))
      .flatMap((file) =>
        accessesByKey(readFileSync(join(src, file), 'utf8')).map((line) => `${file}: ${line}`),
      );
    expect(found).toEqual([]);
  });

  test.each([
    "const to = record.document['to'];",
    "return Number(document['at']);",
    'return record.document as object as Red;',
    "if (record?.document['managed'] === 'file') return;",
  ])('an access by key is found: %s', (line) => {
    expect(accessesByKey(line)).toHaveLength(1);
  });
});
