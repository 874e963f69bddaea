// Longer than 400 lines: one format with two versions, whose elements refer to each other.
import type { Readable } from 'node:stream';
import type { Tlp } from '../../stix/markings.ts';
import { stricter } from '../../stix/markings.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import type { StixObject } from '../../stix/types.ts';
import { isPlaceholder, type Mapped, type Reference } from '../findings.ts';
import type { FindingMaker } from '../maker.ts';
import type { SourceFacts } from '../source-facts.ts';
import { Node } from '../node.ts';
import { xmlElements } from '../parsers/xml.ts';
import { ValueFault, type ValueType } from '../../stix/values/read-value.ts';
import { attempt, type Step } from './format.ts';

const LARGEST_INCIDENT = 16 * 1024 * 1024;
const MOST_REFS = 10_000;
/** Maximum number of vulnerabilities of an incident, because each of its events names them. */
const MOST_VULNERABILITIES = 200;

/** Categories of addresses (RFC 5070 §3.16.1, RFC 7970 §3.18.1). */
const ADDRESSES: Readonly<Record<string, ValueType>> = {
  'ipv4-addr': 'ip', 'ipv6-addr': 'ip', 'ipv4-net': 'cidr', 'ipv6-net': 'cidr', 'ipv4-net-mask': 'cidr',
  'ipv4-net-masked': 'cidr', 'ipv6-net-mask': 'cidr', 'ipv6-net-masked': 'cidr', asn: 'asn', mac: 'mac', 'e-mail': 'email',
  'site-uri': 'url',
}; // prettier-ignore

/** Types of lists (RFC 7970 §3.29.3). */
const LISTS: Readonly<Record<string, ValueType>> = {
  'ipv4-addr': 'ip', 'ipv6-addr': 'ip', 'ipv4-net': 'cidr', 'ipv6-net': 'cidr', 'ipv4-net-mask': 'cidr', asn: 'asn',
  'mac-addr': 'mac', mac: 'mac', 'site-uri': 'url', fqdn: 'domain', 'domain-name': 'domain', 'email-address': 'email',
  'md5-hash': 'hash', 'sha1-hash': 'hash', 'sha256-hash': 'hash', 'file-hash': 'hash',
}; // prettier-ignore

/** Sharing restrictions: v2 uses colours, v1 uses words (RFC 5070 §3.3, RFC 7970 §3.3.1). */
const RESTRICTIONS: Readonly<Record<string, Tlp>> = {
  white: 'clear', green: 'green', amber: 'amber', red: 'red', public: 'clear', partner: 'green',
  'need-to-know': 'amber', private: 'amber', default: 'amber',
}; // prettier-ignore

const CONFIDENCE: Readonly<Record<string, number>> = { low: 15, medium: 50, high: 85 };

/**
 * Reads IODEF v1 (RFC 5070) and v2 (RFC 7970). An incident becomes a report. Values that it asks readers to watch for
 * become indicators. Values that it only describes become observations.
 */
export async function* readIodef(stream: Readable, make: FindingMaker): AsyncGenerator<Step> {
  let line = 0;
  for await (const { value } of xmlElements(stream, ['IODEF-Document/Incident'], LARGEST_INCIDENT)) {
    if (value === undefined) {
      yield attempt(++line, '', () => {
        throw new ValueFault('record-too-long', 'the incident is longer than 16 MiB');
      });
      continue;
    }
    for (const step of new IncidentReader(new Node(value), make).steps()) yield { ...step, line: ++line };
  }
}

class IncidentReader {
  readonly #incident: Node;
  readonly #make: FindingMaker;
  readonly #tlp: Tlp;
  readonly #refs: string[] = [];
  readonly #reference: readonly Reference[];
  /** The vulnerabilities that the incident names. They are read once for all of its events. */
  readonly #vulnerabilities: readonly string[];

  constructor(incident: Node, make: FindingMaker) {
    this.#incident = incident;
    this.#make = make;
    this.#tlp = restriction(incident, 'amber');
    this.#reference = referenceOf(incident.at('IncidentID'));
    this.#vulnerabilities = vulnerabilitiesOf(incident);
  }

