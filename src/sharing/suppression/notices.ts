import type { Directory } from '../../access/directory.ts';
import { OPERATOR } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { HUB_NAMESPACE, uuidV5 } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { fixedTlp, markingRefs, tlpMarkingId, tlpOf } from '../../stix/markings.ts';
import { stixTimestamp } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { observedValues, readableObserved } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { LAST_VERSION, placedPages, type EntryFacts, type Store } from '../../store/store.ts';
import type { Intake } from '../intake/intake.ts';
import type { Revocation } from '../life/revocation.ts';
import { REMOVAL_LABEL } from '../removal-notice.ts';
import type { ValueView } from '../values/value-view.ts';
import { SUPPRESSIONS, type SuppressedPlace, type SuppressionRecord } from './model.ts';
import { valueOf } from './value-of.ts';

/** Maximum number of indicators of one value in one collection that get a notice. */
const MOST_NOTICES = 200;

interface NoticeParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly view: Pick<ValueView, 'catchUp' | 'of'>;
  readonly intake: Pick<Intake, 'submit'>;
  readonly revocation: Pick<Revocation, 'revoke'>;
  readonly log: Log;
}

/** An indicator of a suppressed value in a collection. */
interface Named {
  readonly collection: CollectionInfo;
  readonly entry: EntryFacts;
  readonly object: StixObject;
}

/**
 * Notifies everybody who has a suppressed value that they must remove it. Each indicator of the value gets an opinion of
 * the hub that strongly disagrees with it, at the TLP level of the indicator, in every collection that contains it.
 * Clients, channels and emails carry the opinion like any other object. The hub changes no object of others, but revokes
 * indicators of its own.
 */
export class Notices {
  readonly #s: NoticeParts;

  constructor(parts: NoticeParts) {
    this.#s = parts;
  }

