import { fixedTlp, markingRefs } from '../../stix/markings.ts';
import { timestampFault } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';

/**
 * Matches comments in a pattern of each type, whose texts in quotation marks are removed before. Comments can contain
 * anything.
 */
const COMMENT: Readonly<Record<string, RegExp>> = {
  stix: /\/\/|\/\*/,
  yara: /\/\/|\/\*/,
  sigma: /(?:^|\s)#/,
  snort: /^\s*#/m,
  suricata: /^\s*#/m,
  pcre: /\(\?#|\(\?[a-z]*x/,
};
const QUOTED: Readonly<Record<string, RegExp>> = {
  stix: /'(?:[^'\\]|\\.)*'/gs,
  yara: /"(?:[^"\\\n]|\\.)*"/g,
  sigma: /'[^'\n]*'|"(?:[^"\\\n]|\\.)*"/g,
};
/** Matches the author of a rule in YARA, Sigma and Snort: a field `author`, or an email address. */
const AUTHOR = /\bauthors?\b["']?\s{0,9}[:=]|[\w.+-]@[\w-]{1,63}\.[a-z]/i;

/** Returns why an object cannot be submitted anonymously, whoever submits it. */
export function faultOf(object: StixObject): string | undefined {
  if (text(object, 'type') !== 'indicator' || !/^indicator--[0-9a-f-]{36}$/.test(text(object, 'id') ?? ''))
    return 'only indicators with an id can be submitted anonymously';
  if (object['spec_version'] !== '2.1') return 'only STIX 2.1 can be submitted anonymously';
  if (['modified', 'valid_from', 'valid_until'].some((name) => !isTime(object, name)))
    return '"modified", "valid_from" and "valid_until" must be timestamps with a time that exists on every day';
  if (text(object, 'pattern_type') !== 'stix' && AUTHOR.test(text(object, 'pattern') ?? ''))
    return 'its rule states an author or an email address; remove it from the rule';
  const comment = commentFault(text(object, 'pattern_type') ?? '', text(object, 'pattern') ?? '');
  if (comment !== undefined) return comment;
  if (object['granular_markings'] !== undefined) return 'granular markings cannot be kept';
  const levels = markingRefs(object).map(fixedTlp);
  if (levels.length > 1 || levels.some((level) => level === undefined))
    return 'only one TLP marking can be kept, because other markings can name their creator';
  return undefined;
}

/** Returns what is wrong with a pattern that has comments, or whose comments the hub cannot find. */
function commentFault(type: string, pattern: string): string | undefined {
  const [comment, quoted] = [COMMENT[type], QUOTED[type]];
  if (comment === undefined)
    return `only patterns of these types can be submitted anonymously: ${Object.keys(COMMENT).join(', ')}`;
  const left = quoted === undefined ? pattern : pattern.replaceAll(quoted, ' ');
  return comment.test(left)
    ? 'its pattern contains a comment, which could identify you; remove it from the pattern'
    : undefined;
}

/** True for a timestamp that can be rounded, which a leap second cannot, and for an absent one. */
function isTime(object: StixObject, name: string): boolean {
  const value = text(object, name) ?? '';
  return (
    object[name] === undefined || (timestampFault(value) === undefined && !Number.isNaN(Date.parse(value)))
  );
}
