import type { IndicatorsRequest, Recipients as RecipientsPreview } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import { timestampFault } from '../../stix/timestamps.ts';
import { text } from '../../stix/types.ts';
import { indicatorOf, publishableValues, type NewIndicator } from '../../stix/values/indicator.ts';
import type { Recipients } from '../deliveries/recipients.ts';
import { sharingErrors } from '../errors.ts';
import { documentOf } from '../intake/indicators.ts';
import type { Published, Publishing } from '../intake/publishing.ts';
import type { Search } from '../reading/search.ts';
import { indicationOf, malwareOf, sightingOf, type MadeObject, type Shared } from './made-objects.ts';
import { HIDDEN_OWNER, ownersOf, warningsAbout, type ValueLists } from './value-guard.ts';

interface PublishingParts {
  readonly publishing: Pick<Publishing, 'writableNamed' | 'publish'>;
  readonly recipients: Pick<Recipients, 'preview'>;
  readonly search: Pick<Search, 'standing'>;
  /** Loads the warning lists of the hub. */
  readonly lists: () => Promise<ValueLists>;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The decision about one value before anything is submitted. */
interface Prepared {
  readonly value: string;
  readonly indicator: NewIndicator;
  readonly warnings: readonly string[];
  /** The value is in the networks or domains of a member that the caller cannot see. */
  readonly isOfHidden: boolean;
  /** The outcome, if the indicator is not submitted. */
  readonly settled?: { readonly id: string; readonly outcome: 'known' | 'refused'; readonly message: string };
}

/** The submission of some values: one entry per value, and the objects that accompany their indicators. */
interface Plan {
  readonly values: readonly Prepared[];
  readonly beside: readonly MadeObject[];
}

/** The preview of the recipients of values. */
export interface ValuePreview extends RecipientsPreview {
  /** The indicators in the order of the values. */
  readonly indicators: readonly NewIndicator[];
}

/**
 * Publishes indicators for values that people typed, by the API, the command line and the console. Values are
 * checked like those of feeds: by warning lists, by the networks and domains of members, and by what is known already.
 */
export class ValuePublishing {
  readonly #s: PublishingParts;

  constructor(parts: PublishingParts) {
    this.#s = parts;
  }

  /** Publishes an indicator for each value. The outcomes of objects other than the indicators come last. */
  async publish(actor: Principal, name: string, request: IndicatorsRequest): Promise<readonly Published[]> {
    const { values, beside } = await this.#plan(actor, name, request, false);
    const objects = [...values.flatMap(({ settled, indicator }) => (settled ? [] : [indicator])), ...beside];
    const submitted =
      objects.length === 0
        ? []
        : await this.#s.publishing.publish(actor, name, await documentOf(objects), request.on_behalf_of);
    const outcomes = new Map(submitted.map((outcome) => [outcome.id, outcome]));
    return [
      ...values.map(({ value, warnings, isOfHidden, indicator, settled }) => {
        const outcome = outcomeOf(indicator, settled, outcomes);
        const all = isOfHidden && outcome.outcome === 'stored' ? [...warnings, HIDDEN_OWNER] : warnings;
        return { ...outcome, value, ...(all.length === 0 ? {} : { warnings: all }) };
      }),
      ...beside.flatMap(({ id }) => outcomes.get(id) ?? []),
    ];
  }

  /** Returns what would become of each value, and who would receive it. Nothing is stored. */
  async preview(actor: Principal, name: string, request: IndicatorsRequest): Promise<ValuePreview> {
    const { values, beside } = await this.#plan(actor, name, request, true);
    const objects = [...values.flatMap(({ settled, indicator }) => (settled ? [] : [indicator])), ...beside];
    const found = await this.#s.recipients.preview(
      actor,
      name,
      await documentOf(objects),
      request.on_behalf_of,
    );
    const outcomes = new Map(found.objects.map((object) => [object.id, object]));
    return {
      ...found,
      indicators: values.map(({ indicator }) => indicator),
      objects: [
        ...values.map(({ value, warnings, indicator, settled }) => ({
          ...(settled ?? outcomes.get(indicator.id) ?? { id: indicator.id, outcome: 'refused' as const }),
          value,
          ...(warnings.length === 0 ? {} : { warnings }),
        })),
        ...beside.flatMap(({ id }) => outcomes.get(id) ?? []),
      ],
    };
  }