  *steps(): Generator<Omit<Step, 'line'>> {
    for (const indicator of this.#incident.all('IndicatorData').flatMap((data) => data.all('Indicator')))
      yield* this.#indicator(indicator);
    const watch =
      this.#incident.at('@purpose').text === 'watch' || this.#incident.at('@ext-purpose').text === 'watch';
    for (const event of eventsOf(this.#incident)) yield* watch ? this.#watched(event) : this.#happened(event);
    yield attempt(0, this.#incident.at('IncidentID').text ?? '', () => ({ findings: [this.#report()] }));
  }

  /** Remembers the objects that a report may name under its own marking. */
  #kept<T extends Omit<Step, 'line'>>(step: T): T {
    for (const { id, tlp } of step.mapped.findings)
      if (this.#refs.length < MOST_REFS && (tlp === undefined || stricter(tlp, this.#tlp) === this.#tlp))
        this.#refs.push(id);
    return step;
  }

  *#indicator(indicator: Node): Generator<Omit<Step, 'line'>> {
    const said = this.#saidOf(indicator);
    const expressions = indicator.all('IndicatorExpression');
    for (const expression of expressions)
      yield this.#kept(
        attempt(0, expression.value, () => this.#make.indicatorOf(this.#expression(expression), said)),
      );
    for (const observable of indicator.all('Observable'))
      for (const part of this.#partsOf(observable))
        yield this.#kept(attempt(0, part.raw, () => part.made(said)));
  }

  #saidOf(indicator: Node): SourceFacts {
    const rating = indicator.at('Confidence', '@rating').text;
    const number = Number(indicator.at('Confidence').text);
    const time = (name: string): number | undefined => this.#time(indicator, name);
    const [malware] = indicator.all('AttackPhase').length === 0 ? [] : [undefined];
    return {
      name: undefined,
      description: indicator.at('Description').text,
      validFrom: time('StartTime'),
      validUntil: time('EndTime'),
      confidence:
        rating === 'numeric' && Number.isFinite(number)
          ? Math.round(number)
          : Object.hasOwn(CONFIDENCE, rating ?? '')
            ? CONFIDENCE[rating ?? '']
            : undefined,
      malware,
      tlp: restriction(indicator, this.#tlp, this.#tlp),
      references: [...referenceOf(indicator.at('IndicatorID')), ...this.#reference],
    };
  }

  /** Reads a time. End times may be in the future. An invalid time counts as absent. */
  #time(node: Node, name: string): number | undefined {
    return this.#make.loose(node.at(name).text);
  }

  #expression(expression: Node): Observable {
    const operator = expression.at('@operator').text ?? 'and';
    if (operator !== 'and' && operator !== 'or')
      throw new ValueFault(
        'unsupported-operator',
        `"${operator.slice(0, 20)}" cannot be written as a pattern that all tools interpret in the same way`,
      );
    const parts = [
      ...expression.all('IndicatorExpression').map((inner) => this.#expression(inner)),
      ...expression.all('Observable').flatMap((observable) => {
        const found = this.#partsOf(observable).flatMap((part) => part.observables());
        if (found.length === 0)
          throw new ValueFault('unknown-observable', 'a part of the expression is not supported');
        return found.length === 1 ? found : [{ type: 'or' as const, parts: found }];
      }),
    ];
    const [only] = parts;
    if (only === undefined) throw new ValueFault('empty-value', 'the expression has no parts');
    return parts.length === 1 ? only : { type: operator, parts };
  }

  /** Returns the values of an observable: how they are written, and how they become indicators. */
  #partsOf(observable: Node): readonly Part[] {
    const make = this.#make;
    const plain = (raw: string, type: ValueType): Part => ({
      raw,
      made: (said) => make.indicators(raw, type, said),
      observables: () => make.values(raw, type),
    });
    const ready = (raw: unknown, build: () => Observable): Part => ({
      raw,
      made: (said) => make.indicatorOf(build(), said),
      observables: () => [build()],
    });
    return [
      ...observable.all('System').flatMap((system) => this.#system(system, plain)),
      ...observable.all('Address').flatMap((address) => addressParts(address, plain)),
      ...observable
        .all('DomainData')
        .flatMap((data) => data.texts('Name').map((name) => plain(name, 'domain'))),
      ...observable.all('EmailData').map((mail) =>
        ready(mail.value, () => {
          const from = mail.at('EmailFrom').text;
          const subject = mail.at('EmailSubject').text;
          if (from === undefined && subject === undefined)
            throw new ValueFault('empty-value', 'the email has neither sender nor subject');
          return {
            type: 'email-message',
            ...(from === undefined ? {} : { from: addressIn(make, from) }),
            ...(subject === undefined ? {} : { subject }),
          };
        }),
      ),
      ...observable
        .all('FileData')
        .flatMap((data) => data.all('File'))
        .map((file) => ready(file.value, () => fileOf(file, make))),
      ...observable
        .all('WindowsRegistryKeysModified')
        .flatMap((keys) => keys.all('Key'))
        .flatMap((key) => key.texts('KeyName').map((name) => plain(name, 'regkey'))),
      ...observable.all('BulkObservable').flatMap((bulk) => {
        const type = bulk.at('@type').text ?? '';
        const kind = Object.hasOwn(LISTS, type) ? LISTS[type] : undefined;
        return bulk
          .texts('BulkObservableList')
          .flatMap((list) => list.split(/\r?\n/))
          .map((text) => text.trim())
          .filter((text) => text !== '')
          .map((text) =>
            kind === undefined
              ? ready(text, () => {
                  throw new ValueFault(
                    `unknown-type:${type.slice(0, 40)}`,
                    `lists of "${type.slice(0, 40)}" are not supported`,
                  );
                })
              : plain(text, kind),
          );
      }),
    ];
  }

  #system(system: Node, plain: (raw: string, type: ValueType) => Part): readonly Part[] {
    const nodes = system.all('Node');
    const ports = portsOf(system);
    return nodes.flatMap((node) => [
      ...node.all('Address').flatMap((address) => {
        const raw = address.text ?? '';
        const kind = kindOf(address);
        // With one port on the address, only that port is meant.
        if (kind === 'ip' && ports.length === 1)
          return [
            plain(raw.includes(':') ? `[${raw}]:${ports[0] ?? ''}` : `${raw}:${ports[0] ?? ''}`, 'endpoint'),
          ];
        return addressParts(address, plain);
      }),
      ...namesOf(node).map((name) => plain(name, 'domain')),
    ]);
  }

  /** Reads a watch list of v1: the systems with the configured roles are the ones to look for. */
  *#watched(event: Node): Generator<Omit<Step, 'line'>> {
    const roles = this.#make.document.parser.watch_roles ?? ['source'];
    for (const system of systemsOf(event)) {
      const role = system.at('@category').text ?? '';
      if (!roles.includes(role)) {
        yield attempt(0, system.value, () => ({ findings: [], filtered: `role:${role.slice(0, 40)}` }));
        continue;
      }
      const said: SourceFacts = {
        description: system.at('Description').text ?? this.#incident.at('Description').text,
        validFrom: this.#time(this.#incident, 'StartTime') ?? this.#reported(),
        tlp: restriction(system, this.#tlp, this.#tlp),
        confidence: undefined,
        references: this.#reference,
      };
      const plain = (raw: string, type: ValueType): Part => ({
        raw,
        made: (more) => this.#make.indicators(raw, type, more),
        observables: () => this.#make.values(raw, type),
      });
      for (const part of this.#system(system, plain))
        yield this.#kept(attempt(0, part.raw, () => part.made(said)));
    }
  }

  /** Reads what happened, with its sources and targets, as observations. */
  // oxlint-disable-next-line max-lines-per-function -- The parts of a document, in its order.
  *#happened(event: Node): Generator<Omit<Step, 'line'>> {
    const systems = systemsOf(event);
    if (systems.length === 0) return;
    const source = systems.find((system) => system.at('@category').text === 'source');
    const target = systems.find((system) => system.at('@category').text === 'target');
    const [first] = [source, target, ...systems].filter((system) => system !== undefined);
    if (first === undefined) return;
    yield this.#kept(
      attempt(0, event.value, () => {
        const values = systems.flatMap((system) =>
          system.all('Node').flatMap((node) => [
            ...node.all('Address').flatMap((address) => {
              const type = kindOf(address);
              return type === undefined || address.text === undefined
                ? []
                : [{ raw: type === 'cidr' ? masked(address.text) : address.text, type }];
            }),
            ...namesOf(node).map((raw) => ({ raw, type: 'domain' as const })),
          ]),
        );
        const end = (system: Node | undefined) => ({
          address: system?.all('Node').flatMap((node) => node.texts('Address'))[0],
          port: system === undefined ? undefined : portsOf(system)[0],
        });
        const count = Number(
          systems.flatMap((system) => system.all('Node').flatMap((node) => node.texts('Counter')))[0] ?? 1,
        );
        return {
          findings: [
            this.#make.observation({
              values,
              traffic: {
                source: end(source).address,
                sourcePort: end(source).port,
                destination: end(target).address,
                destinationPort: end(target).port,
                protocol:
                  first.at('Service', '@ip_protocol').text ?? first.at('Service', '@ip-protocol').text,
              },
              validFrom:
                this.#time(this.#incident, 'StartTime') ??
                this.#time(this.#incident, 'DetectTime') ??
                this.#reported(),
              lastSeen: this.#time(this.#incident, 'EndTime') ?? this.#time(this.#incident, 'DetectTime'),
              labels: systems.flatMap((system) => {
                const role = system.at('@category').text;
                const [address] = system
                  .all('Node')
                  .flatMap((node) => [...node.texts('Address'), ...namesOf(node)]);
                return role === undefined || address === undefined ? [] : [`${role}:${address}`];
              }),
              count: Number.isFinite(count) ? count : 1,
              tlp: this.#tlp,
              references: this.#reference,
              vulnerabilities: this.#vulnerabilities,
            }),
          ],
        };
      }),
    );
  }

