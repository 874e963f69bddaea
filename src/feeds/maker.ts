// Longer than 400 lines: the only place where a value of a feed becomes a STIX object, with one method per kind of value.
import { createHash } from 'node:crypto';
import { parseNetwork } from '../kernel/address.ts';
import type { FeedDocument } from '../config/settings.ts';
import { parseTlp, type Tlp } from '../stix/markings.ts';
import { buildPattern, type Observable } from '../stix/pattern/build.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import {
  feedIdentityId,
  feedObjectId,
  indicatorId,
  namedObject,
  plainName,
  type EntryFinding,
  type Finding,
  type IndicatorFinding,
  type Mapped,
  type NamedType,
  type ObjectFinding,
  type Reference,
} from './findings.ts';
import { observablesOf, trafficOf } from './observables.ts';
import { isPattern, type ListHit, type WarningLists } from './warning-lists.ts';
import { readTime, type TimeRules } from './times.ts';
import { ValueFault, readValue, type ValueRules, type ValueType } from '../stix/values/read-value.ts';

/** What a source states in addition to the value. Times are in milliseconds since 1970. */
export interface Said {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly validFrom?: number | undefined;
  readonly lastSeen?: number | undefined;
  readonly validUntil?: number | undefined;
  readonly labels?: readonly string[];
  readonly confidence?: number | undefined;
  readonly country?: string | undefined;
  readonly validFor?: string | undefined;
  readonly indicatorTypes?: readonly string[] | undefined;
  readonly malware?: string | undefined;
  readonly gone?: boolean | undefined;
  readonly tlp?: Tlp | undefined;
  readonly references?: readonly Reference[];
}

/** An observation with its values. The first value is the subject, and the others add detail. */
export interface Seen extends Said {
  readonly values: readonly { readonly raw: string; readonly type: ValueType }[];
  readonly traffic?: {
    readonly source?: string | undefined;
    readonly sourcePort?: string | undefined;
    readonly destination?: string | undefined;
    readonly destinationPort?: string | undefined;
    readonly protocol?: string | undefined;
  };
  readonly count?: number | undefined;
  readonly vulnerabilities?: readonly string[];
}

/** A report that connects other findings: an advisory, an event, a post. */
export interface Reported extends Said {
  /** Identifies the same report in later runs. */
  readonly key: string;
  readonly published: number | undefined;
  readonly created?: number | undefined;
  readonly modified?: number | undefined;
  readonly types?: readonly string[];
  readonly refs?: readonly string[];
  readonly beside?: readonly StixObject[];
  readonly vulnerabilities?: readonly string[];
  readonly binds?: boolean;
}

const LONGEST_LABEL = 250;
const LONGEST_NAME = 1_000;
const LONGEST_TEXT = 20_000;
const CVE = /^CVE-\d{4}-\d{4,19}$/;
/** Maximum number of observables in one observation. */
const MOST_SEEN = 50;

/**
 * Turns the statements of a source into findings by the rules of its feed: canonical values, warning lists, maximum
 * values, ids. All formats use it, so there is one place where values of a feed become objects.
 */
export class FindingMaker {
  readonly document: FeedDocument;
  readonly now: number;
  readonly #values: ValueRules;
  readonly #times: TimeRules;
  readonly #lists: Pick<WarningLists, 'hits'>;

