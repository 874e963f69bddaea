import { readValue } from '../stix/values/read-value.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import { parseTlp, tlpMarkingId } from '../stix/markings.ts';
import { buildPattern, observableName, simpleParts, type Observable } from '../stix/pattern/build.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import type { Published } from '../sharing/intake/publishing.ts';
import type { RecipientsPreview } from '../sharing/deliveries/recipients.ts';
import { EXIT, printable, readInput, table, type Io } from './io.ts';
import { withHub, type LocalClient } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface PublishFlags extends CommonFlags {
  readonly collection: string;
  readonly tlp: string;
  readonly title?: string;
  readonly description?: string;
  readonly until: number;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly preview?: boolean;
  /** The member that hub staff publish on behalf of. */
  readonly onBehalfOf?: string;
}

const DAY_MS = 86_400_000;
/**
 * Special addresses and names are always rejected, because nobody should block them. Users who need one anyway send it
 * as STIX.
 */
const RULES = {
  specialAddresses: new Set<string>(),
  specialDomains: new Set<string>(),
  range: false,
};

/**
 * `talanoa publish VALUE…`: publishes an indicator for each IP address, network, domain name, URL, email address or
 * hash into a collection. Values may be defanged. Exit code 8 when some values were rejected.
 */
export async function publish(values: readonly string[], flags: PublishFlags, io: Io): Promise<number> {
  const given = [...values, ...(flags.file === undefined ? [] : linesOf(flags.file))];
  if (given.length === 0)
    throw new Problem('invalid-request', 'There is nothing to publish', {
      hint: 'Give values, or --file FILE with one a line.',
      code: 'TLN-C-002',
    });
  const observables = given.flatMap((value) => observablesOf(value));
  const build = (creator: string | undefined): object[] =>
    observables.map((observable) => indicatorOf(observable, flags, creator));
  if (flags.dryRun === true) {
    for (const object of build(undefined)) io.stdout.write(`${JSON.stringify(object)}\n`);
    return EXIT.done;
  }
  const represented = flags.onBehalfOf === undefined ? {} : { on_behalf_of: flags.onBehalfOf };
  if (flags.preview === true) {
    const found = await withHub(flags, io, async (client) =>
      client.post<RecipientsPreview>(
        `/api/v1/collections/${encodeURIComponent(flags.collection)}/recipients`,
        { objects: build(await creatorOf(client, flags.onBehalfOf)), ...represented },
      ),
    );
    io.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : `${previewText(found)}\n`);
    return EXIT.done;
  }
  const items = await withHub(flags, io, async (client) => {
    const objects = build(await creatorOf(client, flags.onBehalfOf));
    const path = `/api/v1/collections/${encodeURIComponent(flags.collection)}/objects`;
    return (await client.post<{ items: readonly Published[] }>(path, { objects, ...represented })).items;
  });
  const taken = items.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'held').length;
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ items })}\n`);
  else
    for (const [i, { id, outcome, message }] of items.entries())
      io.stdout.write(
        `${printable(`${id} ${outcome} ${nameOf(observables[i])}${message === undefined ? '' : `: ${message}`}`)}\n`,
      );
  return taken === items.length ? EXIT.done : taken === 0 ? EXIT.invalid : EXIT.part;
}

/** Describes who would receive the objects, who would not, and why. */
function previewText({ items, objects, public: isPublic }: RecipientsPreview): string {
  const bad = objects.filter(({ outcome }) => outcome !== 'stored');
  const reached = items.filter((item) => item.objects > 0);
  return [
    `This reaches ${reached.length} of ${items.length} members${isPublic ? ', and anybody else' : ''}. Nothing was written.`,
    table([
      ['MEMBER', 'OBJECTS', 'HOW, OR WHY NOT'],
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

function observablesOf(value: string): readonly Observable[] {
  try {
    return readValue(value, 'auto', RULES).map(({ observable }) => observable);
  } catch (error) {
    throw new Problem('invalid-content', `"${value.slice(0, 100)}" cannot be published`, {
      description: error instanceof Error ? error.message : '',
      hint: 'Nothing was sent. Send what is meant all the same as STIX, with talanoa push.',
      code: 'TLN-B-422',
    });
  }
}

function indicatorOf(observable: Observable, flags: PublishFlags, creator: string | undefined): object {
  const tlp = parseTlp(flags.tlp);
  if (tlp === undefined)
    throw new Problem('invalid-request', `"${flags.tlp}" is no TLP level`, {
      hint: 'clear, green, amber, amber+strict',
      code: 'TLN-C-002',
    });
  const now = systemClock.now();
  const stamp = stixTimestamp(now);
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${systemIds.uuid()}`,
    ...(creator === undefined ? {} : { created_by_ref: creator }),
    created: stamp,
    modified: stamp,
    name: flags.title ?? nameOf(observable),
    ...(flags.description === undefined ? {} : { description: flags.description }),
    indicator_types: ['malicious-activity'],
    pattern: buildPattern(observable),
    pattern_type: 'stix',
    pattern_version: '2.1',
    valid_from: stamp,
    valid_until: stixTimestamp(now + flags.until * DAY_MS),
    object_marking_refs: [tlpMarkingId(tlp)],
  };
}

function nameOf(observable: Observable | undefined): string {
  const [first] = observable === undefined ? [] : simpleParts(observable);
  return first === undefined ? '' : observableName(first);
}

/** Returns the identity of the member that the caller publishes for. */
async function creatorOf(client: LocalClient, onBehalfOf: string | undefined): Promise<string | undefined> {
  const member = onBehalfOf ?? (await client.get<{ member?: string }>('/api/v1/whoami')).member;
  if (member === undefined) return undefined;
  const { identities } = await client.get<{ identities: readonly string[] }>(
    `/api/v1/members/${encodeURIComponent(member)}`,
  );
  return identities[0];
}
