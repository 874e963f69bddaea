import type { IndicatorsRequest, Published, Recipients } from '../api/schema-types.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { parseTlp, type Tlp } from '../stix/markings.ts';
import { indicatorOf, publishableValues, valueName } from '../stix/values/indicator.ts';
import type { PublishableKind } from '../stix/values/publishable-kinds.ts';
import { EXIT, printable, readInput, table, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

export interface PublishFlags extends CommonFlags {
  readonly collection: string;
  readonly tlp: string;
  readonly kind?: PublishableKind;
  readonly title?: string;
  readonly description?: string;
  readonly until: number;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly preview?: boolean;
  /** The member that hub staff publish on behalf of. */
  readonly onBehalfOf?: string;
}

/**
 * `talanoa publish VALUE…`: publishes an indicator for each IP address, network, domain name, URL, email address or
 * hash into a collection. Values may be defanged. Exit code 8 when some values were rejected.
 */
export async function publish(values: readonly string[], flags: PublishFlags, io: Io): Promise<number> {
  const given = [...values, ...(flags.file === undefined ? [] : linesOf(flags.file))];
  if (given.length === 0) throw commandErrors.nothingToPublish();
  // The hub reads the values again. Here they are read for the dry run, for errors before anything is sent, and for the
  // names of the values in the output.
  const observables = publishableValues(given, flags.kind);
  const tlp = levelOf(flags.tlp);
  const { title, description, until } = flags;
  if (flags.dryRun === true) {
    const now = systemClock.now();
    for (const observable of observables) {
      const details = { tlp, validDays: until, title, description };
      const object = indicatorOf(observable, details, { now, uuid: systemIds.uuid() });
      io.stdout.write(`${JSON.stringify(object)}\n`);
    }
    return EXIT.done;
  }
  const request: IndicatorsRequest = {
    values: given,
    tlp,
    valid_days: until,
    ...(flags.kind === undefined ? {} : { kind: flags.kind }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(flags.onBehalfOf === undefined ? {} : { on_behalf_of: flags.onBehalfOf }),
  };
  const path = `/api/v1/collections/${encodeURIComponent(flags.collection)}/indicators`;
  if (flags.preview === true) {
    const found = await withHub(flags, io, (client) =>
      client.post<Recipients>(`${path}/recipients`, request),
    );
    io.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : `${previewText(found)}\n`);
    return EXIT.done;
  }
  const { items } = await withHub(flags, io, (client) => client.post<Published>(path, request));
  const taken = items.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'held').length;
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ items })}\n`);
  else
    for (const [i, { id, outcome, message }] of items.entries())
      io.stdout.write(
        `${printable(`${id} ${outcome} ${valueName(observables[i])}${message === undefined ? '' : `: ${message}`}`)}\n`,
      );
  return taken === items.length ? EXIT.done : taken === 0 ? EXIT.invalid : EXIT.part;
}

/** Describes who would receive the objects, who would not, and why. */
function previewText({ items, objects, public: isPublic }: Recipients): string {
  const bad = objects.filter(({ outcome }) => outcome !== 'stored');
  const reached = items.filter((item) => item.objects > 0);
  return [
    `This reaches ${reached.length} of ${items.length} members${isPublic ? ', and the public' : ''}. Nothing was stored.`,
    table([
      ['MEMBER', 'OBJECTS', 'REASON'],
      ...items.map(({ member, objects: number, by, reasons }) => [
        member,
        `${number} of ${objects.length}`,
        printable([...by, ...reasons.map(({ message }) => message)].slice(0, 3).join('; ')),
      ]),
    ]),
    ...bad.map(({ id, outcome, message }) => printable(`${id} ${outcome}: ${message ?? ''}`)),
  ].join('\n');
}

function linesOf(file: string): string[] {
  return readInput(file)
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function levelOf(text: string): Tlp {
  const tlp = parseTlp(text);
  if (tlp !== undefined) return tlp;
  throw commandErrors.invalidTlp({ tlp: text });
}
