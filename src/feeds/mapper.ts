import { urlOf } from '../kernel/url.ts';
import type { FeedDocument, Mapping } from '../config/settings.ts';
import type { Finding, Mapped, Reference } from './findings.ts';
import type { FindingMaker } from './maker.ts';
import { isNegative } from './node.ts';
import type { SourceFacts } from './source-facts.ts';
import { tlpOfRow } from './stated-tlp.ts';
import { stricter, type Tlp } from '../stix/markings.ts';
import { columnOf, fill, fillOne, type Row } from './template.ts';
import { ValueFault } from '../stix/values/read-value.ts';
import { applies } from './when.ts';

/**
 * Turns rows into findings by the declarative mappings of a feed document. It contains no code for a particular feed.
 */
export class Mapper {
  readonly #document: FeedDocument;
  readonly #make: FindingMaker;
  /** The columns that the document reads as levels in its own way, by mapping. */
  readonly #ownLevels: ReadonlyMap<Mapping, ReadonlySet<string>>;

  constructor(make: FindingMaker) {
    this.#document = make.document;
    this.#make = make;
    this.#ownLevels = new Map(make.document.map.map((mapping) => [mapping, filteredIn(mapping.tlp)]));
  }

  map(read: Row): Mapped {
    const row = this.#lookedUp(read);
    const left = this.#document.filter?.find(
      ({ when, unless }) =>
        (when !== undefined && applies(when, row)) || (unless !== undefined && !applies(unless, row)),
    );
    if (left !== undefined) return { findings: [], filtered: left.reason };
    const findings: Finding[] = [];
    let filtered: string | undefined;
    let fault: Mapped['fault'];
    let matched = false;
    for (const mapping of this.#document.map) {
      if (mapping.when !== undefined && !applies(mapping.when, row)) continue;
      matched = true;
      try {
        const made = this.#mapped(mapping, row);
        findings.push(...made.findings);
        filtered ??= made.filtered;
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
        fault ??= { code: error.code, message: error.message };
      }
      if (mapping.also !== true) break;
    }
    if (!matched) return this.#unmatched(row);
    return {
      findings,
      ...(fault === undefined ? {} : { fault }),
      ...(findings.length === 0 && fault === undefined && filtered !== undefined ? { filtered } : {}),
    };
  }

  /** Returns the kind of a row. Undefined for a source with rows of a single kind. */
  kindOf(row: Row): string | undefined {
    const column = kindColumn(this.#document);
    return column === undefined ? undefined : (columnOf(row, column) ?? '').slice(0, 60);
  }

  /** Returns the row with the columns that the lookup table of the document adds. */
  #lookedUp(row: Row): Row {
    const { lookup } = this.#document;
    if (lookup === undefined) return row;
    const key = columnOf(row, lookup.column) ?? '';
    const known = Object.hasOwn(lookup.table, key) ? lookup.table[key] : undefined;
    return { ...row, ...(known ?? lookup.default) };
  }

  /** Handles a row that no mapping accepts. It is left out, or has a type that the document does not know. */
  #unmatched(row: Row): Mapped {
    const column = this.#document.unmatched;
    if (column === undefined) return { findings: [], filtered: 'no-mapping' };
    const kind = (columnOf(row, column) ?? '').slice(0, 40);
    return {
      findings: [],
      fault: {
        code: `unknown-type:${kind}`,
        message: `no mapping accepts rows whose ${column} is "${kind}"`,
      },
    };
  }

  #mapped(mapping: Mapping, row: Row): Mapped {
    switch (mapping.object ?? 'indicator') {
      case 'indicator':
        return this.#indicators(mapping, row);
      case 'observation':
        return mapping.optional === true && fillOne(mapping.value, row) === undefined
          ? { findings: [] }
          : { findings: [this.#observation(mapping, row)] };
      case 'vulnerability':
        return {
          findings: [
            this.#make.vulnerability(this.#value(mapping, row), {
              ...this.#said(mapping, row),
              created: this.#time(mapping.created, row),
              modified: this.#time(mapping.modified, row),
            }),
          ],
        };
      case 'enrichment':
        return {
          findings: [
            this.#make.enrichment(
              this.#value(mapping, row),
              this.#said(mapping, row),
              (mapping.scores ?? []).map((template) => fillOne(template, row) ?? ''),
            ),
          ],
        };
      case 'list-entry':
        return { findings: [this.#make.entry(this.#value(mapping, row))] };
      case 'report': {
        const said = this.#said(mapping, row);
        return {
          findings: [
            this.#make.report({
              ...said,
              key: this.#value(mapping, row),
              published: said.validFrom,
              created: said.validFrom,
              modified: this.#time(mapping.modified, row, true),
              types: mapping.report_types ?? ['threat-report'],
              vulnerabilities: this.#several(mapping.vulnerabilities, row),
            }),
          ],
        };
      }
    }
  }

  #indicators(mapping: Mapping, row: Row): Mapped {
    const said = this.#said(mapping, row);
    const type = mapping.type ?? 'auto';
    // For a file, the hashes that are present are enough.
    const values =
      type === 'file'
        ? [
            (mapping.value ?? '')
              .split(',')
              .flatMap((part) => fillOne(part, row) ?? [])
              .join(','),
          ]
        : fill(mapping.value ?? '', row);
    if (values.length === 0) {
      // An optional mapping allows the value to be absent.
      if (mapping.optional === true) return { findings: [] };
      throw new ValueFault('empty-value', 'the row has no value');
    }
    const made = values.map((value) => this.#make.indicators(value, type, said));
    const findings = made.flatMap((one) => one.findings);
    const filtered = made.find((one) => one.filtered !== undefined)?.filtered;
    return { findings, ...(filtered === undefined ? {} : { filtered }) };
  }

  #observation(mapping: Mapping, row: Row): Finding {
    const { traffic } = mapping;
    const count = fillOne(mapping.count, row);
    return this.#make.observation({
      ...this.#said(mapping, row),
      values: [
        { raw: this.#value(mapping, row), type: mapping.type ?? 'auto' },
        ...(mapping.observables ?? []).flatMap(({ value, type }) =>
          fill(value, row).map((raw) => ({ raw, type })),
        ),
      ],
      ...(traffic === undefined
        ? {}
        : {
            traffic: {
              source: fillOne(traffic.source, row),
              sourcePort: fillOne(traffic.source_port, row),
              destination: fillOne(traffic.destination, row),
              destinationPort: fillOne(traffic.destination_port, row),
              protocol: fillOne(traffic.protocol, row),
            },
          }),
      count: count !== undefined && /^\d{1,9}$/.test(count) ? Number(count) : undefined,
      vulnerabilities: this.#several(mapping.vulnerabilities, row),
    });
  }

  #value(mapping: Mapping, row: Row): string {
    const value = fillOne(mapping.value, row);
    if (value === undefined) throw new ValueFault('empty-value', 'the row has no value');
    return value;
  }

  #several(template: string | undefined, row: Row): readonly string[] {
    return template === undefined ? [] : fill(template, row);
  }

  /**
   * Returns the first value of a template that is a time. When none is, the first is a fault of the row. With
   * `lenient`, such a time counts as absent.
   */
  #time(template: string | undefined, row: Row, lenient = false): number | undefined {
    let fault: ValueFault | undefined;
    for (const text of template === undefined ? [] : fill(template, row)) {
      try {
        return this.#make.time(text);
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
        fault ??= error;
      }
    }
    if (fault !== undefined && !lenient) throw fault;
    return undefined;
  }

  /** Returns the strictest level of those that the template produces and those that the row states elsewhere. */
  #level(mapping: Mapping, row: Row): Tlp | undefined {
    let strictest = tlpOfRow(row, this.#ownLevels.get(mapping));
    for (const text of mapping.tlp === undefined ? [] : fill(mapping.tlp, row)) {
      const level = this.#make.tlp(text);
      strictest = strictest === undefined ? level : stricter(strictest, level);
    }
    return strictest;
  }

  #said(mapping: Mapping, row: Row): SourceFacts {
    const confidence = fillOne(mapping.confidence, row);
    const until = fillOne(mapping.valid_until, row);
    return {
      name: fillOne(mapping.name, row),
      description: fillOne(mapping.description, row),
      validFrom: this.#time(mapping.valid_from, row),
      lastSeen: this.#time(mapping.last_seen, row),
      validUntil: until === undefined ? undefined : this.#make.end(until),
      labels: (mapping.labels ?? []).flatMap((template) => fill(template, row)),
      confidence: confidence !== undefined && /^\d{1,3}$/.test(confidence) ? Number(confidence) : undefined,
      country: fillOne(mapping.country, row),
      validFor: mapping.valid_for,
      indicatorTypes: mapping.indicator_types,
      malware: fillOne(mapping.malware, row),
      gone: isGone(fillOne(mapping.gone, row)) ? true : undefined,
      tlp: this.#level(mapping, row),
      references: (mapping.references ?? []).flatMap((reference) => referencesOf(reference, row)),
    };
  }
}

