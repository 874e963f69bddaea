import type { Readable } from 'node:stream';
import { stricter, type Tlp } from '../../stix/markings.ts';
import { simpleParts, type Observable } from '../../stix/pattern/build.ts';
import type { FindingMaker } from '../maker.ts';
import type { SourceFacts } from '../source-facts.ts';
import { Node } from '../node.ts';
import { xmlElements } from '../parsers/xml.ts';
import { ValueFault, type ValueType } from '../../stix/values/read-value.ts';
import { UNCLEAR, readTlp, strictTlp } from '../stated-tlp.ts';
import { attempt, type Step } from './format.ts';

const LARGEST_PACKAGE = 64 * 1024 * 1024;
const DEEPEST = 20;
/**
 * Maximum number of parts of an indicator. A part may refer to one that refers to others, so a few lines can name any
 * number of parts.
 */
const MOST_PARTS = 2_000;
/** Positions of packages: alone, or in the blocks of a TAXII 1.x response. */
const PATHS = [
  'STIX_Package',
  'Poll_Response/Content_Block/Content/STIX_Package',
  'Inbox_Message/Content_Block/Content/STIX_Package',
];

/** Categories of address objects (CybOX 2). */
const CATEGORIES: Readonly<Record<string, ValueType>> = {
  'ipv4-addr': 'ip', 'ipv6-addr': 'ip', 'ipv4-net': 'cidr', 'ipv6-net': 'cidr', cidr: 'cidr', 'e-mail': 'email',
  mac: 'mac', asn: 'asn',
}; // prettier-ignore

/** Types of indicators, mapped to their names in STIX 2.1. */
const TYPES: Readonly<Record<string, string>> = {
  c2: 'malicious-activity', anonymization: 'anonymization', 'compromised pki certificate': 'compromised',
  'login name': 'compromised', exfiltration: 'malicious-activity', 'host characteristics': 'anomalous-activity',
}; // prettier-ignore

/**
 * Reads STIX 1.1 and 1.2 (XML), alone or in TAXII 1.x responses. It supports indicators of addresses, names, URLs,
 * hashes, email messages, mutexes and registry keys, combined with AND and OR. Observables that belong to no indicator
 * become observations. TLP is the only supported marking.
 */
export async function* readStix1(stream: Readable, make: FindingMaker): AsyncGenerator<Step> {
  let line = 0;
  for await (const { value } of xmlElements(stream, PATHS, LARGEST_PACKAGE)) {
    if (value === undefined) {
      yield attempt(++line, '', () => {
        throw new ValueFault('record-too-long', 'the package is longer than 64 MiB');
      });
      continue;
    }
    for (const step of new PackageReader(new Node(value), make).steps()) yield { ...step, line: ++line };
  }
}

class PackageReader {
  readonly #package: Node;
  readonly #make: FindingMaker;
  readonly #tlp: Tlp | undefined;
  readonly #time: string | undefined;
  /** Observables by id, because other elements refer to them. */
  readonly #observables = new Map<string, Node>();
  /** Ids of the observables that indicators refer to. */
  readonly #named = new Set<string>();
  /** Number of parts of the indicator that is being read. */
  #parts = 0;

  constructor(node: Node, make: FindingMaker) {
    this.#package = node;
    this.#make = make;
    this.#tlp = tlpOf(node.at('STIX_Header', 'Handling'));
    this.#time = node.at('@timestamp').text;
    for (const observable of node.all('Observables').flatMap((list) => list.all('Observable'))) {
      const id = observable.at('@id').text;
      if (id !== undefined) this.#observables.set(id, observable);
    }
  }

  *steps(): Generator<Omit<Step, 'line'>> {
    const indicators = this.#package.all('Indicators').flatMap((list) => list.all('Indicator'));
    for (const indicator of indicators)
      if (indicator.at('@idref').text === undefined)
        yield attempt(0, indicator.value, () => {
          const said = this.#said(indicator);
          this.#parts = 0;
          return this.#make.indicatorOf(this.#composed(indicator, 0), said);
        });
    const seen = [...this.#observables]
      .filter(([id]) => !this.#named.has(id))
      .flatMap(([, observable]) => observable.all('Object'));
    const values = seen.flatMap((object) => {
      const raw = rawOf(object.at('Properties'));
      return raw.length === 0 ? [] : [raw];
    });
    for (const object of seen)
      if (rawOf(object.at('Properties')).length === 0)
        yield attempt(0, object.value, () => ({ findings: [], filtered: 'observable without indicator' }));
    if (values.length > 0)
      yield attempt(0, '', () => ({
        findings: [
          this.#make.observation({
            values: values.flat(),
            validFrom: this.#at(this.#time),
            labels: ['stix1'],
            tlp: this.#tlp,
            references: referenceOf(this.#package),
          }),
        ],
      }));
  }

  #at(text: string | undefined): number | undefined {
    return this.#make.loose(text);
  }

