import { timeText } from '../../../kernel/time-text.ts';
import { tlpLabel, rankOf, type Tlp } from '../../../stix/markings.ts';
import { text, texts, type StixObject } from '../../../stix/types.ts';
import type { Micros } from '../../../kernel/clock.ts';
import { seenRefs } from '../../../stix/observables.ts';
import type { Answer } from './answer-links.ts';

/** An item of an email. */
export interface MailItem {
  readonly object: StixObject;
  readonly added: Micros;
  readonly tlp: Tlp;
  /** True if the email may contain the content. Otherwise it only announces that an object is available. */
  readonly isWhole: boolean;
  /** The reason why the member receives it, in words. */
  readonly why: string | undefined;
}

export interface MailContent {
  readonly hub: string;
  readonly title: string;
  /** True if the email was sent at once instead of with the digest. */
  readonly isUrgent: boolean;
  /** Items that are listed one by one. The others are only counted. */
  readonly items: readonly MailItem[];
  readonly total: number;
  /** Looks up the objects that observations refer to. */
  readonly find: (id: string) => StixObject | undefined;
  readonly link: (item: MailItem, answer: Answer) => string;
  /** The address at which the recipient can read the rest. */
  readonly url: string;
  /** The IANA time zone in which times are written. */
  readonly zone: string;
}

const LONGEST = 300;
/** Maximum number of characters for the items of an email. The remaining items are only counted. */
const LARGEST = 28_000;

/** Defangs values, so that email programs do not turn them into links and filters do not block the email. */
function defang(value: string): string {
  return (
    value
      .replaceAll(/\bhttp/gi, 'hxxp')
      .replaceAll(/\bftp:/gi, 'fxp:')
      .replaceAll('.', '[.]')
      .replaceAll('@', '[@]')
      // Untrusted text cannot start a line or a label of its own.
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
  );
}

/** Returns the strictest TLP level among the items of an email. */
export function labelOf(items: readonly MailItem[]): Tlp {
  return items.reduce<Tlp>((most, { tlp }) => (rankOf(tlp) > rankOf(most) ? tlp : most), 'clear');
}

/**
 * Returns the text of an email: each item with the reason and its answer links, grouped by the kind of problem. Plain
 * text in short sentences.
 */
export function mailText({ hub, title, isUrgent, items, total, find, link, url, zone }: MailContent): string {
  const lines = [
    tlpLabel(labelOf(items)),
    '',
    isUrgent
      ? `${hub}: urgent for ${title}.`
      : `${hub}: ${total} new ${total === 1 ? 'item' : 'items'} for ${title}.`,
  ];
  if (items.some(({ isWhole }) => !isWhole))
    lines.push(
      'Items that must not be sent by email are only announced here. Read them in your collection, or ask the hub.',
    );
  lines.push('');
  let n = 0;
  let size = 0;
  for (const [problem, group] of groupsOf(items)) {
    if (size > LARGEST) break;
    lines.push(`== ${problem}: ${group.length}`, '');
    for (const item of group) {
      if (size > LARGEST) break;
      n++;
      const of = [
        ...itemLines(n, item, find, zone),
        `   Received:       ${link(item, 'acknowledged')}`,
        `   Not ours:       ${link(item, 'not-ours')}`,
        `   False positive: ${link(item, 'false-positive')}`,
        '',
      ];
      lines.push(...of);
      size += of.join('\n').length;
    }
  }
  if (total > n) lines.push(`${total - n} more items are not shown here.`, '');
  lines.push(
    `All items: ${url}`,
    '',
    'The addresses above are written with [.] so that nobody opens one by mistake.',
    '',
  );
  return lines.join('\n');
}

function itemLines(
  n: number,
  { object, added, tlp, isWhole, why }: MailItem,
  find: (id: string) => StixObject | undefined,
  zone: string,
): readonly string[] {
  const when = `added ${timeText(Math.floor(added / 1_000), zone)}`;
  if (!isWhole) return [`${n}. A ${tlpLabel(tlp)} item is waiting; ${when}.`];
  const ended = object['revoked'] === true ? 'WITHDRAWN: ' : '';
  // The notice about a value to remove states this in its explanation.
  const name = text(object, 'name') ?? text(object, 'explanation') ?? String(object['type']);
  return [
    `${n}. ${ended}${defang(name).slice(0, LONGEST)}`,
    ...valuesOf(object, find).map((value) => `   ${defang(value).slice(0, LONGEST)}`),
    `   ${[...(why === undefined ? [] : [defang(why)]), when, tlpLabel(tlp)].join('; ')}`,
  ];
}

/** Returns the values to look for, or that were seen. */
function valuesOf(
  object: StixObject,
  find: (id: string) => StixObject | undefined,
  depth = 0,
): readonly string[] {
  const pattern = text(object, 'pattern');
  if (pattern !== undefined) return [pattern];
  const value = text(object, 'value');
  if (value !== undefined) return [`${String(object['type'])}: ${value}`];
  if (depth > 2) return [];
  return seenRefs(object)
    .flatMap((id) => {
      const seen = find(id);
      return seen === undefined ? [] : valuesOf(seen, find, depth + 1);
    })
    .slice(0, 10);
}

/** Groups items by the kind of problem: the first type or label that describes it. */
function groupsOf(items: readonly MailItem[]): ReadonlyMap<string, readonly MailItem[]> {
  const groups = new Map<string, MailItem[]>();
  for (const item of items) {
    const problem = problemOf(item);
    const group = groups.get(problem);
    if (group === undefined) groups.set(problem, [item]);
    else group.push(item);
  }
  return groups;
}

function problemOf({ object, isWhole }: MailItem): string {
  if (!isWhole) return 'not sent by email';
  const words = [
    ...texts(object, 'indicator_types'),
    ...texts(object, 'report_types'),
    ...texts(object, 'labels'),
  ];
  const word = words.find((label) => !/^(?:country|sector|severity|warninglist|source):/i.test(label));
  return defang(word ?? String(object['type'])).slice(0, 60);
}