  #reported(): number | undefined {
    return this.#time(this.#incident, 'GenerationTime') ?? this.#time(this.#incident, 'ReportTime');
  }

  #report() {
    const incident = this.#incident;
    const id = incident.at('IncidentID').text ?? '';
    const from = incident.at('IncidentID', '@name').text ?? '';
    const related = incident.all('RelatedActivity');
    const beside: StixObject[] = related.flatMap((activity) => [
      ...activity.all('ThreatActor').flatMap((actor) =>
        actor
          .texts('ThreatActorID')
          .filter((name) => !isPlaceholder(name))
          .map((name) => this.#make.named('threat-actor', name)),
      ),
      ...activity.all('Campaign').flatMap((campaign) =>
        campaign
          .texts('CampaignID')
          .filter((name) => !isPlaceholder(name))
          .map((name) => this.#make.named('campaign', name)),
      ),
    ]);
    const contact = incident.all('Contact').flatMap((one) => one.texts('ContactName'))[0];
    return this.#make.report({
      key: `${from}|${id}`,
      name: incident.at('Description').text ?? `Incident ${id}`,
      description: [
        incident.all('Description').length > 1 ? incident.texts('Description').join('\n') : undefined,
        contact === undefined ? undefined : `Reported by ${contact}`,
        ...[incident, ...eventsOf(incident)]
          .flatMap((node) => node.all('Expectation'))
          .flatMap((expectation) => {
            const action = expectation.at('@action').text;
            return action === undefined ? [] : [`Asked for: ${action}`];
          }),
      ]
        .filter((text) => text !== undefined)
        .join('\n'),
      published: this.#reported(),
      types: ['observed-data'],
      labels: [
        'incident',
        ...(incident.at('@purpose').text === undefined
          ? []
          : [`purpose:${incident.at('@purpose').text ?? ''}`]),
      ],
      tlp: this.#tlp,
      references: [
        ...this.#reference,
        ...related.flatMap((activity) => activity.all('IncidentID').flatMap(referenceOf)),
      ],
      refs: this.#refs,
      beside,
      vulnerabilities: this.#vulnerabilities,
      binds: true,
    });
  }
}