  constructor(document: FeedDocument, now: number, lists: Pick<WarningLists, 'hits'> = { hits: () => [] }) {
    this.document = document;
    this.now = now;
    this.#lists = lists;
    this.#values = {
      specialAddresses: new Set(document.values?.special_addresses_allowed ?? []),
      specialDomains: new Set(document.values?.special_domains_allowed ?? []),
      range: document.parser.range ?? false,
    };
    this.#times = { zone: document.time?.zone ?? 'UTC', format: document.time?.format ?? 'iso', now };
  }

  /** Reads a time in the format of the feed, or in the given format. Throws a ValueFault. */
  time(text: string, format = this.#times.format): number {
    return readTime(text, { ...this.#times, format });
  }

  /** Reads the time at which something ends. Throws a ValueFault. */
  end(text: string): number {
    return readTime(text, { ...this.#times, isEnd: true });
  }

  /** Reads a TLP label. Throws a ValueFault. */
  tlp(text: string): Tlp {
    const tlp = parseTlp(text);
    if (tlp === undefined) throw new ValueFault('bad-tlp', `"${text.slice(0, 40)}" is no TLP label`);
    return tlp;
  }

  /** Returns the indicators of a value, without those that a warning list excludes. Throws a ValueFault. */
  indicators(raw: string, type: ValueType, said: Said): Mapped {
    const found = readValue(raw, type, this.#values);
    return this.#listed(
      found.map(({ observable, labels }) => this.#indicator(observable, said, labels)),
      said,
    );
  }

  /** Returns the canonical observables of a value. Throws a ValueFault. */
  values(raw: string, type: ValueType): readonly Observable[] {
    return readValue(raw, type, this.#values).map(({ observable }) => observable);
  }

  /** Returns the indicator of an observable that is already canonical. */
  indicatorOf(observable: Observable, said: Said): Mapped {
    return this.#listed([this.#indicator(observable, said, [])], said);
  }

  /** Returns an indicator with a rule in another pattern language. */
  rule(patternType: Exclude<IndicatorFinding['patternType'], 'stix'>, text: string, said: Said): Mapped {
    const pattern = text.trim();
    if (pattern === '') throw new ValueFault('empty-value', 'the rule is empty');
    return {
      findings: [
        {
          ...this.#shared(said, []),
          id: indicatorId(this.document.name, `${patternType}:${pattern}`),
          pattern,
          patternType,
          observable: undefined,
        },
      ],
    };
  }

  /**
   * Returns an observation, which is no reason to block anything. Throws a ValueFault when its first value is invalid.
   */
  observation(seen: Seen): ObjectFinding {
    const observables: StixObject[] = [];
    const add = (raw: string | undefined, type: ValueType, needed: boolean): string | undefined => {
      if (raw === undefined || raw === '') {
        if (needed) throw new ValueFault('empty-value', 'the row has no value');
        return undefined;
      }
      try {
        const made = this.values(raw, type).flatMap(observablesOf);
        for (const object of made)
          if (observables.length < MOST_SEEN && !observables.some(({ id }) => id === object['id']))
            observables.push(object);
        return made[0]?.['id'] as string | undefined;
      } catch (error) {
        // Invalid values that only add detail are left out.
        if (needed || !(error instanceof ValueFault)) throw error;
        return undefined;
      }
    };
    seen.values.forEach(({ raw, type }, i) => add(raw, type, i === 0));
    const { traffic } = seen;
    if (traffic !== undefined) {
      const connection = trafficOf(
        { ref: add(traffic.source, 'ip', false), port: portOf(traffic.sourcePort) },
        { ref: add(traffic.destination, 'ip', false), port: portOf(traffic.destinationPort) },
        protocolOf(traffic.protocol),
      );
      if (connection !== undefined) observables.push(connection);
    }
    return this.#observed(observables, seen, seen.count);
  }

  /** Returns a vulnerability by its CVE id. Throws a ValueFault. */
  vulnerability(
    cve: string,
    said: Said & { readonly created?: number | undefined; readonly modified?: number | undefined },
  ): ObjectFinding {
    const object: StixObject = {
      ...this.cve(cve, said.references ?? []),
      ...textsOf({ description: said.description }),
      ...labelled(this.#labels(said, [])),
      ...(said.confidence === undefined ? {} : { confidence: this.#confidence(said.confidence) }),
    };
    return {
      kind: 'object',
      id: String(object['id']),
      object,
      beside: [],
      tlp: said.tlp,
      at: said.lastSeen ?? said.validFrom,
      created: said.created,
      modified: said.modified,
    };
  }

  /** Returns the vulnerability object that another object refers to. Throws a ValueFault. */
  cve(text: string, references: readonly Reference[] = []): StixObject {
    const name = text.trim().toUpperCase();
    if (!CVE.test(name)) throw new ValueFault('bad-cve', `"${text.slice(0, 40)}" is no CVE id`);
    return {
      type: 'vulnerability',
      spec_version: '2.1',
      id: feedObjectId(this.document.name, 'vulnerability', name),
      name,
      external_references: distinct([{ source_name: 'cve', external_id: name }, ...references]),
    };
  }

  /** Returns a note about a vulnerability that another source has created. Throws a ValueFault. */
  enrichment(cve: string, said: Said, scores: readonly string[]): ObjectFinding {
    const name = cve.trim().toUpperCase();
    if (!CVE.test(name)) throw new ValueFault('bad-cve', `"${cve.slice(0, 40)}" is no CVE id`);
    for (const score of scores)
      if (!/^(?:0(?:\.\d{1,18})?|1(?:\.0{1,18})?)$/.test(score))
        throw new ValueFault('bad-score', `"${score.slice(0, 40)}" is no score from 0 to 1`);
    const id = feedObjectId(this.document.name, 'note', name);
    return {
      kind: 'object',
      id,
      object: {
        type: 'note',
        spec_version: '2.1',
        id,
        ...textsOf({ abstract: said.name }),
        content: (said.description ?? '').slice(0, LONGEST_TEXT),
        ...labelled(this.#labels(said, [])),
        ...referring(said.references),
        object_refs: [],
      },
      beside: [],
      tlp: said.tlp,
      at: said.lastSeen ?? said.validFrom,
      about: name,
    };
  }

  /** Returns a report. The vulnerabilities and families that it names are created with it. */
  report(reported: Reported): ObjectFinding {
    const { key, published, refs = [], beside = [] } = reported;
    const named = [
      ...beside,
      ...distinct(reported.vulnerabilities ?? []).flatMap((cve) =>
        CVE.test(cve.toUpperCase()) ? [this.cve(cve)] : [],
      ),
    ];
    const all = distinct([...refs, ...named.map((object) => String(object['id']))]);
    const id = feedObjectId(this.document.name, 'report', key);
    return {
      kind: 'object',
      id,
      object: {
        type: 'report',
        spec_version: '2.1',
        id,
        name: (reported.name ?? key).slice(0, LONGEST_NAME),
        ...textsOf({ description: reported.description }),
        report_types: [...(reported.types ?? ['threat-report'])],
        published: stixTimestamp(published ?? this.now),
        ...labelled(this.#labels(reported, [])),
        ...(reported.confidence === undefined ? {} : { confidence: this.#confidence(reported.confidence) }),
        ...referring(reported.references),
        // A report must refer to at least one object (STIX 2.1 §4.16.1). The identity of the feed serves as the last
        // resort.
        object_refs: all.length === 0 ? [feedIdentityId(this.document.name)] : all,
      },
      beside: named,
      tlp: reported.tlp,
      at: reported.modified ?? published,
      created: reported.created,
      modified: reported.modified,
      ...(reported.binds === true ? { binds: true } : {}),
    };
  }

  /**
   * Returns an entry of the warning list that the feed maintains. Throws a ValueFault when it is invalid for the type
   * of the list.
   */
  entry(raw: string): EntryFinding {
    const { warning_list: list, name } = this.document;
    if (list === undefined) throw new ValueFault('no-list', 'the document keeps no warning list');
    const entry = raw.trim();
    if (entry === '' || entry.length > 500)
      throw new ValueFault('empty-value', 'the entry is empty, or too long');
    if (list.type === 'cidr' && parseNetwork(entry.toLowerCase()) === undefined)
      throw new ValueFault('bad-cidr', `"${entry.slice(0, 80)}" is no network`);
    if (list.type === 'regex' && !isPattern(entry))
      throw new ValueFault(
        'bad-pattern',
        `"${entry.slice(0, 80)}" is no regular expression that ends in time`,
      );
    return { kind: 'entry', id: feedObjectId(name, 'entry', entry), entry, tlp: undefined };
  }

  /** Returns a named object that a report or an observation refers to. */
  named(type: NamedType, name: string): StixObject {
    return namedObject(this.document.name, type, name);
  }

  /** Returns an ATT&CK technique by its id. */
  technique(id: string, name = id): StixObject {
    return {
      type: 'attack-pattern',
      spec_version: '2.1',
      id: feedObjectId(this.document.name, 'attack-pattern', id.toUpperCase()),
      name: name.slice(0, LONGEST_NAME),
      external_references: [{ source_name: 'mitre-attack', external_id: id.toUpperCase() }],
    };
  }

  #observed(observables: readonly StixObject[], seen: Seen | Said, count = 1): ObjectFinding {
    const first = seen.validFrom ?? seen.lastSeen;
    const last = Math.max(seen.lastSeen ?? 0, first ?? 0);
    const labels = this.#labels(seen, []);
    const refs = observables.map((object) => String(object['id']));
    // The same things seen at the same time give the same observation.
    const what = createHash('sha256')
      .update(JSON.stringify([refs, first ?? '', last, labels, seen.references ?? []]))
      .digest('hex');
    const { name: feed } = this.document;
    const id = feedObjectId(feed, 'observed-data', what);
    const about = [
      ...(seen.malware === undefined || plainName(seen.malware) === ''
        ? []
        : [this.named('malware', seen.malware)]),
      ...('vulnerabilities' in seen
        ? distinct(seen.vulnerabilities ?? []).flatMap((cve) =>
            CVE.test(cve.toUpperCase()) ? [this.cve(cve)] : [],
          )
        : []),
    ];
    return {
      kind: 'object',
      id,
      object: {
        type: 'observed-data',
        spec_version: '2.1',
        id,
        first_observed: stixTimestamp(first ?? this.now),
        last_observed: stixTimestamp(first === undefined ? this.now : last),
        number_observed: Math.min(999_999_999, Math.max(1, Math.round(count))),
        object_refs: refs,
        ...labelled(labels),
        ...(seen.confidence === undefined ? {} : { confidence: this.#confidence(seen.confidence) }),
        ...referring(seen.references),
      },
      beside: [
        ...observables,
        ...about.flatMap((object) => [
          object,
          {
            type: 'sighting',
            spec_version: '2.1',
            id: feedObjectId(feed, 'sighting', `${id}|${String(object['id'])}`),
            sighting_of_ref: object['id'],
            observed_data_refs: [id],
          },
        ]),
      ],
      tlp: seen.tlp,
      at: first === undefined ? undefined : last,
    };
  }

  #shared(
    said: Said,
    own: readonly string[],
  ): Omit<IndicatorFinding, 'id' | 'pattern' | 'patternType' | 'observable'> {
    return {
      kind: 'indicator',
      name: said.name?.slice(0, LONGEST_NAME),
      description: said.description?.slice(0, LONGEST_TEXT),
      validFrom: said.validFrom,
      lastSeen: said.lastSeen,
      validUntil: said.validUntil,
      labels: this.#labels(said, own),
      confidence: said.confidence === undefined ? undefined : this.#confidence(said.confidence),
      ...(said.validFor === undefined ? {} : { validFor: said.validFor }),
      ...(said.indicatorTypes === undefined ? {} : { indicatorTypes: said.indicatorTypes }),
      ...(said.malware === undefined ? {} : { malware: said.malware.slice(0, 200) }),
      ...(said.gone === true ? { gone: true } : {}),
      tlp: said.tlp,
      references: said.references ?? [],
    };
  }

  #indicator(observable: Observable, said: Said, own: readonly string[]): IndicatorFinding {
    const pattern = buildPattern(observable);
    return {
      ...this.#shared(said, own),
      id: indicatorId(this.document.name, pattern),
      pattern,
      patternType: 'stix',
      observable,
    };
  }

  #confidence(value: number): number {
    return Math.min(this.document.defaults.max_confidence ?? 100, 100, value);
  }

  #labels({ labels = [], country }: Said, own: readonly string[]): readonly string[] {
    const code = country?.toUpperCase();
    return distinct(
      [...labels, ...own, ...(code !== undefined && /^[A-Z]{2}$/.test(code) ? [`country:${code}`] : [])]
        .map((label) => label.trim().slice(0, LONGEST_LABEL))
        .filter((label) => label !== ''),
    );
  }

  /** Applies the warning lists to findings. */
  #listed(found: readonly IndicatorFinding[], said: Said): Mapped {
    let filtered: string | undefined;
    const findings = found.flatMap((finding): readonly Finding[] => {
      // A withdrawal by the source applies even to values on a warning list.
      const hits =
        finding.gone === true || finding.observable === undefined ? [] : this.#lists.hits(finding.observable);
      if (hits.length === 0) return [finding];
      const dropping = hits.find(({ action }) => action === 'drop');
      if (dropping !== undefined) {
        filtered ??= `warninglist:${dropping.list}`;
        return [];
      }
      const labels = distinct([...finding.labels, ...hits.map(({ list }) => `warninglist:${list}`)]);
      // Values that people only need to know about become an observation, which nobody blocks.
      if (hits.some(({ action }) => action === 'observe') && finding.observable !== undefined)
        return [this.#observed(observablesOf(finding.observable), { ...said, labels, country: undefined })];
      return [{ ...finding, labels, confidence: this.#lowered(finding, hits) }];
    });
    return findings.length === 0 && filtered !== undefined ? { findings, filtered } : { findings };
  }

  #lowered({ confidence }: IndicatorFinding, hits: readonly ListHit[]): number {
    const sure = confidence ?? this.document.defaults.confidence;
    return hits.some(({ action }) => action === 'lower') ? Math.round(sure / 2) : sure;
  }
}

function portOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535
    ? Number(text)
    : undefined;
}

function protocolOf(text: string | undefined): string | undefined {
  const name = text?.trim().toLowerCase();
  const known: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp' };
  return name !== undefined && /^[a-z0-9-]{1,30}$/.test(name) ? (known[name] ?? name) : undefined;
}

function labelled(labels: readonly string[]): { readonly labels?: readonly string[] } {
  return labels.length === 0 ? {} : { labels };
}

function referring(references: readonly Reference[] | undefined): {
  readonly external_references?: readonly Reference[];
} {
  return references === undefined || references.length === 0
    ? {}
    : { external_references: distinct(references) };
}

/** Returns the texts that are not empty, shortened to a readable length. */
function textsOf(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [[name, text.slice(0, LONGEST_TEXT)]],
    ),
  );
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
