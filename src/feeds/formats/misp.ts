import type { Readable } from 'node:stream';
import { urlOf } from '../../kernel/url.ts';
import { stricter, type Tlp } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import { isUnitKey, type Mapped, type Reference } from '../findings.ts';
import type { FindingMaker } from '../maker.ts';
import type { SourceFacts } from '../source-facts.ts';
import { Node } from '../node.ts';
import { ValueFault, type ValueType } from '../../stix/values/read-value.ts';
import { attempt, wholeJson, type Step } from './format.ts';
import {
  clustersOf,
  confidenceOf,
  labelsOf,
  marksOf,
  restrictionOf,
  strictest,
  type Marks,
} from './misp-tags.ts';

/** Value types of the MISP attributes that contain a single value. */
const PLAIN: Readonly<Record<string, ValueType>> = {
  domain: 'domain', hostname: 'domain', url: 'url', uri: 'url', 'ip-src': 'ip', 'ip-dst': 'ip',
  email: 'email', 'email-src': 'email', 'email-dst': 'email', 'email-reply-to': 'email',
  'target-email': 'email', md5: 'hash', sha1: 'hash', sha256: 'hash', sha512: 'hash',
  'x509-fingerprint-md5': 'certificate', 'x509-fingerprint-sha1': 'certificate',
  'x509-fingerprint-sha256': 'certificate', AS: 'asn', 'mac-address': 'mac', mutex: 'mutex', regkey: 'regkey',
}; // prettier-ignore

const RULES = new Set(['yara', 'sigma', 'snort'] as const);
type Rule = 'yara' | 'sigma' | 'snort';

/** Attribute types that name or describe something and have no value to look for. */
const DESCRIBING = new Set([
  'comment', 'text', 'link', 'other', 'datetime', 'counter', 'size-in-bytes', 'float', 'port', 'attachment',
  'malware-sample', 'malware-type', 'threat-actor', 'campaign-name', 'campaign-id', 'vulnerability', 'weakness',
  'ssdeep', 'tlsh', 'imphash', 'impfuzzy', 'pehash', 'vhash', 'authentihash', 'telfhash', 'cdhash', 'hex',
  'mime-type', 'whois-registrant-email', 'whois-registrant-name', 'whois-registrar', 'whois-creation-date', 'anonymised',
]); // prettier-ignore

/** Types of the attributes that identify the file of an object. */
const DIGESTS: readonly string[] = ['md5', 'sha1', 'sha256', 'sha512'];
const FILE_NAME = 'filename';

const MOST_REFS = 10_000;

/**
 * Reads MISP events (misp-standard.org, core format). Attributes and objects that are meant for detection become
 * indicators. An event becomes a report that refers to those of them that are not marked more strictly than the event.
 */
export async function* readMisp(stream: Readable, make: FindingMaker): AsyncGenerator<Step> {
  const document = new Node(await wholeJson(stream));
  const events = document.at('response').there
    ? document.all('response')
    : document.value !== undefined && Array.isArray(document.value)
      ? document.all()
      : [document];
  let line = 0;
  for (const wrapped of events) {
    const event = wrapped.at('Event').there ? wrapped.at('Event') : wrapped;
    for (const step of new EventReader(event, make).steps()) yield { ...step, line: ++line };
  }
}

class EventReader {
  readonly #event: Node;
  readonly #make: FindingMaker;
  readonly #tags: readonly string[];
  /** Objects of the event, whose marks are read once for all of their attributes. */
  readonly #marks = new Map<unknown, Marks>();
  readonly #tlp: Tlp | undefined;
  readonly #distribution: string | undefined;
  /** Ids of indicators that are not marked more strictly than the event. */
  readonly #refs: string[] = [];
  readonly #listed: string[] = [];
  readonly #off: string[] = [];
  #whole: boolean;

  constructor(event: Node, make: FindingMaker) {
    this.#event = event;
    this.#make = make;
    const { tags, tlp } = this.#marksOf(event);
    this.#tags = tags;
    this.#distribution = restrictionOf(event);
    this.#tlp = this.#distribution === undefined ? tlp : 'red';
    // A list of events may leave out their content.
    this.#whole = event.at('Attribute').there || event.at('Object').there;
  }

  *steps(): Generator<Omit<Step, 'line'>> {
    for (const attribute of this.#event.all('Attribute'))
      yield this.#step(attribute, () => this.#attribute(attribute, undefined));
    for (const object of this.#event.all('Object')) {
      const isFile = object.at('name').text === 'file';
      if (isFile) yield this.#step(object, () => this.#file(object));
      for (const attribute of object.all('Attribute'))
        if (!isFile || !isOfFile(attribute))
          yield this.#step(attribute, () => this.#attribute(attribute, object));
    }
    const report = this.#report();
    if (report !== undefined) yield this.#noted(report);
    const key = this.#event.at('uuid').text?.toLowerCase() ?? '';
    if (isUnitKey(key))
      this.#make.units.push({ key, listed: this.#listed, off: this.#off, isWhole: this.#whole });
  }

  /** Notes what the event lists, so that the run can end objects that it no longer lists. */
  #noted<T extends Pick<Step, 'mapped'>>(step: T): T {
    this.#listed.push(...step.mapped.findings.map(({ id }) => id));
    // An entry that cannot be read may be one that was listed before.
    if (step.mapped.fault !== undefined && !step.mapped.fault.code.startsWith('unknown-type:'))
      this.#whole = false;
    return step;
  }