  /** Places the notices that were not placed yet. Repeating it changes nothing. */
  async tellAll(): Promise<void> {
    for (const record of await SUPPRESSIONS.in(this.#s.store).by('state', 'telling')) await this.tell(record);
  }

  /** Places the notices of one suppression. */
  async tell(record: Stored<SuppressionRecord>): Promise<void> {
    const { store, directory, log } = this.#s;
    const snapshot = await directory.current();
    const { named, isWhole } = await this.#named(record.document, snapshot);
    const byCollection = new Map<CollectionInfo, Named[]>();
    for (const one of named)
      byCollection.set(one.collection, [...(byCollection.get(one.collection) ?? []), one]);
    const places: SuppressedPlace[] = [];
    for (const [collection, some] of byCollection)
      places.push(await this.#place(record, collection, some, snapshot));
    await this.#revokeOwn(record.document, named);
    // Indicators that the view does not contain yet get their notices when this is repeated.
    if (!isWhole) return;
    try {
      await store.commit({ records: [SUPPRESSIONS.change(record, { ...record.document, places })] });
    } catch (error) {
      // Another process placed them, or the suppression was lifted.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      return;
    }
    log.info('suppression.announced', { suppression: record.id, collections: places.length });
  }

  /** Returns the indicators of a value, and whether these are all that were there when it was suppressed. */
  async #named(
    { type, value: written, at }: SuppressionRecord,
    { collections }: Snapshot,
  ): Promise<{ readonly named: readonly Named[]; readonly isWhole: boolean }> {
    const { store, view } = this.#s;
    const value = valueOf({ type, value: written });
    const found: Named[] = [];
    let isWhole = true;
    for (const collection of collections.values()) {
      const head = await view.catchUp(collection.id);
      isWhole &&= head.complete || (head.usable && head.added >= at * 1_000);
      const rows = (await view.of(collection.id, value)).filter(({ contribution }) => !contribution.revoked);
      const places = rows.slice(0, MOST_NOTICES).map(({ added }) => ({ collection: collection.id, added }));
      if (places.length === 0) continue;
      for await (const entries of placedPages(store, places))
        for (const entry of entries)
          found.push({ collection, entry, object: JSON.parse(entry.text) as StixObject });
    }
    return { named: found, isWhole };
  }

  async #place(
    { id, document }: Stored<SuppressionRecord>,
    collection: CollectionInfo,
    named: readonly Named[],
    snapshot: Snapshot,
  ): Promise<SuppressedPlace> {
    const { store, intake, log } = this.#s;
    const notices = named.flatMap((one) => noticeOf(id, document, one, snapshot) ?? []);
    const added = Math.min(...named.map(({ entry }) => entry.added));
    const place = { collection: collection.id, added, notices: [] };
    if (notices.length === 0) return place;
    const texts = notices.map((notice) => JSON.stringify(notice));
    const outcomes = await intake.submit({
      actor: { kind: 'account', principal: OPERATOR, defaultTlp: undefined, mayRead: true },
      collection,
      count: notices.length,
      item: (i) => ({ text: texts[i] ?? '', value: JSON.parse(texts[i] ?? '{}') as Record<string, unknown> }),
    });
    const placed = outcomes.filter(({ kind }) => kind === 'stored' || kind === 'known').map((one) => one.id);
    const [refused] = outcomes.filter(({ kind }) => kind === 'refused' || kind === 'held');
    if (refused !== undefined)
      log.warn('suppression.notice_refused', { collection: collection.id, reason: refused.message ?? '' });
    if (placed.length === 0) return place;
    const query = { collection: collection.id, after: 0, ids: placed, versions: LAST_VERSION };
    const { entries } = await store.entries({ ...query, limit: placed.length }, false);
    return { ...place, notice: Math.max(...entries.map((entry) => entry.added)), notices: placed };
  }

  /**
   * Revokes the hub's own indicators for this value only, after the hub confirmed that the value is a false positive. A
   * value that somebody removed at once can turn out to be malicious, and a revocation cannot be undone. Indicators of
   * feeds stay, because a feed that lists the value again later could no longer use a revoked id.
   */
  async #revokeOwn({ cause }: SuppressionRecord, named: readonly Named[]): Promise<void> {
    if (cause !== 'false-positive') return;
    const own = named.filter(
      ({ entry, object, collection }) =>
        entry.owner === 'hub' && collection.ownOf === undefined && observedValues(object).length === 1,
    );
    for (const id of new Set(own.map(({ entry }) => entry.id)))
      try {
        await this.#s.revocation.revoke(OPERATOR, id);
      } catch (error) {
        // Somebody revoked or removed it in the meantime, or it is relayed.
        if (!(error instanceof Problem)) throw error;
        this.#s.log.warn('suppression.not_revoked', { object: id, reason: reasonOf(error) });
      }
  }
}

/** Returns the notice about an indicator. Undefined when its markings are not known for the hub. */
function noticeOf(
  suppression: string,
  { cause, reason, at, type, value }: SuppressionRecord,
  { entry, object }: Named,
  snapshot: Snapshot,
): StixObject | undefined {
  const others = markingRefs(object).filter((ref) => fixedTlp(ref) === undefined);
  if (others.some((ref) => snapshot.marking(ref, 'hub') === undefined)) return undefined;
  const stamp = stixTimestamp(at);
  const words = cause === 'panic' ? 'Remove at once' : 'False positive';
  return {
    type: 'opinion',
    spec_version: '2.1',
    // Copies of one object in several collections can have different levels, and a text has one.
    id: `opinion--${uuidV5(`${suppression}|${at}|${entry.id}|${entry.level}`, HUB_NAMESPACE)}`,
    created: stamp,
    modified: stamp,
    explanation: `${words}: ${readableObserved(valueOf({ type, value }))}. Stop blocking and detecting it. Reason: ${reason}`,
    opinion: 'strongly-disagree',
    labels: [REMOVAL_LABEL],
    object_refs: [text(object, 'id') ?? entry.id],
    object_marking_refs: [...others, tlpMarkingId(tlpOf(entry.level))],
  };
}
