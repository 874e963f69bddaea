import type { AnonymousObject, AnonymousOpening, AnonymousOutcome } from '../api/schema-types.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { table, when, writeJson } from './output.ts';
import type { ReasonFlags } from './suppression.ts';

const PATH = '/api/v1/anonymous-objects';

/** How a member appears in what it submits, as `--attribution` names it. */
export const ANONYMOUS = ['anonymous-to-members', 'anonymous-in-counts'] as const;

/** Submits indicators without the name of the member, or shows the changes only. */
export async function submitAnonymously(
  objects: readonly object[],
  attribution: (typeof ANONYMOUS)[number],
  {
    collection,
    preview = false,
    ...flags
  }: CommonFlags & { readonly collection: string; readonly preview?: boolean },
  io: Io,
): Promise<number> {
  const path = `/api/v1/collections/${encodeURIComponent(collection)}/anonymous-objects`;
  const { items } = await withHub(flags, io, (client) =>
    client.post<{ readonly items: readonly AnonymousOutcome[] }>(path, { objects, attribution, preview }),
  );
  if (flags.json === true) writeJson({ items }, io);
  else io.stdout.write(`${items.map((item) => outcomeText(item, preview, io)).join('\n')}\n`);
  const taken = items.filter(({ outcome }) => outcome !== 'refused').length;
  return taken === items.length ? EXIT.done : taken === 0 ? EXIT.invalid : EXIT.part;
}

function outcomeText(
  { id, outcome, message, due, changes }: AnonymousOutcome,
  isPreview: boolean,
  io: Io,
): string {
  const head =
    outcome === 'refused'
      ? `${id} refused: ${message ?? ''}`
      : outcome === 'known'
        ? `${id} was submitted before: ${message ?? ''}`
        : `${id} ${isPreview ? 'would be' : 'is'} released without your name ${due === undefined ? '' : when(due, io)}`;
  return [
    head,
    ...changes.map(({ property, before, after }) =>
      after === undefined ? `  - ${property}: ${before}` : `  ~ ${property}: ${before} -> ${after}`,
    ),
  ]
    .map(printable)
    .join('\n');
}

/** `talanoa anonymous list`. */
export async function anonymousList(flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<{ readonly items: readonly AnonymousObject[] }>(PATH),
  );
  if (flags.json === true) writeJson(found, io);
  else
    io.stdout.write(
      found.items.length === 0 ? 'Your member has no anonymous objects.\n' : `${listed(found.items, io)}\n`,
    );
  return EXIT.done;
}

function listed(items: readonly AnonymousObject[], io: Io): string {
  return table(
    [
      ['YOUR ID', 'RELEASED AS', 'COLLECTION', 'STATE', 'NEXT RELEASE', 'NOTE'],
      ...items.map(({ id, released_id: released, collection, state, due, message }) => [
        id,
        released,
        collection,
        state,
        due === undefined ? '-' : when(due, io),
        printable(message ?? ''),
      ]),
    ],
    io,
  );
}

/** `talanoa anonymous revoke ID`. */
export async function anonymousRevoke(id: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) =>
    client.post<object>(`${PATH}/${encodeURIComponent(id)}/revocation`, {}),
  );
  if (flags.quiet !== true) io.stdout.write('The hub revokes the object with the next release.\n');
  return EXIT.done;
}

/** `talanoa anonymous open ID`: asks for the opening of a seal, or opens it as the second person. */
export async function anonymousOpen(id: string, { reason, ...flags }: ReasonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.post<AnonymousOpening>(`${PATH}/${encodeURIComponent(id)}/opening`, { reason }),
  );
  if (flags.json === true) writeJson(found, io);
  else {
    const { member = '', account = '', original = '', at, until } = found;
    io.stdout.write(
      found.state === 'asked'
        ? `Your request to open the seal is valid until ${when(until, io)}. A second administrator runs: talanoa anonymous open ${id} --reason TEXT\nThen run this command again to see who submitted the object.\n`
        : `${printable(member)} (${printable(account)}) submitted it ${at === undefined ? '' : when(at, io)} as ${original}. The officers of ${printable(member)} see in the audit log who opened the seal. You can read this until ${when(until, io)}.\n`,
    );
  }
  return EXIT.done;
}
