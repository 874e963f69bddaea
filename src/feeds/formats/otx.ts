import type { Readable } from 'node:stream';
import { urlOf } from '../../kernel/url.ts';
import type { Tlp } from '../../stix/markings.ts';
import { UNCLEAR, readTlp, strictTlp } from '../stated-tlp.ts';
import type { StixObject } from '../../stix/types.ts';
import { isPlaceholder, type Mapped } from '../findings.ts';
import type { FindingMaker } from '../maker.ts';
import type { SourceFacts } from '../source-facts.ts';
import { Node } from '../node.ts';
import { ValueFault, type ValueType } from '../../stix/values/read-value.ts';
import { attempt, wholeJson, type Step } from './format.ts';

/** Value types by the names that OTX uses. */
const TYPES: Readonly<Record<string, ValueType>> = {
  IPv4: 'ip', IPv6: 'ip', CIDR: 'cidr', domain: 'domain', hostname: 'domain', URL: 'url', URI: 'url',
  email: 'email', Mutex: 'mutex', 'FileHash-MD5': 'hash', 'FileHash-SHA1': 'hash', 'FileHash-SHA256': 'hash',
  SSLCertFingerprint: 'certificate',
}; // prettier-ignore

/** Maximum number of tags of a pulse that its indicators get, and of indicators that its report names. */
const MOST_TAGS = 200;
const MOST_REFS = 10_000;

/** Types that OTX lists but that no STIX pattern can look for. */
const DESCRIBING = new Set([
  'FileHash-PEHASH',
  'FileHash-IMPHASH',
  'BitcoinAddress',
  'FilePath',
  'JA3',
  'osquery',
]);

/** Reads pulses of AlienVault OTX. Each becomes a report, with an indicator for each active value. */
export async function* readOtx(stream: Readable, make: FindingMaker): AsyncGenerator<Step> {
  const document = new Node(await wholeJson(stream));
  const pulses = document.at('results').there ? document.all('results') : document.all();
  let line = 0;
  for (const pulse of pulses) {
    const refs: string[] = [];
    const shared = sharedBy(pulse);
    for (const indicator of pulse.all('indicators')) {
      const step = attempt(++line, indicator.value, () => valueOf(indicator, shared, make));
      if (refs.length < MOST_REFS) refs.push(...step.mapped.findings.map(({ id }) => id));
      yield step;
    }
    const report = attempt(line, pulse.at('name').text ?? '', () => ({
      findings: [reportOf(pulse, refs, make)],
    }));
    yield report;
  }
}

/** Returns the facts of a pulse that apply to all of its indicators. It is read once for all of them. */
function sharedBy(pulse: Node): SourceFacts {
  const families = familiesOf(pulse);
  const id = pulse.at('id').text;
  return {
    labels: pulse.texts('tags').slice(0, MOST_TAGS),
    // With several families, the pulse does not show to which of them a value belongs.
    malware: families.length === 1 ? families[0] : undefined,
    tlp: tlpOf(pulse),
    references:
      id === undefined
        ? []
        : [
            {
              source_name: 'otx',
              external_id: id,
              url: `https://otx.alienvault.com/pulse/${encodeURIComponent(id)}`,
            },
          ],
  };
}

function valueOf(indicator: Node, shared: SourceFacts, make: FindingMaker): Mapped {
  const type = indicator.at('type').text ?? '';
  const value = indicator.at('indicator').text ?? '';
  if (indicator.at('is_active').text === '0' || indicator.at('is_active').text === 'false')
    return { findings: [], filtered: 'inactive' };
  const said = { ...shared, ...saidOf(indicator, make) };
  if (type === 'CVE') return { findings: [make.vulnerability(value, said)] };
  if (type === 'YARA') return make.rule('yara', indicator.at('content').text ?? value, said);
  const kind = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (kind !== undefined) return make.indicators(value, kind, said);
  if (DESCRIBING.has(type)) return { findings: [], filtered: `not-for-detection:${type}` };
  throw new ValueFault(`unknown-type:${type.slice(0, 40)}`, `"${type.slice(0, 40)}" is an unknown type`);
}

function saidOf(indicator: Node, make: FindingMaker): SourceFacts {
  const time = (name: string): number | undefined => {
    const text = indicator.at(name).text;
    return text === undefined ? undefined : make.time(text);
  };
  const until = indicator.at('expiration').text;
  return {
    name: indicator.at('title').text,
    description: indicator.at('description').text,
    validFrom: time('created'),
    validUntil: until === undefined ? undefined : make.end(until),
  };
}

function familiesOf(pulse: Node): readonly string[] {
  return pulse.texts('malware_families').filter((name) => !isPlaceholder(name));
}

/** Returns the level of a pulse. A pulse with an unknown level has the strictest one. */
function tlpOf(pulse: Node): Tlp | undefined {
  const label = pulse.at('tlp').text ?? pulse.at('TLP').text;
  return label === undefined ? undefined : (readTlp(label) ?? strictTlp(UNCLEAR));
}

function reportOf(pulse: Node, refs: readonly string[], make: FindingMaker) {
  const adversary = pulse.at('adversary').text;
  const beside: StixObject[] = [
    ...(adversary === undefined || isPlaceholder(adversary) ? [] : [make.named('threat-actor', adversary)]),
    ...familiesOf(pulse).map((name) => make.named('malware', name)),
    ...pulse
      .texts('attack_ids')
      .filter((id) => /^T\d{4}(?:\.\d{3})?$/.test(id))
      .map((id) => make.technique(id)),
  ];
  const time = (name: string): number | undefined => {
    const text = pulse.at(name).text;
    return text === undefined ? undefined : make.time(text);
  };
  return make.report({
    key: pulse.at('id').text ?? '',
    name: pulse.at('name').text,
    description: pulse.at('description').text,
    published: time('created'),
    created: time('created'),
    modified: time('modified'),
    labels: [
      ...pulse.texts('tags'),
      ...pulse.texts('industries').map((name) => `sector:${name}`),
      ...pulse.texts('targeted_countries').map((name) => `targets:${name}`),
    ],
    tlp: tlpOf(pulse),
    references: [
      ...(pulse.at('author_name').text === undefined
        ? []
        : [
            {
              source_name: 'otx',
              description: `by ${pulse.at('author_name').text ?? ''}`,
              external_id: pulse.at('id').text ?? '',
            },
          ]),
      ...pulse
        .texts('references')
        .filter((url) => urlOf(url) !== undefined)
        .map((url) => ({ source_name: 'reference', url })),
    ],
    refs,
    beside,
    binds: true,
  });
}
