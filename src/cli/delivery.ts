import type { Reader, Share, Whoami, Why } from '../api/schema-types.ts';
import type { DeliveryStep } from '../sharing/deliveries/delivery-log.ts';
import type { TriageItem } from '../sharing/shares/triage.ts';
import type { Refused } from '../sharing/deliveries/lag.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { commandErrors } from './command-errors.ts';
import { table, when, writeJson } from './output.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface LagFlags extends CommonFlags {
  readonly account?: string;
  readonly collection?: string;
}

const MOST_REFUSALS = 100;

/**
 * `talanoa delivery lag`: lists how far each account has read, its backlog, and refused requests with their reasons.
 */
export async function deliveryLag(flags: LagFlags, io: Io): Promise<number> {
  const [readers, refusals] = await withHub(flags, io, async (client) => [
    await client.list<Reader>('/api/v1/deliveries/readers'),
    (await client.get<{ items: readonly Refused[] }>(`/api/v1/deliveries/refusals?limit=${MOST_REFUSALS}`))
      .items,
  ]);
  const wanted = <T extends Pick<Refused, 'account'>>(
    items: readonly T[],
    collections: (item: T) => readonly (string | undefined)[],
  ): readonly T[] =>
    items.filter(
      (item) =>
        (flags.account === undefined || item.account === flags.account) &&
        (flags.collection === undefined || collections(item).includes(flags.collection)),
    );
  const shown = wanted(readers, ({ collection, name }) => [collection, name]);
  const refused = wanted(refusals, ({ collection }) => [collection]);
  const isFiltered = flags.account !== undefined || flags.collection !== undefined;
  if (isFiltered && shown.length === 0 && refused.length === 0)
    throw commandErrors.readerNotFound({ filter: flags.account ?? flags.collection ?? '' });
  if (flags.json === true) {
    writeJson({ readers: shown, refusals: refused }, io);
    return EXIT.done;
  }
  io.stdout.write(`${readerTable(shown, io)}\n\n${refusalTable(refused, io)}\n`);
  return EXIT.done;
}

/** `talanoa delivery why OBJECT MEMBER`: explains why a member has received an object, or why it has not. */
export async function deliveryWhy(
  object: string,
  given: string | undefined,
  flags: CommonFlags,
  io: Io,
): Promise<number> {
  const { found, member, isRunning } = await withHub(flags, io, async (client) => {
    const of = given ?? (await client.get<Whoami>('/api/v1/whoami')).member;
    if (of === undefined) throw commandErrors.memberRequired();
    const query = `object=${encodeURIComponent(object)}&member=${encodeURIComponent(of)}`;
    const { isRunning } = client;
    return { isRunning, found: await client.get<Why>(`/api/v1/deliveries/why?${query}`), member: of };
  });
  if (flags.json === true) writeJson(found, io);
  else {
    const answers = {
      received: `Yes: ${member} has received it.`,
      available: `It is available to ${member}, but the hub has not seen the member fetch it.`,
      no: `No: ${member} has not received it.`,
    };
    io.stdout.write(
      `${answers[found.answer]}\n${found.reasons
        .map(({ code, message, next_step: next }) => {
          // Nothing is routed while no hub runs, so a later attempt would not help.
          const step = code === 'routing-behind' && !isRunning ? 'Start the hub: talanoa serve' : next;
          // The next step helps only as long as the member does not have the object.
          return `- ${printable(message)} [${code}]${step === undefined || found.answer === 'received' ? '' : `\n  ${printable(step)}`}`;
        })
        .join('\n')}\n`,
    );
  }
  return EXIT.done;
}

function readerTable(readers: readonly Reader[], io: Io): string {
  if (readers.length === 0) return 'No readers, and no service account has access.';
  return table(
    [
      ['ACCOUNT', 'MEMBER', 'COLLECTION', 'READS', 'STATE', 'LAST SEEN', 'HAS UP TO', 'WAITING', 'CLIENT'],
      ...readers.map((reader) => [
        reader.account,
        reader.member ?? '-',
        reader.name,
        `${reader.kind}${reader.filters === '' ? '' : ` ${reader.filters}`}`,
        reader.state,
        minute(reader.last_seen, io),
        minute(reader.up_to, io),
        waiting(reader, io),
        printable(reader.agent),
      ]),
    ],
    io,
  );
}

function waiting({ waiting: number, more, waiting_since: since }: Reader, io: Io): string {
  if (number === 0) return '0';
  return `${count(number)}${more ? '+' : ''} since ${minute(since, io)}`;
}

