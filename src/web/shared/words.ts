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

/** Returns a STIX type as words: `attack-pattern` becomes `Attack pattern`. */
export function typeInWords(type: string): string {
  const words = type.replace(/^x-/, '').replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
