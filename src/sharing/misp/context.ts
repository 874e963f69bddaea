import type { Slices } from '../../kernel/slices.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import { entryPages, LAST_VERSION, type Store } from '../../store/store.ts';

/** The types that describe indicators: who made them, which report contains them, and what they indicate. */
const TYPES = [
  'attack-pattern',
  'grouping',
  'identity',
  'intrusion-set',
  'malware',
  'relationship',
  'report',
  'threat-actor',
  'tool',
  'vulnerability',
] as const;
/** Number of entries that are read at once. */
const AT_ONCE = 500;
/** Maximum number of references of reports to indicators that are kept in memory, about 30 MB. */
const MOST_REFS = 200_000;
/** Maximum number of relationships from indicators that are kept in memory, about 20 MB. */
const MOST_RELATIONS = 100_000;
/** Maximum number of names, of reports, and of links and texts of one report. */
const MOST_NAMES = 50_000;
const MOST_REPORTS = 20_000;
const MOST_LINKS = 100;
const LONGEST_TEXT = 65_535;
const LONGEST_NAME = 500;

/** A report or a grouping. Times are in milliseconds since 1970. */
export interface ReportFacts extends Placed {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly published: number;
  readonly revoked: boolean;
  readonly producer: string | undefined;
  readonly confidence: number | undefined;
  readonly labels: readonly string[];
  readonly links: readonly string[];
  /** Ids of what it refers to other than indicators. */
  readonly others: readonly string[];
}

/** The facts of the hub about a version of a report. */
interface Placed {
  readonly level: number;
  readonly owner: string;
  /** The date added of the version. */
  readonly moved: number;
}

/** The reports, names and relationships of a collection that describe its indicators. */
export class MispContext {
  readonly reports: ReportFacts[] = [];
  /** The positions of the reports that refer to an indicator. */
  readonly #reportsOf = new Map<string, number[]>();
  /** The names of identities. */
  readonly #identities = new Map<string, string>();
  /** The tags of malware, actors and techniques. */
  readonly #clusters = new Map<string, string>();
  readonly #vulnerabilities = new Map<string, string>();
  readonly #indicated = new Map<string, string[]>();
  #refs = 0;
  #relations = 0;

  /** Reads the objects of a collection that `mayLeave` accepts. */
  static async read(
    store: Pick<Store, 'entries'>,
    collection: string,
    slices: Slices,
    mayLeave: (object: StixObject, entry: { readonly level: number; readonly owner: string }) => boolean,
  ): Promise<MispContext> {
    const context = new MispContext();
    const query = { collection, after: 0, limit: AT_ONCE, versions: LAST_VERSION, types: TYPES, specs: ['2.1'] as const }; // prettier-ignore
    for await (const entries of entryPages(store, query))
      for (const { text: written = '{}', level, owner, added } of entries) {
        const object = JSON.parse(written) as StixObject;
        if (slices.isOver(written.length)) await slices.next();
        if (mayLeave(object, { level, owner })) context.#take(object, { level, owner, moved: added / 1_000 });
      }
    return context;
  }

  reportsOf(indicator: string): readonly number[] {
    return this.#reportsOf.get(indicator) ?? [];
  }

  nameOf(identity: string | undefined): string | undefined {
    return identity === undefined ? undefined : this.#identities.get(identity);
  }

