import { parseTlp, type Tlp } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import { buildPattern } from '../stix/pattern/build.ts';
import type { FeedDocument, Mapping } from '../settings.ts';
import { indicatorId } from './indicator-id.ts';
import { fill, fillOne, type Row } from './template.ts';
import { readTime, type TimeRules } from './times.ts';
import { ValueFault, readValue, type ValueRules } from './values.ts';
import type { WarningLists } from './warning-lists.ts';
import { applies } from './when.ts';

/** What one row says: enough to make its STIX objects. Times in milliseconds since 1970. */
export interface Finding {
  /** Id of its indicator. */
  readonly id: string;
  readonly pattern: string;
  readonly observable: Observable;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly validFrom: number | undefined;
  readonly lastSeen: number | undefined;
  readonly validUntil: number | undefined;
  readonly labels: readonly string[];
  readonly confidence: number | undefined;
  /** Life of the indicator, where the mapping gives it another one than the feed does. */
  readonly validFor?: string | undefined;
  readonly indicatorTypes?: readonly string[] | undefined;
  /** Malware family that the value belongs to. */
  readonly malware?: string | undefined;
  /** The source has taken it back. */
  readonly gone?: boolean | undefined;
  readonly tlp: Tlp | undefined;
  readonly reference:
    { readonly source_name: string; readonly url?: string; readonly external_id?: string } | undefined;
}

export type Mapped =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | { readonly kind: 'filtered'; readonly reason: string }
  | { readonly kind: 'quarantined'; readonly code: string; readonly message: string };

/** Turns rows into findings by the declarative mappings of a feed document. Knows no feed by name. */
export class Mapper {
  readonly #document: FeedDocument;
  readonly #values: ValueRules;
  readonly #times: TimeRules;

  readonly #lists: Pick<WarningLists, 'hits'>;

  constructor(document: FeedDocument, now: number, lists: Pick<WarningLists, 'hits'> = { hits: () => [] }) {
    this.#document = document;
    this.#lists = lists;
    this.#values = {
      specialAddresses: new Set(document.values?.special_addresses_allowed ?? []),
      specialDomains: new Set(document.values?.special_domains_allowed ?? []),
      range: document.parser.range ?? false,
    };
    this.#times = { zone: document.time?.zone ?? 'UTC', format: document.time?.format ?? 'iso', now };
  }

  map(row: Row): Mapped {
    const left = this.#document.filter?.find(
      ({ when, unless }) =>
        (when !== undefined && applies(when, row)) || (unless !== undefined && !applies(unless, row)),
    );
    if (left !== undefined) return { kind: 'filtered', reason: left.reason };
    const mapping = this.#document.map.find(({ when }) => when === undefined || applies(when, row));
    if (mapping === undefined) return this.#unmatched(row);
    try {
      const findings = this.#findings(mapping, row);
      const kept = findings.flatMap((finding) => this.#listed(finding));
      const [first] = kept.length === 0 ? findings : [];
      return first === undefined
        ? { kind: 'findings', findings: kept }
        : { kind: 'filtered', reason: `warninglist:${this.#dropping(first)}` };
    } catch (error) {
      if (error instanceof ValueFault)
        return { kind: 'quarantined', code: error.code, message: error.message };
      throw error;
    }
  }

  /** A row that no mapping takes: left out, or a kind that the document does not know of. */
  #unmatched(row: Row): Mapped {
    const column = this.#document.unmatched;
    if (column === undefined) return { kind: 'filtered', reason: 'no-mapping' };
    const kind = (row[column] ?? '').slice(0, 40);
    return {
      kind: 'quarantined',
      code: `unknown-type:${kind}`,
      message: `no mapping takes rows whose ${column} is "${kind}"`,
    };
  }

  #dropping({ observable }: Finding): string {
    return this.#lists.hits(observable).find(({ action }) => action === 'drop')?.list ?? '';
  }

  /** What is left of a finding whose value stands on warning lists: nothing, or one that says so. */
  #listed(finding: Finding): readonly Finding[] {
    // What the source takes back is taken back, whatever list it stands on.
    const hits = finding.gone === true ? [] : this.#lists.hits(finding.observable);
    if (hits.length === 0) return [finding];
    if (hits.some(({ action }) => action === 'drop')) return [];
    const confidence = finding.confidence ?? this.#document.defaults.confidence;
    return [
      {
        ...finding,
        labels: [...finding.labels, ...hits.map(({ list }) => `warninglist:${list}`)],
        confidence: hits.some(({ action }) => action === 'lower') ? Math.round(confidence / 2) : confidence,
      },
    ];
  }

  #findings(mapping: Mapping, row: Row): readonly Finding[] {
    // Of the hashes of a file those that are there will do.
    const raw =
      mapping.type === 'file'
        ? mapping.value
            .split(',')
            .flatMap((part) => fillOne(part, row) ?? [])
            .join(',')
        : fillOne(mapping.value, row);
    if (raw === undefined) throw new ValueFault('empty-value', 'the row has no value');
    const time = (template: string | undefined): number | undefined => {
      const text = fillOne(template, row);
      return text === undefined ? undefined : readTime(text, this.#times);
    };
    const country = fillOne(mapping.country, row)?.toUpperCase();
    const labels = (mapping.labels ?? [])
      .flatMap((template) => fill(template, row))
      .map((label) => label.slice(0, 250));
    const confidence = fillOne(mapping.confidence, row);
    const tlpText = fillOne(mapping.tlp, row);
    const tlp = tlpText === undefined ? undefined : parseTlp(tlpText);
    if (tlpText !== undefined && tlp === undefined)
      throw new ValueFault('bad-tlp', `"${tlpText.slice(0, 40)}" is no TLP label`);
    const malware = fillOne(mapping.malware, row)?.slice(0, 200);
    const shared = {
      name: fillOne(mapping.name, row),
      description: fillOne(mapping.description, row),
      validFrom: time(mapping.valid_from),
      lastSeen: time(mapping.last_seen),
      validUntil: time(mapping.valid_until),
      confidence:
        confidence !== undefined && /^\d{1,3}$/.test(confidence)
          ? Math.min(this.#document.defaults.max_confidence ?? 100, 100, Number(confidence))
          : undefined,
      ...(mapping.valid_for === undefined ? {} : { validFor: mapping.valid_for }),
      ...(mapping.indicator_types === undefined ? {} : { indicatorTypes: mapping.indicator_types }),
      ...(malware === undefined ? {} : { malware }),
      ...(fillOne(mapping.gone, row) === undefined ? {} : { gone: true }),
      tlp,
      reference: this.#reference(mapping, row),
    };
    return readValue(raw, mapping.type, this.#values).map(({ observable, labels: own }) => {
      const pattern = buildPattern(observable);
      return {
        ...shared,
        id: indicatorId(this.#document.name, pattern),
        observable,
        pattern,
        labels: [
          ...new Set([
            ...labels,
            ...own,
            ...(country !== undefined && /^[A-Z]{2}$/.test(country) ? [`country:${country}`] : []),
          ]),
        ],
      };
    });
  }

  #reference(mapping: Mapping, row: Row): Finding['reference'] {
    if (mapping.reference === undefined) return undefined;
    const url = fillOne(mapping.reference.url, row);
    const id = fillOne(mapping.reference.external_id, row);
    if (url === undefined && id === undefined) return undefined;
    return {
      source_name: mapping.reference.source_name,
      ...(url === undefined ? {} : { url }),
      ...(id === undefined ? {} : { external_id: id }),
    };
  }
}
