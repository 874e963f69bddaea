import { decide } from '../../../access/policy.ts';
import type { Snapshot } from '../../../access/snapshot.ts';
import { markingFacts, tlpOf } from '../../../stix/markings.ts';
import { instantOf } from '../../../stix/timestamps.ts';
import { texts, type StixObject } from '../../../stix/types.ts';
import {
  ALL_VERSIONS,
  entryPages,
  LAST_VERSION,
  type Store,
  type VersionFilter,
} from '../../../store/store.ts';
import { isRemovalNotice } from '../../removal-notice.ts';
import type { SuppressedValues } from '../../suppression/suppressed-values.ts';
import { rowsOf } from '../../values/contribution.ts';
import type { Lifetimes } from '../../values/life.ts';
import type { Channel } from '../model.ts';
import { mayHave, type Entry } from '../parcels.ts';
import type { Sent } from '../send.ts';
import type { Application, EntraClient } from './entra-client.ts';

/** Maximum number of objects in one request of the upload API. */
const AT_ONCE = 100;
const MOST_MESSAGE = 200;

/** An object as it is uploaded, and the object of the hub for which it is. */
export interface Upload {
  readonly id: string;
  readonly text: string;
}

export interface UploadFacts {
  readonly channel: Channel;
  readonly snapshot: Snapshot;
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
  readonly store: Pick<Store, 'entries'>;
  readonly now: number;
}

/**
 * Returns what Microsoft Sentinel gets for some objects. An indicator without `valid_until` gets the end of its lifetime,
 * because a workspace would keep it without an end. Suppressed indicators, and those that a removal notice names, are sent
 * as revoked: the workspace has no other way to learn that they ended. A revoked version that must not be sent revokes the
 * newest version that may be.
 */
export async function uploadsOf(entries: readonly Entry[], facts: UploadFacts): Promise<readonly Upload[]> {
  const uploads: Upload[] = [];
  for (const entry of entries) {
    const object = JSON.parse(entry.text) as StixObject;
    const isNotice = isRemovalNotice(object, entry.owner);
    if (!isNotice && !isCarried(object)) continue;
    const isAllowed = !isNotice && (object['type'] !== 'indicator' || mayAlert(entry, object, facts));
    if (isAllowed) uploads.push({ id: entry.id, text: uploadOf(entry, object, facts) });
    const ended = isNotice
      ? texts(object, 'object_refs').filter((id) => id.startsWith('indicator--'))
      : !isAllowed && object['revoked'] === true
        ? [entry.id]
        : [];
    for (const sent of await newestSent(ended, facts))
      uploads.push({ id: entry.id, text: JSON.stringify({ ...sent, revoked: true }) });
  }
  return uploads;
}

function isCarried(object: StixObject): boolean {
  const { type, spec_version: spec, pattern_type: pattern } = object;
  return spec === '2.1' && (type !== 'indicator' || pattern === 'stix');
}

/** True if the policy lets tools raise alerts with an indicator. */
function mayAlert(entry: Entry, object: StixObject, { channel, snapshot, now }: UploadFacts): boolean {
  const marking = markingFacts(object, (ref) => snapshot.marking(ref, entry.owner));
  const audience = snapshot.audienceOfMember(channel.member);
  return decide({ effective: tlpOf(entry.level), marking }, audience, 'detection', now).verdict === 'allow';
}

/**
 * Returns indicators in the newest version that the channel may send. A newer version can be stricter, and an indicator
 * without such a version was never sent.
 */
async function newestSent(ids: readonly string[], facts: UploadFacts): Promise<readonly StixObject[]> {
  if (ids.length === 0) return [];
  const { channel, store } = facts;
  const newest = new Map<string, { readonly version: string; readonly object: StixObject }>();
  const query = { collection: channel.collection, after: 0, limit: AT_ONCE };
  const read = async (some: readonly string[], versions: VersionFilter): Promise<void> => {
    for await (const entries of entryPages(store, { ...query, ids: some, versions }))
      for (const entry of entries as readonly Entry[]) {
        const before = newest.get(entry.id);
        if (before !== undefined && instantOf(before.version) >= instantOf(entry.version)) continue;
        const object = JSON.parse(entry.text) as StixObject;
        if (isSent(entry, object, facts)) newest.set(entry.id, { version: entry.version, object });
      }
  };
  // The last version is usually the one. Otherwise, all of them are read, which can take long.
  await read(ids, LAST_VERSION);
  const others = ids.filter((id) => !newest.has(id));
  if (others.length > 0) await read(others, ALL_VERSIONS);
  return [...newest.values()].map(({ object }) => object);
}

/** True for a version of an indicator that the channel sends. */
function isSent(entry: Entry, object: StixObject, facts: UploadFacts): boolean {
  const { channel, snapshot, now } = facts;
  return isCarried(object) && mayHave(entry, channel, snapshot, now) && mayAlert(entry, object, facts);
}

/** Returns the text for one object. */
function uploadOf(
  entry: Entry,
  object: StixObject,
  { channel, suppressed, life }: Pick<UploadFacts, 'channel' | 'suppressed' | 'life'>,
): string {
  if (object['type'] !== 'indicator' || object['revoked'] === true) return entry.text;
  const rows = rowsOf({ ...entry, collection: channel.collection });
  if (rows.some((row) => suppressed.keepsOut(row, 'detect')))
    return JSON.stringify({ ...object, revoked: true });
  if (object['valid_until'] !== undefined || rows.length === 0) return entry.text;
  const ends = Math.max(...rows.map(({ type, contribution }) => life.endOf(type, contribution)));
  return JSON.stringify({ ...object, valid_until: new Date(ends).toISOString() });
}

/** Uploads objects. The API answers with status 200 and the errors of single objects. */
export async function uploadToSentinel(
  { name, url }: Pick<Channel, 'name' | 'url'>,
  uploads: readonly Upload[],
  application: Application,
  client: EntraClient,
  signal: AbortSignal,
): Promise<Sent> {
  const refused: { id: string; message: string }[] = [];
  for (let at = 0; at < uploads.length; at += AT_ONCE) {
    const some = uploads.slice(at, at + AT_ONCE);
    const body = `{"sourcesystem":${JSON.stringify(`Talanoa ${name}`)},"stixobjects":[${some.map(({ text }) => text).join(',')}]}`;
    const answer = await client.call(application, { url, body }, signal);
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 400 || answer.status === 413)
      return { kind: 'fewer', reason: `Sentinel returned the status ${answer.status}` };
    if (answer.status !== 200)
      return { kind: 'later', reason: `Sentinel returned the status ${answer.status}` };
    refused.push(...refusedIn(answer.body, some));
  }
  return { kind: 'taken', refused };
}

function refusedIn(body: unknown, uploads: readonly Upload[]): readonly { id: string; message: string }[] {
  const errors = (body as { readonly errors?: unknown } | null | undefined)?.errors;
  if (!Array.isArray(errors)) return [];
  return (
    errors as readonly ({ readonly recordIndex?: unknown; readonly errorMessages?: unknown } | null)[]
  ).flatMap((error) => {
    const upload = uploads[Number(error?.recordIndex ?? NaN)];
    const messages = Array.isArray(error?.errorMessages) ? error.errorMessages.map(String) : [];
    return upload === undefined
      ? []
      : [{ id: upload.id, message: (messages.join('; ') || 'Sentinel refused it').slice(0, MOST_MESSAGE) }];
  });
}