/** Returns the columns that a template reads with filters, in lower case. */
function filteredIn(template = ''): ReadonlySet<string> {
  return new Set([...template.matchAll(/\{([^{}|]+)\|/g)].map(([, column = '']) => column.toLowerCase()));
}

/**
 * True for a value that withdraws an entry, such as the time of its withdrawal, but not for a negative one, such as
 * "no".
 */
function isGone(text: string | undefined): boolean {
  return text !== undefined && !isNegative(text);
}

/** Returns the column that distinguishes the kinds of rows of a source, if it has several. */
function kindColumn({ lookup, unmatched }: FeedDocument): string | undefined {
  return unmatched ?? lookup?.column;
}

/** Returns a reference for each value of its templates. */
function referencesOf(reference: NonNullable<Mapping['references']>[number], row: Row): readonly Reference[] {
  const parts = (['url', 'external_id', 'description'] as const).map(
    (name) => [name, reference[name] === undefined ? undefined : fill(reference[name], row)] as const,
  );
  // A configured part without a value gives no reference, unless another part has a value.
  const count = Math.max(0, ...parts.map(([, values]) => values?.length ?? 0));
  return Array.from({ length: count }, (_item, i) => ({
    source_name: reference.source_name,
    ...Object.fromEntries(
      parts.flatMap(([name, values]) => {
        const value = values?.[i] ?? (values?.length === 1 ? values[0] : undefined);
        return value === undefined || (name === 'url' && urlOf(value) === undefined) ? [] : [[name, value]];
      }),
    ),
  })).filter((made) => Object.keys(made).length > 1);
}
