import type { Rule, Share } from '../api/schema-types.ts';
import { EXIT, printable, type Io } from './io.ts';
import { managerOf, table, when, writeJson, writeResult } from './output.ts';
import { tellIfStopped, withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface ShareFlags extends CommonFlags {
  readonly reason?: string;
}

export interface AnswerFlags extends CommonFlags {
  readonly note?: string;
}

export interface RuleFlags extends CommonFlags {
  readonly from: string;
  readonly to: string;
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  readonly owners?: readonly string[];
  readonly maxTlp?: string;
}

function shared(share: Share, flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson(share, io);
  else if (share.state === 'asked')
    io.stdout.write(
      `${share.id}: ${printable(share.owner)} must consent. To see the answer, run: talanoa share list\n`,
    );
  else if (share.state === 'refused') io.stdout.write(`${share.id}: refused.\n`);
  else
    for (const { to, outcome, message } of share.outcomes)
      io.stdout.write(`${printable(`${to}: ${outcome}${message === undefined ? '' : `: ${message}`}`)}\n`);
  return share.outcomes.some(({ outcome }) => outcome === 'withheld') ? EXIT.part : EXIT.done;
}

/** `talanoa share with OBJECT MEMBER…` and `talanoa share into OBJECT COLLECTION`. */
export async function share(
  object: string,
  to: { readonly members?: readonly string[]; readonly collection?: string },
  flags: ShareFlags,
  io: Io,
): Promise<number> {
  const body = { ...to, ...(flags.reason === undefined ? {} : { reason: flags.reason }) };
  return shared(
    await withHub(flags, io, async (client) => {
      const made = await client.post<Share>(`/api/v1/objects/${encodeURIComponent(object)}/shares`, body);
      tellIfStopped(client, flags, io);
      return made;
    }),
    flags,
    io,
  );
}

/** `talanoa share list`. */
export async function shareList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Share>('/api/v1/shares'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0
        ? 'No shares.\n'
        : `${table(
            [
              ['ID', 'SINCE', 'STATE', 'OBJECT', 'OF', 'TO', 'BY', 'WHY'],
              ...items.map((item) => [
                item.id,
                when(item.at, io),
                item.state,
                printable(item.object),
                printable(item.owner),
                printable(
                  [...(item.members ?? []), item.collection ?? ''].filter((name) => name !== '').join(', '),
                ),
                printable(item.by),
                printable(item.answer?.note ?? item.reason ?? '-'),
              ]),
            ],
            io,
          )}\n`,
    );
  return EXIT.done;
}

/** `talanoa share answer ID VERDICT`. */
export async function shareAnswer(id: string, verdict: string, flags: AnswerFlags, io: Io): Promise<number> {
  const body = { verdict, ...(flags.note === undefined ? {} : { note: flags.note }) };
  return shared(
    await withHub(flags, io, (client) =>
      client.post<Share>(`/api/v1/shares/${encodeURIComponent(id)}/answer`, body),
    ),
    flags,
    io,
  );
}

function ruleTable(items: readonly Rule[], io: Io): string {
  const what = ({ types, labels, owners, max_tlp: max }: Rule): string =>
    [
      types?.join(', ') ?? '',
      labels === undefined ? '' : `labelled ${labels.join(' or ')}`,
      owners === undefined ? '' : `of ${owners.join(' or ')}`,
      max === undefined ? '' : `up to TLP:${max.toUpperCase()}`,
    ]
      .filter((part) => part !== '')
      .join('; ');
  return table([
    ['RULE', 'FROM', 'INTO', 'WHAT', 'MANAGED BY'],
    ...items.map((rule) => [rule.name, printable(rule.from), printable(rule.to), printable(what(rule)) || 'whatever may', managerOf(rule.managed)]),
  ], io); // prettier-ignore
}

/** `talanoa rule list`. */
export async function ruleList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Rule>('/api/v1/rules'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0
        ? 'No rules. The hub forwards nothing between collections.\n'
        : `${ruleTable(items, io)}\n`,
    );
  return EXIT.done;
}

/** `talanoa rule create NAME`. */
export async function ruleCreate(name: string, flags: RuleFlags, io: Io): Promise<number> {
  const { from, to, types, labels, owners, maxTlp } = flags;
  const body = JSON.parse(
    JSON.stringify({ name, from, to, types, labels, owners, max_tlp: maxTlp }),
  ) as object;
  const rule = await withHub(flags, io, (client) => client.post<Rule>('/api/v1/rules', body));
  writeResult(rule, () => ruleTable([rule], io), flags, io);
  return EXIT.done;
}

/** `talanoa rule delete NAME`. */
export async function ruleDelete(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(`/api/v1/rules/${encodeURIComponent(name)}`));
  if (flags.quiet !== true) io.stderr.write(`Rule ${name} deleted. Forwarded objects stay.\n`);
  return EXIT.done;
}