  #said(indicator: Node): SourceFacts {
    const valid = indicator.at('Valid_Time_Position');
    const own = tlpOf(indicator.at('Handling'));
    const types = indicator
      .texts('Type')
      .map((type) => (Object.hasOwn(TYPES, type.toLowerCase()) ? TYPES[type.toLowerCase()] : undefined))
      .filter((type) => type !== undefined);
    const confidence = indicator.at('Confidence', 'Value').text?.toLowerCase() ?? '';
    return {
      name: indicator.at('Title').text,
      description: indicator.at('Description').text,
      validFrom:
        this.#at(valid.at('Start_Time').text) ?? this.#at(indicator.at('@timestamp').text ?? this.#time),
      validUntil: this.#at(valid.at('End_Time').text),
      labels: indicator.texts('Type').map((type) => type.toLowerCase()),
      indicatorTypes: types.length === 0 ? undefined : [...new Set(types)],
      confidence: { low: 15, medium: 50, high: 85 }[confidence],
      tlp: own === undefined ? this.#tlp : this.#tlp === undefined ? own : stricter(own, this.#tlp),
      references: referenceOf(indicator),
    };
  }

  /** Returns what an indicator looks for, directly or through the indicators that it consists of. */
  #composed(indicator: Node, depth: number): Observable {
    if (depth > DEEPEST) throw new ValueFault('too-deep', 'the indicator is nested too deeply');
    const composite = indicator.at('Composite_Indicator_Expression');
    const parts = composite.there
      ? composite.all('Indicator').map((inner) => this.#composed(inner, depth + 1))
      : [
          ...indicator.all('Observable'),
          ...indicator.all('Observables').flatMap((list) => list.all('Observable')),
        ].map((observable) => this.#observable(observable, depth + 1));
    return joined(parts, composite.there ? operatorOf(composite) : 'or');
  }

  #observable(observable: Node, depth: number): Observable {
    if (depth > DEEPEST) throw new ValueFault('too-deep', 'the observable is nested too deeply');
    this.#count(1);
    const ref = observable.at('@idref').text;
    if (ref !== undefined) {
      this.#named.add(ref);
      const known = this.#observables.get(ref);
      if (known === undefined)
        throw new ValueFault('unknown-reference', `${ref.slice(0, 100)} is not in the package`);
      return this.#observable(known, depth + 1);
    }
    const composition = observable.at('Observable_Composition');
    if (composition.there)
      return joined(
        composition.all('Observable').map((inner) => this.#observable(inner, depth + 1)),
        operatorOf(composition),
      );
    return joined(
      observable.all('Object').map((object) => this.#counted(this.#object(object.at('Properties')))),
      'or',
    );
  }

  #counted(observable: Observable): Observable {
    this.#count(simpleParts(observable).length - 1);
    return observable;
  }

  #count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > MOST_PARTS)
      throw new ValueFault('too-many-parts', `the indicator has more than ${MOST_PARTS} parts`);
  }

  #object(properties: Node): Observable {
    const make = this.#make;
    const type = typeOf(properties);
    if (properties.at('@condition').text !== undefined) demandEquals(properties);
    switch (type) {
      case 'MutexObjectType':
        return ofValues(make, valuesOf(properties, 'Name'), 'mutex');
      case 'WindowsRegistryKeyObjectType': {
        const [key] = valuesOf(properties, 'Key');
        const [hive] = valuesOf(properties, 'Hive');
        return ofValues(
          make,
          key === undefined ? [] : [hive === undefined ? key : `${hive}\\${key}`],
          'regkey',
        );
      }
      case 'FileObjectType':
        return fileOf(make, properties);
      case 'EmailMessageObjectType':
        return mailOf(make, properties);
      default: {
        const raw = rawOf(properties);
        const [first] = raw;
        if (first === undefined)
          throw new ValueFault(
            `unknown-type:${type.slice(0, 40)}`,
            `objects of the type "${type.slice(0, 60)}" are not supported`,
          );
        return joined(
          raw.flatMap((one) => [...make.values(one.raw, one.type)]),
          'or',
        );
      }
    }
  }
}

function joined(parts: readonly Observable[], operator: 'and' | 'or'): Observable {
  const [only] = parts;
  if (only === undefined) throw new ValueFault('empty-value', 'the indicator has no condition');
  return parts.length === 1 ? only : { type: operator, parts };
}

function operatorOf(node: Node): 'and' | 'or' {
  return node.at('@operator').text?.toUpperCase() === 'OR' ? 'or' : 'and';
}

