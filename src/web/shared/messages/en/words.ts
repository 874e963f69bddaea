import { dayText, timeText } from '../../../../kernel/time-text.ts';
import { clientParts, passed } from '../../words.ts';
import { countIn, listIn } from '../numbers.ts';

/** Returns a number with its thousands separated: 48,213. */
export const count = countIn('en');

/** Returns a number with its noun: `1 object`, `2,000 objects`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Types of STIX whose names are abbreviations. */
const TYPES: Readonly<Record<string, string>> = {
  'email-addr': 'Email address',
  'ipv4-addr': 'IPv4 address',
  'ipv6-addr': 'IPv6 address',
  'mac-addr': 'MAC address',
  url: 'URL',
  'x509-certificate': 'X.509 certificate',
};

/** Words that every page uses. */
export const words = {
  /** The language of the texts, as in `lang` of HTML. */
  language: 'en',
  count,
  roles: { administrator: 'administrator', analyst: 'analyst', officer: 'officer', machine: 'machine' },
  /** The kinds of claims of members. */
  claims: {
    network: 'network',
    domain: 'domain',
    asn: 'AS number',
    country: 'country',
    sector: 'sector',
    brand: 'brand',
  },
  list: listIn('en'),
  /** A time to the minute with its zone. `zone`: IANA time zone. */
  time: timeText,
  /** The day of a time in a zone. */
  day: dayText,
  /** The time since an event in its largest unit: `4 min`, `3 h`, `9 days`. */
  since: (time: string, now: number): string => {
    const { minutes, hours, days } = passed(time, now);
    if (minutes < 1) return 'now';
    if (hours < 1) return `${minutes} min`;
    return days < 1 ? `${hours} h` : counted(days, 'day');
  },
  /** A STIX type: `attack-pattern` becomes `Attack pattern`, and `url` becomes `URL`. */
  type: (type: string): string => {
    if (Object.hasOwn(TYPES, type)) return TYPES[type] ?? type;
    const text = type.replace(/^x-/, '').replaceAll('-', ' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  },
  /** The User-Agent of a request: `Firefox 145 on Windows`. Other programs keep their own text. */
  client: (agent: string): string => {
    const { browser, system } = clientParts(agent);
    return system === undefined ? browser : `${browser} on ${system}`;
  },
};