/** A value of an observable. */
interface Part {
  readonly raw: unknown;
  readonly made: (said: SourceFacts) => Mapped;
  readonly observables: () => readonly Observable[];
}

function kindOf(address: Node): ValueType | undefined {
  const category = address.at('@category').text ?? 'ipv4-addr';
  return Object.hasOwn(ADDRESSES, category) ? ADDRESSES[category] : undefined;
}

function addressParts(address: Node, plain: (raw: string, type: ValueType) => Part): readonly Part[] {
  const type = kindOf(address);
  const raw = address.text ?? '';
  if (type !== undefined) return [plain(type === 'cidr' ? masked(raw) : raw, type)];
  const category = (address.at('@category').text ?? '').slice(0, 40);
  const fail = (): never => {
    throw new ValueFault(
      `unknown-type:${category}`,
      `addresses of the category "${category}" are not supported`,
    );
  };
  return [{ raw: address.value, made: fail, observables: fail }];
}

/** Converts a network with a netmask to one with a prefix length. Any other text stays unchanged. */
function masked(text: string): string {
  const [, base = '', mask = ''] = /^([\d.]+)\/(\d+\.\d+\.\d+\.\d+)$/.exec(text.trim()) ?? [];
  if (base === '') return text;
  const bits = mask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) && bits.length === 32 ? `${base}/${bits.replaceAll('0', '').length}` : text;
}