  #step(node: Node, work: () => Mapped): Step {
    const step = this.#noted({
      ...attempt(0, node.value, work),
      kind: node.at('type').text ?? node.at('name').text,
    });
    for (const { id, tlp } of step.mapped.findings)
      if (
        this.#refs.length < MOST_REFS &&
        (tlp === undefined || tlp === this.#tlp || isLooser(tlp, this.#tlp))
      )
        this.#refs.push(id);
    return step;
  }

  #attribute(attribute: Node, object: Node | undefined): Mapped {
    const why = this.#whyOff(attribute, object);
    if (why === undefined) return this.#indicators(attribute, object);
    try {
      this.#off.push(...this.#indicators(attribute, object).findings.map(({ id }) => id));
    } catch (error) {
      // A value that cannot be read was never listed.
      if (!(error instanceof ValueFault)) throw error;
    }
    return { findings: [], filtered: why };
  }

  /** Returns why an attribute is not, or no longer, meant for detection. Undefined when it is. */
  #whyOff(attribute: Node, object: Node | undefined): string | undefined {
    if (attribute.at('deleted').flag === true || object?.at('deleted').flag === true) return 'deleted';
    return attribute.at('to_ids').flag === true || this.#make.document.parser.to_ids_only === false
      ? undefined
      : 'to_ids=false';
  }

  #indicators(attribute: Node, object: Node | undefined): Mapped {
    const type = attribute.at('type').text ?? '';
    const value = attribute.at('value').text ?? '';
    const said = this.#said(attribute, object);
    if ((RULES as ReadonlySet<string>).has(type)) return this.#make.rule(type as Rule, value, said);
    const plain = Object.hasOwn(PLAIN, type) ? PLAIN[type] : undefined;
    if (plain !== undefined) return this.#make.indicators(value, plain, said);
    const [first = '', second = ''] = value.split('|');
    switch (type) {
      case 'stix2-pattern':
        return this.#make.pattern(value, said);
      case 'ip-src|port':
      case 'ip-dst|port':
        return this.#make.indicators(
          first.includes(':') ? `[${first}]:${second}` : `${first}:${second}`,
          'endpoint',
          said,
        );
      case 'hostname|port':
        return this.#make.indicators(first, 'domain', said);
      case 'domain|ip':
        return this.#domainWithAddress(first, second, said);
      case 'filename':
        return this.#make.indicatorOf({ type: 'file', hashes: {}, name: value }, said);
      case 'regkey|value':
        return this.#make.indicators(first, 'regkey', said);
      default:
        if (/^filename\|(?:md5|sha1|sha256|sha512)$/.test(type)) return this.#named(first, [second], said);
        if (DESCRIBING.has(type)) return { findings: [], filtered: `not-for-detection:${type}` };
        throw new ValueFault(
          `unknown-type:${type.slice(0, 40)}`,
          `attributes of the type "${type.slice(0, 40)}" are not supported`,
        );
    }
  }

  #domainWithAddress(name: string, address: string, said: SourceFacts): Mapped {
    const [domain] = this.#make.values(name, 'domain');
    const [ip] = this.#make.values(address, 'ip');
    if (domain?.type !== 'domain-name' || (ip?.type !== 'ipv4-addr' && ip?.type !== 'ipv6-addr'))
      throw new ValueFault('bad-ip', `"${address.slice(0, 80)}" is not an address`);
    return this.#make.indicatorOf(
      { ...domain, resolvesTo: { family: ip.type === 'ipv4-addr' ? 4 : 6, value: ip.value } },
      said,
    );
  }

  #named(name: string, digests: readonly string[], said: SourceFacts): Mapped {
    const [file] = this.#make.values(digests.join(','), 'file');
    if (file?.type !== 'file') throw new ValueFault('bad-hash', 'the file has no hash');
    return this.#make.indicatorOf(name === '' ? file : { ...file, name }, said);
  }

  #file(object: Node): Mapped {
    const all = object.all('Attribute');
    const attributes = all.filter((one) => this.#whyOff(one, object) === undefined);
    const made = this.#fileOf(object, attributes);
    if (attributes.length < all.length) {
      // The file may have been listed with attributes that are switched off now.
      const listed = new Set(made.findings.map(({ id }) => id));
      this.#off.push(...this.#fileOf(object, all).findings.flatMap(({ id }) => (listed.has(id) ? [] : id)));
    }
    return made;
  }

  #fileOf(object: Node, attributes: readonly Node[]): Mapped {
    const valuesOf = (types: readonly string[]) =>
      attributes
        .filter((one) => types.includes(one.at('type').text ?? ''))
        .flatMap((one) => one.at('value').text ?? []);
    const digests = valuesOf(DIGESTS);
    const [name] = valuesOf([FILE_NAME]);
    if (digests.length > 0)
      return this.#named(name ?? '', digests, this.#said(attributes[0] ?? object, object, attributes));
    // A name alone does not justify a block, because harmless files can have the same name.
    const why = object.at('deleted').flag === true ? 'deleted' : 'to_ids=false';
    return { findings: [], filtered: name === undefined ? why : 'file-without-hash' };
  }

  #marksOf(node: Node): Marks {
    const marks = this.#marks.get(node.value) ?? marksOf(node);
    this.#marks.set(node.value, marks);
    return marks;
  }

  /** `parts` are all attributes that the value consists of. */
  #said(attribute: Node, object: Node | undefined, parts: readonly Node[] = [attribute]): SourceFacts {
    const marks = [...parts.map(marksOf), ...(object === undefined ? [] : [this.#marksOf(object)])];
    const all = [...this.#tags, ...marks.flatMap(({ tags }) => tags)];
    const uuid = attribute.at('uuid').text;
    const comment = attribute.at('comment').text;
    const restriction =
      this.#distribution ??
      [...parts, ...(object === undefined ? [] : [object])]
        .map(restrictionOf)
        .find((one) => one !== undefined);
    const own = restriction === undefined ? strictest(marks.flatMap(({ tlp }) => tlp ?? [])) : 'red';
    return {
      description: comment,
      validFrom:
        this.#make.past(attribute.at('first_seen').text) ?? this.#make.past(attribute.at('timestamp').text),
      lastSeen: this.#make.past(attribute.at('last_seen').text),
      labels: [...labelsOf(all), ...(restriction === undefined ? [] : [restriction])],
      confidence: confidenceOf(all),
      malware: clustersOf(all).find(({ as }) => as === 'malware')?.name,
      tlp: own === undefined ? this.#tlp : this.#tlp === undefined ? own : stricter(own, this.#tlp),
      references: [...(uuid === undefined ? [] : [{ source_name: 'misp-attribute', external_id: uuid }])],
    };
  }

  /** Returns the values of the attributes of a type that may be shared with the event. */
  #told(type: string): readonly string[] {
    return this.#event
      .all('Attribute')
      .filter((one) => {
        const { tlp } = marksOf(one);
        return (
          one.at('type').text === type &&
          one.at('deleted').flag !== true &&
          (this.#distribution !== undefined || restrictionOf(one) === undefined) &&
          (tlp === undefined || tlp === this.#tlp || isLooser(tlp, this.#tlp))
        );
      })
      .flatMap((one) => one.at('value').text ?? []);
  }

  #report(): Omit<Step, 'line'> | undefined {
    const uuid = this.#event.at('uuid').text;
    const name = this.#event.at('info').text;
    if (uuid === undefined || name === undefined) return undefined;
    const links: Reference[] = this.#told('link').flatMap((url) =>
      urlOf(url) === undefined ? [] : [{ source_name: 'link', url }],
    );
    const beside: StixObject[] = clustersOf(this.#tags).map(({ as, name: cluster, technique }) =>
      as === 'technique'
        ? this.#make.technique(technique ?? cluster, cluster)
        : this.#make.named(as, cluster),
    );
    const changed = this.#make.past(this.#event.at('timestamp').text);
    return attempt(0, name, () => ({
      findings: [
        this.#make.report({
          key: uuid,
          name,
          description: this.#event.all('EventReport')[0]?.at('content').text,
          published: this.#make.past(this.#event.at('publish_timestamp').text) ?? changed,
          modified: changed,
          labels: [
            ...labelsOf(this.#tags),
            ...(this.#distribution === undefined ? [] : [this.#distribution]),
          ],
          confidence: confidenceOf(this.#tags),
          tlp: this.#tlp,
          references: [
            {
              source_name: this.#event.at('Orgc', 'name').text ?? 'misp',
              external_id: uuid,
            },
            ...links,
          ],
          refs: this.#refs,
          beside,
          vulnerabilities: this.#told('vulnerability'),
          binds: true,
        }),
      ],
    }));
  }
}

/** True for an attribute that identifies the file of its object, together with the others of this kind. */
function isOfFile(attribute: Node): boolean {
  const type = attribute.at('type').text ?? '';
  return type === FILE_NAME || DIGESTS.includes(type);
}

function isLooser(a: Tlp, b: Tlp | undefined): boolean {
  return b !== undefined && stricter(a, b) === b;
}
