/** YARA allows no more repetitions of a part of a regular expression. */
const MOST_REPEATED = 32_767;

/** True for a regular expression that YARA and JavaScript read alike: no groups with `?`, no references, no odd classes. */
export function isRegex(written: string): boolean {
  const body = written.slice(1, written.lastIndexOf('/'));
  const plain = body.replaceAll(/\\[^x0-9]/g, '_');
  if (/\(\?|\\[0-9]|\\x(?![0-9a-fA-F]{2})|\[\^?\]|\{,|[{[]$/.test(plain)) return false;
  for (const [, from = '0', to = from] of plain.matchAll(/\{(\d+)(?:,(\d+))?/g))
    if (Number(from) > MOST_REPEATED || Number(to) > MOST_REPEATED) return false;
  try {
    return new RegExp(body) instanceof RegExp;
  } catch {
    return false;
  }
}