  /** Returns the tags of what an indicator indicates. */
  indicatedBy(indicator: string): readonly string[] {
    return (this.#indicated.get(indicator) ?? []).flatMap((id) => this.#clusters.get(id) ?? []);
  }

  /** Returns the tags of what a report is about. */
  clustersOf({ others }: Pick<ReportFacts, 'others'>): readonly string[] {
    return others.flatMap((id) => this.#clusters.get(id) ?? []);
  }

  vulnerabilitiesOf({ others }: Pick<ReportFacts, 'others'>): readonly string[] {
    return others.flatMap((id) => this.#vulnerabilities.get(id) ?? []);
  }

  #take(object: StixObject, placed: Placed): void {
    const id = text(object, 'id') ?? '';
    const type = text(object, 'type');
    if (type === 'report' || type === 'grouping') this.#takeReport(object, id, placed);
    else if (object['revoked'] === true) return;
    else if (type === 'relationship') this.#takeRelation(object);
    else if (this.#identities.size + this.#clusters.size + this.#vulnerabilities.size < MOST_NAMES)
      this.#takeName(object, id, type);
  }

  #takeName(object: StixObject, id: string, type: string | undefined): void {
    const name = line(text(object, 'name'));
    if (name === undefined) return;
    if (type === 'identity') this.#identities.set(id, name);
    else if (type === 'vulnerability') this.#vulnerabilities.set(id, name);
    else {
      const cluster = clusterTag(object, type, name);
      if (cluster !== undefined) this.#clusters.set(id, cluster);
    }
  }

  #takeRelation(object: StixObject): void {
    const source = text(object, 'source_ref') ?? '';
    const target = text(object, 'target_ref') ?? '';
    if (text(object, 'relationship_type') !== 'indicates' || !source.startsWith('indicator--')) return;
    if (this.#relations >= MOST_RELATIONS) return;
    this.#relations++;
    const found = this.#indicated.get(source);
    if (found === undefined) this.#indicated.set(source, [target]);
    else found.push(target);
  }

  #takeReport(object: StixObject, id: string, { level, owner, moved }: Placed): void {
    if (this.reports.length >= MOST_REPORTS) return;
    const { confidence } = object;
    const refs = texts(object, 'object_refs');
    const time = (name: string): number => Date.parse(text(object, name) ?? '');
    const published = [time('published'), time('created'), moved].find((one) => !Number.isNaN(one)) ?? moved;
    const at =
      this.reports.push({
        id,
        name: line(text(object, 'name')) ?? line(text(object, 'context')) ?? id,
        description: text(object, 'description')?.slice(0, LONGEST_TEXT),
        published,
        moved,
        revoked: object['revoked'] === true,
        level,
        owner,
        producer: text(object, 'created_by_ref'),
        confidence: typeof confidence === 'number' ? confidence : undefined,
        labels: texts(object, 'labels'),
        links: linksOf(object),
        others: refs.filter((ref) => !ref.startsWith('indicator--')).slice(0, MOST_LINKS),
      }) - 1;
    for (const ref of new Set(refs)) {
      if (!ref.startsWith('indicator--') || this.#refs >= MOST_REFS) continue;
      this.#refs++;
      const found = this.#reportsOf.get(ref);
      if (found === undefined) this.#reportsOf.set(ref, [at]);
      else found.push(at);
    }
  }
}

/** Returns a text on one line, shortened. Undefined for an empty one. */
function line(written: string | undefined): string | undefined {
  const plain = written
    ?.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
  return plain === '' ? undefined : plain;
}

function linksOf(object: StixObject): readonly string[] {
  const references = object['external_references'];
  if (!Array.isArray(references)) return [];
  const urls = references.flatMap((one: unknown) => {
    const url = typeof one === 'object' && one !== null && 'url' in one ? one.url : undefined;
    return typeof url === 'string' && /^https?:\/\/[^\s|]+$/.test(url) && url.length <= 2_000 ? [url] : [];
  });
  return [...new Set(urls)].slice(0, MOST_LINKS);
}

/** Returns the tag of a cluster of MISP's galaxies. A name that cannot be in a tag has none. */
function clusterTag(object: StixObject, type: string | undefined, name: string): string | undefined {
  if (/["\\]/.test(name)) return undefined;
  switch (type) {
    case 'malware':
      return `misp-galaxy:malpedia="${name}"`;
    case 'threat-actor':
      return `misp-galaxy:threat-actor="${name}"`;
    case 'intrusion-set':
      return `misp-galaxy:mitre-intrusion-set="${name}"`;
    case 'tool':
      return `misp-galaxy:tool="${name}"`;
    case 'attack-pattern': {
      const id = techniqueOf(object);
      return `misp-galaxy:mitre-attack-pattern="${id === undefined || name === id ? name : `${name} - ${id}`}"`;
    }
    default:
      return undefined;
  }
}

/** Returns the id of an ATT&CK technique. */
function techniqueOf(object: StixObject): string | undefined {
  const references = object['external_references'];
  if (!Array.isArray(references)) return undefined;
  for (const one of references as readonly unknown[]) {
    const id = typeof one === 'object' && one !== null && 'external_id' in one ? one.external_id : undefined;
    if (typeof id === 'string' && /^T\d{4}(?:\.\d{3})?$/.test(id)) return id;
  }
  return undefined;
}
