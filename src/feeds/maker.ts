import { parseNetwork } from '../kernel/address.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Tlp } from '../stix/markings.ts';
import { PatternError } from '../stix/pattern/lexer.ts';
import { parsePattern } from '../stix/pattern/parser.ts';
import { buildPattern, type Observable } from '../stix/pattern/build.ts';
import type { StixObject } from '../stix/types.ts';
import {
  feedObjectId,
  indicatorId,
  namedObject,
  type EntryFinding,
  type Finding,
  type IndicatorFinding,
  type Mapped,
  type NamedType,
  type ObjectFinding,
  type Reference,
  type Unit,
} from './findings.ts';
import { observablesOf } from './observables.ts';
import { observationFinding, observedFinding } from './observations.ts';
import { reportFinding, techniqueObject } from './reports.ts';
import {
  LONGEST_NAME,
  confidenceIn,
  distinct,
  labelsOf,
  nameIn,
  textsOf,
  type Published,
  type Reported,
  type SourceFacts,
  type Seen,
} from './source-facts.ts';
import { cveObject, enrichmentFinding, vulnerabilityFinding } from './vulnerabilities.ts';
import { readTlp } from './stated-tlp.ts';
import { isPattern, type ListHit, type WarningLists } from './warning-lists.ts';
import { isAhead, looseTime, readTime, type TimeRules } from './times.ts';
import { ValueFault, readValue, type ValueRules, type ValueType } from '../stix/values/read-value.ts';

/** The parts of an indicator that determine what it looks for. */
type Looked = Pick<IndicatorFinding, 'id' | 'pattern' | 'patternType' | 'observable'>;

/**
 * Turns the statements of a source into findings by the rules of its feed: canonical values, warning lists, maximum
 * values, ids. All formats use it, so there is one place where values of a feed become objects.
 */
export class FindingMaker {
  readonly document: FeedDocument;
  readonly now: number;
  /** Number of times in the future, which were ignored. */
  ahead = 0;
  /** Sources of several entries that were read completely or in part, such as events. */
  readonly units: Unit[] = [];
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

  /**
   * Reads a time that a program wrote in any format. A time that cannot be read counts as absent, and so does one that has
   * not come yet, which the run reports.
   */
  past(text: string | undefined): number | undefined {
    const ms = this.loose(text);
    if (ms === undefined || !isAhead(ms, this.now)) return ms;
    this.ahead++;
    return undefined;
  }

