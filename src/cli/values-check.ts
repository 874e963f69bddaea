import type { CheckedValue, CheckedValues } from '../api/schema-types.ts';
import { pastedValues } from '../stix/values/pasted-values.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, count, printable, readInput, readStdin, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { tellUngranted } from './search.ts';
import { graded, table, when, writeJson, type Grade } from './output.ts';

/** Number of values that one request checks. */
const AT_ONCE = 1_000;

/** How the verdicts look. */
export const GRADES: Readonly<Record<CheckedValue['verdict'], Grade>> = {
  active: 'bad',
  suppressed: 'notice',
  'warning-list': 'good',
  'own-network': 'notice',
  pending: 'notice',
  expired: 'notice',
  withdrawn: 'notice',
  unknown: 'good',
  invalid: 'notice',
};

/**
 * `talanoa values check FILE`: a verdict for each value of a text. Exit code 4 if no collection knows any of them.
 */
export async function valuesCheck(file: string, flags: CommonFlags, io: Io): Promise<number> {
  const text = (file === '-' ? await readStdin(io) : readInput(file)).toString('utf8');
  const values = pastedValues(text);
  if (values.length === 0) throw commandErrors.noValues();
  const items: CheckedValue[] = [];
  let complete = true;
  await withHub(flags, io, async (client) => {
    for (let at = 0; at < values.length; at += AT_ONCE) {
      const some = { values: values.slice(at, at + AT_ONCE).map((value) => value.text) };
      const checked = await client.post<CheckedValues>('/api/v1/values/check', some);
      items.push(...checked.items);
      complete &&= checked.complete;
    }
  });
  const known = items.filter(({ found }) => found !== undefined).length;
  if (flags.json === true) writeJson({ items, complete }, io);
  else {
    const rows = items.map((item, i) => [
      String(values[i]?.line ?? ''),
      printable(item.value ?? item.input),
      graded(item.verdict, GRADES[item.verdict], io),
      printable(whyOf(item, io)),
    ]);
    io.stdout.write(`${table([['LINE', 'VALUE', 'VERDICT', 'WHY'], ...rows], io)}\n`);
  }
  if (flags.quiet !== true && flags.json !== true) {
    io.stderr.write(`Known values: ${count(known)} of ${count(values.length)}.\n`);
    if (known === 0) tellUngranted(flags, io);
    if (!complete) io.stderr.write('The hub is still reading new objects. Check again in a few minutes.\n');
  }
  return known === 0 ? EXIT.notFound : EXIT.done;
}

/** Returns the state of a value. Its end is the time that matters only while it is valid, or after it has expired. */
function stateOf({ state, valid_until: until }: NonNullable<CheckedValue['found']>, io: Io): string {
  if (state === 'active') return `valid until ${when(until, io)}`;
  return state === 'expired' ? `expired ${when(until, io)}` : state === 'pending' ? 'not valid yet' : state;
}

/** Returns why a value has its verdict, and what else the hub knows about it. */
export function whyOf(
  { verdict, found, owners = [], warning_lists: lists = [] }: CheckedValue,
  io: Io,
): string {
  if (verdict === 'invalid') return 'not an address, network, domain, URL, email address or hash';
  return [
    ...(found === undefined
      ? []
      : [
          [
            found.through === undefined ? '' : `through ${found.through}: `,
            `TLP:${found.tlp.toUpperCase()}, ${stateOf(found, io)}`,
            `, in ${found.collections.join(', ')}`,
          ].join(''),
        ]),
    ...(lists.length === 0 ? [] : [`on warning list ${lists.join(', ')}`]),
    ...owners.map(({ member, claim }) => `in ${claim} of ${member}`),
  ].join('; ');
}