/** Returns the name of a type without its prefix. */
function typeOf(properties: Node): string {
  return properties.at('@xsi:type').text?.split(':').at(-1) ?? '';
}

/** Returns the values of a property. CybOX joins several values with separators. */
function valuesOf(properties: Node, ...path: readonly string[]): readonly string[] {
  return properties.all(...path).flatMap((node) => {
    demandEquals(node);
    return (node.text ?? '')
      .split('##comma##')
      .map((text) => text.trim())
      .filter((text) => text !== '');
  });
}

function demandEquals(node: Node): void {
  const condition = node.at('@condition').text ?? 'Equals';
  if (condition !== 'Equals')
    throw new ValueFault(
      'unsupported-condition',
      `"${condition.slice(0, 30)}" is compared with nothing that a list can hold`,
    );
}

/** Returns the values of objects that consist only of values. */
function rawOf(properties: Node): readonly { readonly raw: string; readonly type: ValueType }[] {
  const of = (values: readonly string[], type: ValueType) => values.map((raw) => ({ raw, type }));
  switch (typeOf(properties)) {
    case 'AddressObjectType': {
      const category = properties.at('@category').text ?? 'ipv4-addr';
      const type = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : undefined;
      return type === undefined ? [] : of(valuesOf(properties, 'Address_Value'), type);
    }
    case 'DomainNameObjectType':
      return of(valuesOf(properties, 'Value'), 'domain');
    case 'HostnameObjectType':
      return of(valuesOf(properties, 'Hostname_Value'), 'domain');
    case 'URIObjectType':
      return of(
        valuesOf(properties, 'Value'),
        properties.at('@type').text === 'Domain Name' ? 'domain' : 'url',
      );
    case 'LinkObjectType':
      return of(valuesOf(properties, 'Value'), 'url');
    case 'ASObjectType':
      return of(valuesOf(properties, 'Number'), 'asn');
    case 'SocketAddressObjectType': {
      const [address] = valuesOf(properties, 'IP_Address', 'Address_Value');
      const [port] = valuesOf(properties, 'Port', 'Port_Value');
      return address === undefined
        ? []
        : [
            port === undefined
              ? { raw: address, type: 'ip' }
              : { raw: `${address}:${port}`, type: 'endpoint' },
          ];
    }
    default:
      return [];
  }
}

function ofValues(make: FindingMaker, values: readonly string[], type: ValueType): Observable {
  return joined(
    values.flatMap((value) => [...make.values(value, type)]),
    'or',
  );
}

function fileOf(make: FindingMaker, properties: Node): Observable {
  const digests = properties
    .all('Hashes')
    .flatMap((hashes) => hashes.all('Hash'))
    .flatMap((hash) => [...valuesOf(hash, 'Simple_Hash_Value'), ...valuesOf(hash, 'Fuzzy_Hash_Value')])
    .filter((digest) => /^[0-9a-f]{32,128}$/i.test(digest));
  const [name] = valuesOf(properties, 'File_Name');
  if (digests.length === 0 && name !== undefined) return { type: 'file', hashes: {}, name };
  const [file] = make.values(digests.join(','), 'file');
  if (file?.type !== 'file') throw new ValueFault('bad-hash', 'the file has no hash');
  return name === undefined ? file : { ...file, name };
}

function mailOf(make: FindingMaker, properties: Node): Observable {
  const header = properties.at('Header');
  const [from] = valuesOf(header, 'From', 'Address_Value');
  const subject = header.at('Subject');
  const begins = subject.at('@condition').text === 'StartsWith';
  if (!begins && subject.there) demandEquals(subject);
  const words = subject.text;
  if (from === undefined && words === undefined)
    throw new ValueFault('empty-value', 'the email has neither sender nor subject');
  const [sender] = from === undefined ? [] : make.values(from, 'email');
  return {
    type: 'email-message',
    ...(sender?.type === 'email-addr' ? { from: sender.value } : {}),
    ...(words === undefined ? {} : { subject: words }),
    ...(begins ? { begins } : {}),
  };
}

/** Returns the strictest TLP level of a handling element. */
function tlpOf(handling: Node): Tlp | undefined {
  const colours = handling
    .all('Marking')
    .flatMap((marking) => marking.all('Marking_Structure'))
    .flatMap((structure) => structure.at('@color').text ?? [])
    // An unknown level must not make the rest less strict.
    .map((colour) => readTlp(colour) ?? strictTlp(UNCLEAR));
  return colours.length === 0 ? undefined : colours.reduce(stricter);
}

function referenceOf(node: Node) {
  const id = node.at('@id').text;
  return id === undefined ? [] : [{ source_name: 'stix1', external_id: id.slice(0, 300) }];
}
