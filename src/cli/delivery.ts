import type { Why } from '../sharing/why.ts';
import type { ReaderLag, Refused } from '../sharing/deliveries.ts';
import { EXIT, count, printable, table, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './program.ts';

export interface LagFlags extends CommonFlags {
  readonly account?: string;
  readonly collection?: string;
}

const MOST_REFUSALS = 100;

/** `talanoa delivery lag`: who has read how far, what waits for him, and what was refused to whom and why. */
export async function deliveryLag(flags: LagFlags, io: Io): Promise<number> {
  const [readers, refusals] = await withHub(flags, io, async (client) => [
    await client.list<ReaderLag>('/api/v1/deliveries/readers'),
    (await client.get<{ items: readonly Refused[] }>(`/api/v1/deliveries/refusals?limit=${MOST_REFUSALS}`))
      .items,
  ]);
  const wanted = <T extends { readonly account: string | undefined }>(
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
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify({ readers: shown, refusals: refused })}\n`);
    return EXIT.done;
  }
  io.stdout.write(`${readerTable(shown)}\n\n${refusalTable(refused)}\n`);
  return EXIT.done;
}

/** `talanoa delivery why OBJECT MEMBER`: why a member has an object, or has not. */
export async function deliveryWhy(
  object: string,
  member: string,
  flags: CommonFlags,
  io: Io,
): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<Why>(
      `/api/v1/deliveries/why?object=${encodeURIComponent(object)}&member=${encodeURIComponent(member)}`,
    ),
  );
  if (flags.json === true) io.stdout.write(`${JSON.stringify(found)}\n`);
  else {
    const answers = {
      received: `Yes: ${member} has it.`,
      available: `It lies ready for ${member}, which has not been seen to fetch it.`,
      no: `No: ${member} does not have it.`,
    };
    io.stdout.write(
      `${answers[found.answer]}\n${found.reasons
        .map(
          ({ code, message, next_step: next }) =>
            `- ${printable(message)} [${code}]${next === undefined ? '' : `\n  ${printable(next)}`}`,
        )
        .join('\n')}\n`,
    );
  }
  return EXIT.done;
}

function readerTable(readers: readonly ReaderLag[]): string {
  if (readers.length === 0) return 'Nobody reads here, and no machine may.';
  return table([
    ['ACCOUNT', 'MEMBER', 'COLLECTION', 'READS', 'STATE', 'LAST SEEN', 'HAS UP TO', 'WAITING', 'CLIENT'],
    ...readers.map((reader) => [
      reader.account,
      reader.member ?? '-',
      reader.name,
      `${reader.kind}${reader.filters === '' ? '' : ` ${reader.filters}`}`,
      reader.state,
      minute(reader.last_seen),
      minute(reader.up_to),
      waiting(reader),
      printable(reader.agent),
    ]),
  ]);
}

function waiting({ waiting: number, more, waiting_since: since }: ReaderLag): string {
  if (number === 0) return '0';
  return `${count(number)}${more ? '+' : ''} since ${minute(since)}`;
}

function refusalTable(refusals: readonly Refused[]): string {
  if (refusals.length === 0) return 'Nothing was refused in the last 30 days.';
  return table([
    ['REFUSED', 'COLLECTION', 'TIMES', 'LAST', 'CODE', 'CLIENT', 'REASON'],
    ...refusals.map(({ account, collection, times, last, code, agent, reason }) => [
      account ?? '(not signed in)',
      collection ?? '-',
      count(times),
      minute(last),
      code,
      printable(agent),
      printable(reason),
    ]),
  ]);
}

/** A time as people read it, in UTC. */
function minute(time: string | undefined): string {
  return time === undefined ? '-' : `${time.slice(0, 16).replace('T', ' ')}Z`;
}
