const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns a number with its thousands separated: 48,213. */
export function count(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Returns a number with its noun: `1 object`, `2,000 objects`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Returns the text for a name that somebody else chose, such as a parameter of an address. Undefined for any other name. */
export function textFor(
  texts: Readonly<Record<string, string>>,
  name: string | undefined,
): string | undefined {
  return name !== undefined && Object.hasOwn(texts, name) ? texts[name] : undefined;
}

/** Returns the time since an event in its largest unit: `4 min`, `3 h`, `9 days`. */
export function since(time: string, now: number): string {
  const passed = now - Date.parse(time);
  if (!(passed >= MINUTE)) return 'now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return counted(Math.floor(passed / DAY), 'day');
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

/** Returns a STIX type as words: `attack-pattern` becomes `Attack pattern`, and `url` becomes `URL`. */
export function typeInWords(type: string): string {
  const known = textFor(TYPES, type);
  if (known !== undefined) return known;
  const words = type.replace(/^x-/, '').replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Browsers by a part of the User-Agent. A browser also names those that it is compatible with, so the order matters. */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS|Chromium)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)\S* .*Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
] as const;

/** Returns the User-Agent of a request in words: `Firefox 145 on Windows`. Other programs keep their own text. */
export function clientInWords(agent: string): string {
  for (const [form, name] of BROWSERS) {
    const version = form.exec(agent)?.[1];
    if (version === undefined) continue;
    const system = SYSTEMS.find(([part]) => part.test(agent))?.[1];
    return `${name} ${version}${system === undefined ? '' : ` on ${system}`}`;
  }
  return agent;
}