function namesOf(node: Node): readonly string[] {
  return [...node.texts('NodeName'), ...node.all('DomainData').flatMap((data) => data.texts('Name'))];
}

/** Returns the individually listed ports of a system. */
function portsOf(system: Node): readonly string[] {
  return system.all('Service').flatMap((service) => service.texts('Port'));
}

function systemsOf(event: Node): readonly Node[] {
  return [...event.all('Flow').flatMap((flow) => flow.all('System')), ...event.all('System')];
}

function vulnerabilitiesOf(incident: Node): readonly string[] {
  const texts = [incident, ...eventsOf(incident)]
    .flatMap((node) => node.all('Method'))
    .flatMap((method) => method.all('Reference'))
    .flatMap((reference) => [
      ...reference.texts('ReferenceName'),
      ...reference.texts('ID'),
      ...reference.all('ReferenceName').flatMap((name) => name.texts('ID')),
    ])
    .filter((text) => /^CVE-\d{4}-\d{4,19}$/i.test(text));
  return [...new Set(texts)].slice(0, MOST_VULNERABILITIES);
}

const DEEPEST_EVENT = 30;

/** Returns the events of an incident, including nested ones. */
function eventsOf(node: Node, depth = 0): readonly Node[] {
  if (depth > DEEPEST_EVENT) return [];
  return node.all('EventData').flatMap((event) => [event, ...eventsOf(event, depth + 1)]);
}

/** Returns the TLP level of a part. A part without one inherits it. The result is never less strict than `least`. */
function restriction(node: Node, inherited: Tlp, least?: Tlp): Tlp {
  const word = node.at('@restriction').text?.toLowerCase() ?? '';
  const own = Object.hasOwn(RESTRICTIONS, word) ? (RESTRICTIONS[word] ?? inherited) : inherited;
  return least === undefined ? own : stricter(own, least);
}

function referenceOf(id: Node): readonly Reference[] {
  const external = id.text;
  return external === undefined
    ? []
    : [{ source_name: id.at('@name').text ?? 'iodef', external_id: external }];
}

function addressIn(make: FindingMaker, text: string): string {
  const [found] = make.values(text, 'email');
  if (found?.type !== 'email-addr') throw new ValueFault('bad-email', 'the sender is not an email address');
  return found.value;
}

/** Digests are identified by the ends of their method URIs (RFC 3275, RFC 4051). */
function fileOf(file: Node, make: FindingMaker): Observable {
  const digests = file
    .all('HashData')
    .flatMap((data) => data.all('Hash'))
    .flatMap((hash) => hash.at('DigestValue').text ?? []);
  if (digests.length === 0) throw new ValueFault('empty-value', 'the file has no hash');
  const [found] = make.values(digests.map(hexOf).join(','), 'file');
  if (found === undefined) throw new ValueFault('bad-hash', 'the file has no hash');
  return found;
}

/** Returns a digest in hexadecimal. XML signatures write digests in Base64, but many senders use hexadecimal. */
function hexOf(text: string): string {
  const plain = text.replaceAll(/\s+/g, '');
  if (/^[0-9a-f]+$/i.test(plain)) return plain;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(plain) ? Buffer.from(plain, 'base64').toString('hex') : plain;
}