  /** Decides on each value before anything is submitted. Refuses callers that cannot write to the collection. */
  async #plan(actor: Principal, name: string, request: IndicatorsRequest, isPreview: boolean): Promise<Plan> {
    const from = request.valid_from;
    if (from !== undefined && timestampFault(from) !== undefined) throw sharingErrors.invalidStart();
    const read = publishableValues(request.values, request.kind);
    const directory = await this.#s.directory.current();
    const collection = this.#s.publishing.writableNamed(actor, name, directory);
    const shared = this.#shared(actor, request, directory);
    const lists = await this.#s.lists();
    const values: Prepared[] = [];
    const first = new Map<string, Prepared>();
    for (const { value, observable } of read) {
      const plain = this.#indicator(observable, request, shared, []);
      const found = ownersOf(plain, actor, directory);
      // The label would reveal the same in the objects of a preview.
      const owners = isPreview ? { ...found, isHidden: false } : found;
      const { refusal, warnings, labels } = warningsAbout(
        observable,
        lists,
        request.accept_warnings === true,
        owners,
      );
      const indicator =
        labels.length === 0 ? plain : this.#indicator(observable, request, shared, labels, plain);
      const same = first.get(indicator.pattern);
      const settled =
        same !== undefined
          ? settledAs('known', same.settled?.id ?? same.indicator.id, `"${same.value}" is the same value`)
          : refusal !== undefined
            ? settledAs('refused', indicator.id, refusal)
            : await this.#known(actor, collection, indicator, request);
      const prepared = {
        value,
        indicator,
        warnings,
        isOfHidden: owners.isHidden,
        ...(settled === undefined ? {} : { settled }),
      };
      values.push(prepared);
      if (same === undefined) first.set(indicator.pattern, prepared);
    }
    return { values, beside: await this.#beside(actor, collection, [...first.values()], request, shared) };
  }

  #shared(actor: Principal, request: IndicatorsRequest, directory: Snapshot): Shared {
    const own = actor.kind === 'account' ? actor.member : undefined;
    const member = request.on_behalf_of ?? own;
    const creator = member === undefined ? undefined : directory.members.get(member)?.identities[0];
    return { tlp: request.tlp, creator, now: this.#s.clock.now() };
  }

  #indicator(
    observable: Observable,
    request: IndicatorsRequest,
    { creator, now }: Shared,
    labels: readonly string[],
    plain?: NewIndicator,
  ): NewIndicator {
    const { tlp, valid_days: validDays, title, description, confidence, references } = request;
    const uuid = plain?.id.slice('indicator--'.length) ?? this.#s.ids.uuid();
    return indicatorOf(
      observable,
      {
        tlp, validDays, title, description, creator, confidence, references,
        labels: [...new Set([...(request.labels ?? []), ...labels])],
        validFrom: request.valid_from === undefined ? undefined : Date.parse(request.valid_from),
      },
      { now, uuid },
    ); // prettier-ignore
  }

  /** Returns that a value is known, if the caller can read a valid indicator with the same pattern in the collection. */
  async #known(
    actor: Principal,
    collection: CollectionInfo,
    indicator: NewIndicator,
    { if_known: ifKnown }: IndicatorsRequest,
  ): Promise<Prepared['settled']> {
    if (ifKnown === 'new') return undefined;
    const standing = await this.#s.search.standing(
      actor,
      collection,
      indicator,
      (found) => found['type'] === 'indicator' && text(found, 'pattern') === indicator.pattern,
    );
    const id = standing === undefined ? undefined : text(standing, 'id');
    if (id === undefined) return undefined;
    return settledAs(
      'known',
      id,
      ifKnown === 'sighting'
        ? 'the collection has a valid indicator for it, which gets a sighting'
        : 'the collection has a valid indicator for it',
    );
  }

  /** Returns the objects that accompany the indicators: malware with relationships, and sightings of known indicators. */
  async #beside(
    actor: Principal,
    collection: CollectionInfo,
    values: readonly Prepared[],
    { malware: name, if_known: ifKnown }: IndicatorsRequest,
    shared: Shared,
  ): Promise<readonly MadeObject[]> {
    const { ids, search } = this.#s;
    const sightings =
      ifKnown === 'sighting'
        ? values.flatMap(({ settled }) =>
            settled?.outcome === 'known' ? [sightingOf(settled.id, ids.uuid(), shared)] : [],
          )
        : [];
    const fresh = values.filter(({ settled }) => settled === undefined);
    if (name === undefined || fresh.length === 0) return sightings;
    const made = malwareOf(name, ids.uuid(), shared);
    const standing = await search.standing(
      actor,
      collection,
      made,
      (found) => found['type'] === 'malware' && text(found, 'name')?.toLowerCase() === name.toLowerCase(),
    );
    const family = (standing === undefined ? undefined : text(standing, 'id')) ?? made.id;
    return [
      ...(standing === undefined ? [made] : []),
      ...fresh.map(({ indicator }) => indicationOf(indicator.id, family, ids.uuid(), shared)),
      ...sightings,
    ];
  }
}

function settledAs(
  outcome: 'known' | 'refused',
  id: string,
  message: string,
): NonNullable<Prepared['settled']> {
  return { id, outcome, message };
}

function outcomeOf(
  { id, modified }: NewIndicator,
  settled: Prepared['settled'],
  outcomes: ReadonlyMap<string, Published>,
): Published {
  if (settled !== undefined) return { version: modified, ...settled };
  const outcome = outcomes.get(id);
  if (outcome === undefined) throw new Error('an indicator has no outcome');
  return outcome;
}