  /** Reads a time in any format, which may be in the future. A time that cannot be read counts as absent. */
  loose(text: string | undefined): number | undefined {
    return looseTime(text, this.#times.zone);
  }

  /** Reads the time at which something ends. Throws a ValueFault. */
  end(text: string): number {
    return readTime(text, { ...this.#times, isEnd: true });
  }

  /** Reads a TLP label. Throws a ValueFault. */
  tlp(text: string): Tlp {
    const tlp = readTlp(text);
    if (tlp === undefined) throw new ValueFault('bad-tlp', `"${text.slice(0, 40)}" is not a TLP label`);
    return tlp;
  }

  /** Returns the indicators of a value, without those that a warning list excludes. Throws a ValueFault. */
  indicators(raw: string, type: ValueType, said: SourceFacts): Mapped {
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
  indicatorOf(observable: Observable, said: SourceFacts): Mapped {
    return this.#listed([this.#indicator(observable, said, [])], said);
  }

  /** Returns an indicator with a rule in another pattern language. */
  rule(
    patternType: Exclude<IndicatorFinding['patternType'], 'stix'>,
    text: string,
    said: SourceFacts,
  ): Mapped {
    const pattern = text.trim();
    if (pattern === '') throw new ValueFault('empty-value', 'the rule is empty');
    const id = indicatorId(this.document.name, `${patternType}:${pattern}`);
    return { findings: [this.#made(said, [], { id, pattern, patternType, observable: undefined })] };
  }

  /** Returns an indicator with a STIX pattern of the source. Throws a ValueFault when it is invalid. */
  pattern(text: string, said: SourceFacts): Mapped {
    const pattern = text.trim();
    try {
      parsePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new ValueFault('bad-pattern', `the pattern is invalid: ${error.message}`);
    }
    const id = indicatorId(this.document.name, pattern);
    return { findings: [this.#made(said, [], { id, pattern, patternType: 'stix', observable: undefined })] };
  }

  /**
   * Returns an observation, which alone does not justify blocking. Throws a ValueFault when its first value is invalid.
   */
  observation(seen: Seen): ObjectFinding {
    return observationFinding(this, seen);
  }

  /** Returns a vulnerability by its CVE id. Throws a ValueFault. */
  vulnerability(cve: string, said: Published): ObjectFinding {
    return vulnerabilityFinding(this.document, cve, said);
  }

  /** Returns the vulnerability object that another object refers to. Throws a ValueFault. */
  cve(text: string, references: readonly Reference[] = []): StixObject {
    return cveObject(this.document.name, text, references);
  }

  /** Returns a note about a vulnerability that another source has created. Throws a ValueFault. */
  enrichment(cve: string, said: SourceFacts, scores: readonly string[]): ObjectFinding {
    return enrichmentFinding(this.document, cve, said, scores);
  }

  /** Returns a report. The vulnerabilities and families that it names are created with it. */
  report(reported: Reported): ObjectFinding {
    return reportFinding(this.document, reported);
  }

  /**
   * Returns an entry of the warning list that the feed maintains. Throws a ValueFault when it is invalid for the type
   * of the list.
   */
  entry(raw: string): EntryFinding {
    const { warning_list: list, name } = this.document;
    if (list === undefined) throw new ValueFault('no-list', 'the document has no warning list');
    const entry = raw.trim();
    if (entry === '' || entry.length > 500)
      throw new ValueFault('empty-value', 'the entry is empty, or too long');
    if (list.type === 'cidr' && parseNetwork(entry.toLowerCase()) === undefined)
      throw new ValueFault('bad-cidr', `"${entry.slice(0, 80)}" is not a network`);
    if (list.type === 'regex' && !isPattern(entry))
      throw new ValueFault(
        'bad-pattern',
        `"${entry.slice(0, 80)}" is not a regular expression with linear run time`,
      );
    return { kind: 'entry', id: feedObjectId(name, 'entry', entry), entry, tlp: undefined };
  }

  /** Returns a named object that a report or an observation refers to. */
  named(type: NamedType, name: string): StixObject {
    return namedObject(this.document.name, type, name);
  }

  /** Returns an ATT&CK technique by its id. */
  technique(id: string, name?: string): StixObject {
    return techniqueObject(this.document.name, id, name);
  }

  /** Returns an indicator. Copies of a shared part by spreading would take longer than everything else here. */
  #made(
    said: SourceFacts,
    own: readonly string[],
    { id, pattern, patternType, observable }: Looked,
  ): IndicatorFinding {
    return {
      kind: 'indicator',
      name: nameIn(said.name)?.slice(0, LONGEST_NAME),
      description:
        said.description === undefined
          ? undefined
          : textsOf({ description: said.description })['description'],
      validFrom: said.validFrom,
      lastSeen: said.lastSeen,
      validUntil: said.validUntil,
      labels: labelsOf(said, own),
      confidence: said.confidence === undefined ? undefined : confidenceIn(this.document, said.confidence),
      validFor: said.validFor,
      indicatorTypes: said.indicatorTypes,
      malware: nameIn(said.malware) === undefined ? undefined : said.malware?.slice(0, 200),
      gone: said.gone === true ? true : undefined,
      tlp: said.tlp,
      references: said.references ?? [],
      id,
      pattern,
      patternType,
      observable,
    };
  }

  #indicator(observable: Observable, said: SourceFacts, own: readonly string[]): IndicatorFinding {
    const pattern = patternOf(observable);
    const id = indicatorId(this.document.name, pattern);
    return this.#made(said, own, { id, pattern, patternType: 'stix', observable });
  }

  /** Applies the warning lists to findings. */
  #listed(found: readonly IndicatorFinding[], said: SourceFacts): Mapped {
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
        return [
          observedFinding(this, observablesOf(finding.observable), { ...said, labels, country: undefined }),
        ];
      return [{ ...finding, labels, confidence: this.#lowered(finding, hits) }];
    });
    return findings.length === 0 && filtered !== undefined ? { findings, filtered } : { findings };
  }

  #lowered({ confidence }: IndicatorFinding, hits: readonly ListHit[]): number {
    const sure = confidence ?? this.document.defaults.confidence;
    return hits.some(({ action }) => action === 'lower') ? Math.round(sure / 2) : sure;
  }
}

/** Returns the pattern of an observable. Throws a ValueFault when it has too many parts for a pattern. */
function patternOf(observable: Observable): string {
  try {
    return buildPattern(observable);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ValueFault('bad-pattern', `the values do not fit into a pattern: ${error.message}`);
  }
}
