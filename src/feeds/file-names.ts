import { RE2JS } from 're2js';

/**
 * Returns a test for file names by a pattern. `*` matches any characters and `?` matches one character. Every other
 * character matches itself, in upper or lower case. The pattern comes from a feed document and the names from other
 * people, so the match uses an engine with linear running time.
 */
export function fileNames(pattern: string): (name: string) => boolean {
  const parts = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RE2JS.quote(part)));
  const compiled = RE2JS.compile(parts.join(''), RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL);
  return (name) => compiled.matches(name);
}
