import type { IndicatorsRequest, Published, Recipients } from '../api/schema-types.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { parseTlp, type Tlp } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import { indicatorOf, publishableValues, valueName } from '../stix/values/indicator.ts';
import { EXIT, printable, readInput, type Io } from './io.ts';
import { ANONYMOUS, submitAnonymously } from './anonymous.ts';
import { table, writeJson, writeResult } from './output.ts';
import { tellIfStopped, withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

/** Flags of `talanoa publish`. Those that the request has as well mean the same there. */
export interface PublishFlags
  extends
    CommonFlags,
    Pick<IndicatorsRequest, 'kind' | 'title' | 'description' | 'malware' | 'confidence' | 'labels'> {
  readonly collection: string;
  readonly tlp: string;
  readonly until: number;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly preview?: boolean;
  readonly attribution?: 'named' | (typeof ANONYMOUS)[number];
  /** The member that hub staff publish on behalf of. */
  readonly onBehalfOf?: string;
  readonly reference?: IndicatorsRequest['references'];
  readonly validFrom?: IndicatorsRequest['valid_from'];
  readonly acceptWarnings?: IndicatorsRequest['accept_warnings'];
  readonly ifKnown?: IndicatorsRequest['if_known'];
}

/** A value and where it was given. */
interface Given {
  readonly value: string;
  readonly place: string;
}

/**
 * `talanoa publish VALUE…`: publishes an indicator for each IP address, network, range, AS number, domain name, URL,
 * email address or hash into a collection. Values may be defanged. Exit code 8 when some values were not published.
 */
export async function publish(values: readonly string[], flags: PublishFlags, io: Io): Promise<number> {
  const given: readonly Given[] = [
    ...values.map((value, i) => ({ value, place: values.length === 1 ? 'The value' : `Value ${i + 1}` })),
    ...(flags.file === undefined ? [] : linesOf(flags.file)),
  ];
  if (given.length === 0) throw commandErrors.nothingToPublish();
  // The hub reads the values again. Here they are read for the dry run, and so that errors name the line of a file.
  const read = publishableValues(
    given.map(({ value }) => value),
    flags.kind,
    (i) => given[i]?.place ?? '',
  );
  const request = requestOf(given, flags);
  if (flags.dryRun === true) {
    if (flags.quiet !== true)
      io.stderr.write(
        `Nothing was published. Only the hub checks warning lists and known values: use --preview.${flags.malware === undefined ? '' : ` The hub also stores the malware family ${printable(flags.malware)} and the relationships to it.`}\n`,
      );
    return dryRun(read, request, io);
  }
  const attribution = ANONYMOUS.find((word) => word === flags.attribution);
  if (attribution !== undefined) {
    const flag = namedOnly(flags);
    if (flag !== undefined) throw commandErrors.anonymousFlag({ flag, attribution });
    return submitAnonymously(indicatorsOf(read, request), attribution, flags, io);
  }
  const path = `/api/v1/collections/${encodeURIComponent(flags.collection)}/indicators`;
  if (flags.preview === true) {
    const found = await withHub(flags, io, (client) =>
      client.post<Recipients>(`${path}/recipients`, request),
    );
    writeResult(found, () => previewText(found, io), flags, io);
    return EXIT.done;
  }
  const { client, items } = await withHub(flags, io, async (hub) => ({
    client: hub,
    ...(await hub.post<Published>(path, request)),
  }));
  if (flags.json === true) writeJson({ items }, io);
  else
    for (const [i, item] of items.entries())
      io.stdout.write(`${outcomeText(item, valueName(read[i]?.observable))}\n`);
  if (flags.quiet !== true && flags.json !== true) hints(items, flags, io);
  const taken = items.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'held').length;
  if (taken > 0) tellIfStopped(client, flags, io);
  return taken === items.length ? EXIT.done : taken === 0 ? EXIT.invalid : EXIT.part;
}

/** Returns a flag that has no effect on submissions without the name of the member. */
function namedOnly({ onBehalfOf, acceptWarnings, ifKnown, malware }: PublishFlags): string | undefined {
  if (onBehalfOf !== undefined) return '--on-behalf-of';
  if (acceptWarnings === true) return '--accept-warnings';
  if (malware !== undefined) return '--malware';
  return ifKnown === undefined ? undefined : '--if-known';
}