function refusalTable(refusals: readonly Refused[], io: Io): string {
  if (refusals.length === 0) return 'No requests were refused in the last 30 days.';
  return table(
    [
      ['REFUSED', 'COLLECTION', 'TIMES', 'LAST', 'CODE', 'CLIENT', 'REASON'],
      ...refusals.map(({ account, collection, times, last, code, agent, reason }) => [
        account ?? '(not signed in)',
        collection ?? '-',
        count(times),
        minute(last, io),
        code,
        printable(agent),
        printable(reason),
      ]),
    ],
    io,
  );
}

/** Returns a time to the minute, or a dash. */
function minute(time: string | undefined, io: Io): string {
  return time === undefined ? '-' : when(time, io);
}

const objectPath = (id: string): string => `/api/v1/objects/${encodeURIComponent(id)}`;

function stepTable(items: readonly DeliveryStep[], io: Io): string {
  return table([
    ['MEMBER', 'STATE', 'VERSION', 'WHERE', 'SINCE', 'BY', 'OPENED', 'ANSWERED', 'DUE'],
    ...items.map((item) => [
      item.member,
      item.state,
      printable(item.version ?? '-'),
      printable(item.where),
      minute(item.available, io),
      printable(item.delivered_by ?? '-'),
      minute(item.opened, io),
      printable([minute(item.answered, io), item.answered_by ?? '', item.note ?? ''].filter((text) => text !== '').join(' ')),
      item.due === undefined ? '-' : `${minute(item.due, io)}${item.overdue === true ? ' OVERDUE' : ''}`,
    ]),
  ], io);
} // prettier-ignore

function told(items: readonly DeliveryStep[], flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson({ items }, io);
  else io.stdout.write(items.length === 0 ? 'No member has access to it.\n' : `${stepTable(items, io)}\n`);
  return EXIT.done;
}

/** `talanoa delivery log OBJECT`: shows the delivery status of an object for each member. */
export async function deliveryLog(object: string, flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly DeliveryStep[] }>(`${objectPath(object)}/deliveries`),
  );
  return told(items, flags, io);
}

/** `talanoa delivery ask OBJECT --until TIME`: requests acknowledgements. */
export async function deliveryAsk(
  object: string,
  flags: CommonFlags & { readonly until: string },
  io: Io,
): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.put<{ items: readonly DeliveryStep[] }>(`${objectPath(object)}/deadline`, { until: flags.until }),
  );
  return told(items, flags, io);
}

/** `talanoa delivery answer OBJECT ANSWER`: acknowledges an object as a member. */
export async function deliveryAnswer(
  object: string,
  answer: string,
  flags: CommonFlags & { readonly note?: string },
  io: Io,
): Promise<number> {
  await withHub(flags, io, (client) =>
    client.post(`${objectPath(object)}/answer`, {
      answer,
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  if (flags.quiet !== true) io.stderr.write('Response recorded.\n');
  return EXIT.done;
}

/** `talanoa triage list`. */
export async function triageList(flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, (client) =>
    client.get<{ items: readonly TriageItem[] }>('/api/v1/triage'),
  );
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0
        ? 'No reports are waiting for a decision.\n'
        : `${table(
            [
              ['ID', 'SINCE', 'ABOUT', 'IN', 'WHY', 'OBJECT'],
              ...items.map((item) => [
                item.id,
                when(item.at, io),
                printable(item.about ?? '(no access)'),
                printable(item.collection),
                printable(item.message),
                printable(item.object),
              ]),
            ],
            io,
          )}\n`,
    );
  return EXIT.done;
}

/** `talanoa triage assign ID MEMBER…`. */
export async function triageAssign(
  id: string,
  members: readonly string[],
  flags: CommonFlags & { readonly note?: string },
  io: Io,
): Promise<number> {
  const share = await withHub(flags, io, (client) =>
    client.post<Share>(`/api/v1/triage/${encodeURIComponent(id)}/assignment`, {
      members,
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  if (flags.json === true) writeJson(share, io);
  else
    io.stdout.write(
      share.state === 'asked'
        ? `${printable(share.owner)} must consent. To see the answer, run: talanoa share list\n`
        : `${share.outcomes.map(({ to, outcome }) => printable(`${to}: ${outcome}`)).join('\n')}\n`,
    );
  return EXIT.done;
}

/** `talanoa triage dismiss ID --note TEXT`. */
export async function triageDismiss(
  id: string,
  flags: CommonFlags & { readonly note: string },
  io: Io,
): Promise<number> {
  await withHub(flags, io, (client) =>
    client.post(`/api/v1/triage/${encodeURIComponent(id)}/dismissal`, { note: flags.note }),
  );
  if (flags.quiet !== true) io.stderr.write(`${id} dismissed.\n`);
  return EXIT.done;
}
