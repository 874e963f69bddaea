import { kindOfValue, ENOUGH, wordsOf, type Chosen, type Column } from './detect-column.ts';
import type { Row } from './template.ts';
import type { ValueType } from '../stix/values/read-value.ts';

const FIRST = new Set(['start', 'first', 'from', 'begin', 'low', 'startip', 'ipstart', 'min']);
const LAST = new Set(['end', 'last', 'to', 'stop', 'high', 'endip', 'ipend', 'max']);
/** A netmask, or the bits of a network that it leaves to hosts. */
export const NETMASK = /^\/?(?:255(?:\.\d{1,3}){3}|0(?:\.\d{1,3}){2}\.[1-9]\d{0,2})$/;
const PREFIX = new Set([
  'prefix',
  'netblock',
  'cidr',
  'bits',
  'mask',
  'prefixlen',
  'prefixlength',
  'masklen',
]);

/** Names that lengths of other things have as well. They count only next to addresses that begin a network. */
const LENGTH = new Set(['length', 'len']);

/** Finds networks that are written in two columns: first and last address, or address and length of the prefix. */
export function rangeOf(columns: readonly Column[], rows: readonly Row[]): Chosen | undefined {
  const addresses = columns.filter(
    ({ kinds, share, own }) =>
      share >= ENOUGH && !own && kinds.every((kind) => kind === 'ipv4-addr' || kind === 'ipv6-addr'),
  );
  const [first, last] = [FIRST, LAST].map((words) => addresses.find(({ name }) => exactly(name, words)));
  const pair =
    first !== undefined && last !== undefined && first !== last
      ? ([first, last] as const)
      : addresses.flatMap((one, i) => {
          const next = addresses[i + 1];
          return next === undefined ? [] : [[one, next] as const];
        })[0];
  const holds = (value: (row: Row) => string, type: ValueType): number =>
    rows.filter((row) => ['network', 'ipv4-addr', 'ipv6-addr'].includes(kindOfValue(value(row), type) ?? ''))
      .length / rows.length;
  const made = (value: string, used: readonly string[], range: boolean, share: number): Chosen => ({
    map: { value, type: 'cidr' },
    used,
    range,
    share,
    distinct: rows.length,
  });
  if (pair !== undefined) {
    const [a, b] = pair;
    const share = holds((row) => `${row[a.name] ?? ''}-${row[b.name] ?? ''}`, 'cidr');
    const isNamed = pair[0] === first && pair[1] === last;
    const ends = b.texts.filter((text) => /\.(?:127|255|63|191|31)$/.test(text)).length / b.texts.length;
    if (share >= ENOUGH && (isNamed || ends >= 0.9))
      return made(`{${a.name}}-{${b.name}}`, [a.name, b.name], true, share);
  }
  const [base] = addresses.filter(({ texts }) => texts.every((text) => !text.includes('/')));
  const begins = base?.texts.every((text) => /(?:\.0|::)$/.test(text.trim())) === true;
  const prefix = columns.find(
    ({ name, texts }) =>
      texts.length > 0 &&
      (((exactly(name, PREFIX) || (begins && exactly(name, LENGTH))) &&
        texts.every((text) => /^\/?\d{1,3}$/.test(text))) ||
        texts.every((text) => NETMASK.test(text))),
  );
  if (prefix === undefined || base === undefined) return undefined;
  const slash = prefix.texts.every((text) => text.startsWith('/')) ? '' : '/';
  const share = holds((row) => `${row[base.name] ?? ''}${slash}${row[prefix.name] ?? ''}`, 'cidr');
  return share >= ENOUGH
    ? made(`{${base.name}}${slash}{${prefix.name}}`, [base.name, prefix.name], false, share)
    : undefined;
}

function exactly(name: string, words: ReadonlySet<string>): boolean {
  return (
    wordsOf(name).some((word) => words.has(word)) || words.has(name.toLowerCase().replaceAll(/[^a-z]/g, ''))
  );
}
