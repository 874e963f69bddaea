const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the text for a name that somebody else chose, such as a parameter of an address. Undefined for any other name. */
export function textFor(
  texts: Readonly<Record<string, string>>,
  name: string | undefined,
): string | undefined {
  return name !== undefined && Object.hasOwn(texts, name) ? texts[name] : undefined;
}

/** Returns the time since an event in whole minutes, hours and days. Zero for an event in the future. */
export function passed(
  time: string,
  now: number,
): { readonly minutes: number; readonly hours: number; readonly days: number } {
  const between = now - Date.parse(time);
  if (!(between >= MINUTE)) return { minutes: 0, hours: 0, days: 0 };
  return {
    minutes: Math.floor(between / MINUTE),
    hours: Math.floor(between / HOUR),
    days: Math.floor(between / DAY),
  };
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

/** Returns the browser and the system that a User-Agent names. Other programs keep their own text. */
export function clientParts(agent: string): {
  readonly browser: string;
  readonly system: string | undefined;
} {
  for (const [form, name] of BROWSERS) {
    const version = form.exec(agent)?.[1];
    if (version === undefined) continue;
    return { browser: `${name} ${version}`, system: SYSTEMS.find(([part]) => part.test(agent))?.[1] };
  }
  return { browser: agent, system: undefined };
}