function requestOf(given: readonly Given[], flags: PublishFlags): IndicatorsRequest {
  const { kind, title, description, onBehalfOf, malware, confidence, labels, reference, validFrom } = flags;
  return {
    values: given.map(({ value }) => value),
    tlp: levelOf(flags.tlp),
    valid_days: flags.until,
    ...(kind === undefined ? {} : { kind }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(malware === undefined ? {} : { malware }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(labels === undefined ? {} : { labels: [...labels] }),
    ...(reference === undefined ? {} : { references: [...reference] }),
    ...(validFrom === undefined ? {} : { valid_from: validFrom }),
    ...(flags.acceptWarnings === true ? { accept_warnings: true } : {}),
    ...(flags.ifKnown === undefined ? {} : { if_known: flags.ifKnown }),
    ...(onBehalfOf === undefined ? {} : { on_behalf_of: onBehalfOf }),
  };
}

function dryRun(
  read: readonly { readonly observable: Observable }[],
  request: IndicatorsRequest,
  io: Io,
): number {
  for (const object of indicatorsOf(read, request)) io.stdout.write(`${JSON.stringify(object)}\n`);
  return EXIT.done;
}

/** Makes the indicators of a request on this machine. */
function indicatorsOf(
  read: readonly { readonly observable: Observable }[],
  {
    tlp,
    valid_days: validDays,
    title,
    description,
    confidence,
    labels,
    references,
    valid_from: from,
  }: IndicatorsRequest,
): readonly object[] {
  const now = systemClock.now();
  const validFrom = from === undefined ? undefined : Date.parse(from);
  return read.map(({ observable }) => {
    const details = { tlp, validDays, title, description, confidence, labels, references, validFrom };
    return indicatorOf(observable, details, { now, uuid: systemIds.uuid() });
  });
}

const ON_LIST = /^It is on the warning lists? /;

/** Returns the warnings that the message about a value does not already contain. */
function furtherWarnings({
  message = '',
  warnings = [],
}: Pick<Published['items'][number], 'message' | 'warnings'>): readonly string[] {
  return message.startsWith('warning-list: ')
    ? warnings.filter((warning) => !ON_LIST.test(warning))
    : warnings;
}

function outcomeText(item: Published['items'][number], name: string): string {
  const { id, outcome, message } = item;
  const said = message === undefined ? '' : `: ${message}`;
  const what = name === '' ? '' : ` ${name}`;
  return [
    `${id} ${outcome}${what}${said}`,
    ...furtherWarnings(item).map((warning) => `  warning: ${warning}`),
  ]
    .map(printable)
    .join('\n');
}

/** Tells the reader what to do about values that were not published. */
function hints(items: Published['items'], flags: PublishFlags, io: Io): void {
  const submitted = new Set(items.flatMap(({ id, outcome }) => (outcome === 'known' ? [] : [id])));
  // A value that was given twice is known by its first indicator, which this call has published.
  const isKnown = items.some(
    ({ id, outcome, value }) => outcome === 'known' && value !== undefined && !submitted.has(id),
  );
  if (isKnown && flags.ifKnown === undefined)
    io.stderr.write(
      'To report sightings of the known indicators, add --if-known sighting. To publish new indicators, add --if-known new.\n',
    );
  if (items.some(({ outcome, warnings = [] }) => outcome === 'refused' && warnings.length > 0))
    io.stderr.write('To publish values on warning lists anyway, with a label, add --accept-warnings.\n');
}

/** Describes who would receive the objects, who would not, and why. */
function previewText({ items, objects, public: isPublic, limited }: Recipients, io: Io): string {
  const told = objects.filter(({ outcome, warnings = [] }) => outcome !== 'stored' || warnings.length > 0);
  const reached = items.filter((item) => item.objects > 0);
  return [
    items.length === 0
      ? `${limited ? 'You may see no members' : 'The hub has no members yet'}${isPublic ? ', so this reaches the public only' : ', so this preview shows no recipients'}. Nothing was stored.`
      : `This reaches ${reached.length} of ${items.length} members${limited ? ' that you may see' : ''}${isPublic ? ', and the public' : ''}. Nothing was stored.`,
    ...(limited
      ? [
          'Members that you cannot see are not shown. They may receive the indicators as well, and their networks are checked only when you publish.',
        ]
      : []),
    ...(items.length === 0 ? [] : [recipientsTable(items, objects.length, io)]),
    ...told.map((object) => {
      const { id, value, outcome, message } = object;
      const said = message === undefined ? '.' : `: ${message}.`;
      return printable(
        [
          `${value ?? id}: ${outcome === 'stored' ? 'would be stored' : outcome}${said}`,
          ...furtherWarnings(object),
        ].join(' '),
      );
    }),
  ].join('\n');
}

function recipientsTable(items: Recipients['items'], objects: number, io: Io): string {
  return table(
    [
      ['MEMBER', 'OBJECTS', 'REASON'],
      ...items.map(({ member, objects: number, by, reasons }) => [
        member,
        `${number} of ${objects}`,
        printable([...by, ...reasons.map(({ message }) => message)].slice(0, 3).join('; ')),
      ]),
    ],
    io,
  );
}

function linesOf(file: string): readonly Given[] {
  return readInput(file)
    .toString('utf8')
    .split(/\r?\n/)
    .map((line, i) => ({ value: line.trim(), place: `Line ${i + 1} of ${file}` }))
    .filter(({ value }) => value !== '' && !value.startsWith('#'));
}

function levelOf(text: string): Tlp {
  const tlp = parseTlp(text);
  if (tlp !== undefined) return tlp;
  throw commandErrors.invalidTlp({ tlp: text });
}
