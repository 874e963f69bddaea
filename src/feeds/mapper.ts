import { parseTlp, type Tlp } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import { buildPattern } from '../stix/pattern/build.ts';
import type { FeedDocument, Mapping } from '../settings.ts';
import { fill, fillOne, type Row } from './template.ts';
import { readTime, type TimeRules } from './times.ts';
import { ValueFault, readValue, type ValueRules } from './values.ts';

/** What one row says: enough to make its STIX objects. Times in milliseconds since 1970. */
export interface Finding {
  readonly pattern: string;
  readonly observable: Observable;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly validFrom: number | undefined;
  readonly lastSeen: number | undefined;
  readonly validUntil: number | undefined;
  readonly labels: readonly string[];
  readonly confidence: number | undefined;
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

  constructor(document: FeedDocument, now: number) {
    this.#document = document;
    this.#values = {
      specialAddresses: new Set(document.values?.special_addresses_allowed ?? []),
      specialDomains: new Set(document.values?.special_domains_allowed ?? []),
      range: document.parser.range ?? false,
    };
    this.#times = { zone: document.time?.zone ?? 'UTC', format: document.time?.format ?? 'iso', now };
  }

  map(row: Row): Mapped {
    const mapping = this.#document.map.find(({ when }) => applies(when, row));
    if (mapping === undefined) return { kind: 'filtered', reason: 'no-mapping' };
    try {
      return { kind: 'findings', findings: this.#findings(mapping, row) };
    } catch (error) {
      if (error instanceof ValueFault)
        return { kind: 'quarantined', code: error.code, message: error.message };
      throw error;
    }
  }

  #findings(mapping: Mapping, row: Row): readonly Finding[] {
    const raw = fillOne(mapping.value, row);
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
    const shared = {
      name: fillOne(mapping.name, row),
      description: fillOne(mapping.description, row),
      validFrom: time(mapping.valid_from),
      lastSeen: time(mapping.last_seen),
      validUntil: time(mapping.valid_until),
      confidence:
        confidence !== undefined && /^\d{1,3}$/.test(confidence)
          ? Math.min(100, Number(confidence))
          : undefined,
      tlp,
      reference: this.#reference(mapping, row),
    };
    return readValue(raw, mapping.type, this.#values).map(({ observable, labels: own }) => ({
      ...shared,
      observable,
      pattern: buildPattern(observable),
      labels: [
        ...new Set([
          ...labels,
          ...own,
          ...(country !== undefined && /^[A-Z]{2}$/.test(country) ? [`country:${country}`] : []),
        ]),
      ],
    }));
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

function applies(when: Mapping['when'], row: Row): boolean {
  return (
    when === undefined || Object.entries(when).every(([column, values]) => values.includes(row[column] ?? ''))
  );
}
