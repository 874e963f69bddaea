import type { Claim, Delegations, Member, MemberSelfChange, Registration } from '../api/schema-types.ts';
import type { MemberRequestListed } from '../members/request-service.ts';
import { EXIT, count, printable, readInput, type Io } from './io.ts';
import { table, when, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import { withName, type NamedMember } from './member-collection.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { memberErrors } from '../members/errors.ts';

const memberPath = (name: string): string => `/api/v1/members/${encodeURIComponent(name)}`;

/** `talanoa member list`. */
export async function memberList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<Member>('/api/v1/members'));
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0)
    io.stdout.write('No members yet. Create one: talanoa member create NAME --country TO\n');
  else
    io.stdout.write(
      `${table(
        [
          ['MEMBER', 'STATUS', 'KIND', 'COUNTRIES', 'NETWORKS', 'DOMAINS', 'AS', 'GROUPS', 'TITLE'],
          ...items.map((item) => [
            item.name,
            item.status,
            item.kind ?? '-',
            item.countries.join(' ') || '-',
            String(item.networks.length),
            String(item.domains.length),
            String(item.asns.length),
            item.groups.join(' ') || '-',
            printable(item.title),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

function memberText({ member, collection }: NamedMember, io: Io): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Title', member.title],
    ['Status', member.status],
    ['Kind', member.kind ?? '-'],
    ['Countries', member.countries.join(', ') || '-'],
    ['Networks', member.networks.join(', ') || '-'],
    ['Domains', member.domains.join(', ') || '-'],
    ['AS numbers', member.asns.join(', ') || '-'],
    ['Sectors', member.sectors.join(', ') || '-'],
    ['Brands', member.brands.join(', ') || '-'],
    ['Client of', member.parent ?? '-'],
    [
      'Wants copies',
      member.copies ? 'yes: objects that match more specific claims of others or of its clients' : 'no',
    ],
    ['Identities', member.identities.join(', ') || '-'],
    ['Groups', member.groups.join(', ') || '-'],
    ['Collection', collection ?? 'none of its own'],
    ['Managed by', member.managed === 'file' ? 'the settings of the hub' : 'the hub'],
  ];
  return table(
    rows.map(([label, text]) => [label, printable(text)]),
    io,
  );
}

/** `talanoa member show NAME`. */
export async function memberShow(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, async (client) =>
    withName(client, await client.get<Member>(memberPath(name))),
  );
  writeResult(found.member, () => memberText(found, io), flags, io);
  return EXIT.done;
}

export interface MemberFlags extends CommonFlags {
  readonly title?: string;
  readonly kind?: string;
  readonly status?: string;
  readonly country?: readonly string[];
  readonly network?: readonly string[];
  readonly domain?: readonly string[];
  readonly as?: readonly string[];
  readonly identity?: readonly string[];
  readonly sector?: readonly string[];
  readonly brand?: readonly string[];
  readonly parent?: string;
  readonly copies?: boolean;
  readonly collection?: boolean;
  readonly replace?: boolean;
}

/** Returns the number of an AS, written as 64496 or AS64496. */
function asNumber(text: string): number {
  const digits = text.replace(/^AS/i, '');
  if (!/^\d{1,10}$/.test(digits)) throw memberErrors.invalidAsn({ text });
  return Number(digits);
}

function bodyOf(flags: MemberFlags): Record<string, unknown> {
  const {
    title,
    kind,
    status,
    country,
    network,
    domain,
    as: asns,
    identity,
    sector,
    brand,
    parent,
    copies,
  } = flags;
  return JSON.parse(
    JSON.stringify({
      title,
      kind,
      status,
      countries: country,
      networks: network,
      domains: domain,
      asns: asns?.map(asNumber),
      identities: identity,
      sectors: sector,
      brands: brand,
      // A single hyphen means that the member is nobody's client.
      parent: parent === '-' ? null : parent,
      copies,
    }),
  ) as Record<string, unknown>;
}

/** `talanoa member create NAME`. */
export async function memberCreate(name: string, flags: MemberFlags, io: Io): Promise<number> {
  const body = {
    name,
    ...bodyOf(flags),
    ...(flags.collection === false ? { collection: false } : {}),
  };
  const made = await withHub(flags, io, async (client) =>
    withName(client, await client.post<Member>('/api/v1/members', body)),
  );
  writeResult(made.member, () => memberText(made, io), flags, io);
  if (flags.json !== true && flags.quiet !== true)
    io.stderr.write(`Give its tools a key: talanoa key create --member ${name}\n`);
  return EXIT.done;
}

/** `talanoa member update NAME`. */
export async function memberUpdate(name: string, flags: MemberFlags, io: Io): Promise<number> {
  const body = bodyOf(flags);
  if (Object.keys(body).length === 0) throw memberErrors.nothingToChange();
  const { changed, removed } = await withHub(flags, io, async (client) => {
    const before = await client.get<Member>(memberPath(name));
    const lists = LISTS.filter((list) => body[list] !== undefined);
    const added = lists.map((list) => [
      list,
      [...new Set([...before[list], ...(body[list] as readonly unknown[])])],
    ]);
    const request = flags.replace === true ? body : { ...body, ...Object.fromEntries(added) };
    const after = await client.patch<Member>(memberPath(name), request);
    const gone = lists.flatMap((list) => {
      const left = new Set<unknown>(after[list]);
      return before[list].filter((value) => !left.has(value));
    });
    return { changed: await withName(client, after), removed: gone };
  });
  writeResult(changed.member, () => memberText(changed, io), flags, io);
  if (removed.length > 0 && flags.json !== true)
    io.stderr.write(`Removed from ${name}: ${printable(removed.join(', '))}\n`);
  return EXIT.done;
}

/** The lists of a member. `member update` adds to them. */
const LISTS = ['countries', 'networks', 'domains', 'asns', 'identities', 'sectors', 'brands'] as const;

function claimTable(items: readonly Claim[], io: Io): string {
  return table(
    [
      ['ID', 'MEMBER', 'CLAIM', 'STATE', 'BY', 'EVIDENCE', 'OVERLAPS'],
      ...items.map(({ id, member, type, value, state, by, evidence, overlaps }) => [
        id,
        member,
        `${type} ${value}`,
        state,
        by,
        printable(evidence ?? '-').slice(0, 80),
        overlaps.map((other) => `${other.member} (${other.claim})`).join(', ') || '-',
      ]),
    ],
    io,
  );
}

/** `talanoa member claims [NAME]`. */
export async function memberClaims(name: string | undefined, flags: CommonFlags, io: Io): Promise<number> {
  const { items } = await withHub(flags, io, async (client) => {
    // An empty list must not hide a mistyped name.
    if (name !== undefined) await client.get(`/api/v1/members/${encodeURIComponent(name)}`);
    return client.get<{ items: readonly Claim[] }>(
      `/api/v1/claims${name === undefined ? '' : `?member=${encodeURIComponent(name)}`}`,
    );
  });
  if (flags.json === true) writeJson({ items }, io);
  else io.stdout.write(items.length === 0 ? 'No claims.\n' : `${claimTable(items, io)}\n`);
  return EXIT.done;
}

export interface ClaimFlags extends CommonFlags {
  readonly evidence?: string;
  readonly until?: string;
  readonly note?: string;
}

/** `talanoa member claim NAME TYPE VALUE`. */
export async function memberClaim(
  name: string,
  type: string,
  value: string,
  flags: ClaimFlags,
  io: Io,
): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<Claim>(`${memberPath(name)}/claims`, {
      type,
      value,
      ...(flags.evidence === undefined ? {} : { evidence: flags.evidence }),
      ...(flags.until === undefined ? {} : { until: flags.until }),
    }),
  );
  writeResult(made, () => claimTable([made], io), flags, io);
  if (made.state === 'claimed' && flags.quiet !== true)
    io.stderr.write('It affects routing only after an administrator of the hub has verified it.\n');
  return EXIT.done;
}

/** `talanoa member decide ID verified|rejected`. */
export async function memberDecide(id: string, verdict: string, flags: ClaimFlags, io: Io): Promise<number> {
  const made = await withHub(flags, io, (client) =>
    client.post<Claim>(`/api/v1/claims/${encodeURIComponent(id)}/decision`, {
      verdict,
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  writeResult(made, () => claimTable([made], io), flags, io);
  return EXIT.done;
}

function requestText(item: MemberRequestListed): string {
  const { registration, change } = item;
  return registration === undefined
    ? Object.entries(change ?? {})
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        .join('; ')
    : [registration.title, registration.contact, registration.message ?? '']
        .filter((text) => text !== '')
        .join('; ');
}

/** `talanoa member requests`. */
export async function memberRequests(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<MemberRequestListed>('/api/v1/requests'));
  if (flags.json === true) writeJson({ items }, io);
  else
    io.stdout.write(
      items.length === 0
        ? 'No registrations or change requests.\n'
        : `${table(
            [
              ['ID', 'SINCE', 'KIND', 'MEMBER', 'STATE', 'WHAT'],
              ...items.map((item) => [
                item.id,
                when(item.at, io),
                item.kind,
                item.member,
                item.state,
                printable(requestText(item)),
              ]),
            ],
            io,
          )}\n`,
    );
  return EXIT.done;
}

export interface ChangeRequestFlags extends CommonFlags {
  readonly title?: string;
  readonly identity?: readonly string[];
  readonly copies?: boolean;
}

/** `talanoa member request NAME`: asks for a change of the caller's own member. Nothing changes until it is approved. */
export async function memberRequest(name: string, flags: ChangeRequestFlags, io: Io): Promise<number> {
  const { title, identity, copies } = flags;
  const change: MemberSelfChange = {
    ...(title === undefined ? {} : { title }),
    ...(identity === undefined ? {} : { identities: identity }),
    ...(copies === undefined ? {} : { copies }),
  };
  if (Object.keys(change).length === 0)
    throw commandErrors.nothingToChange({ hint: 'Give --title, --identity, --copies or --no-copies.' });
  const asked = await withHub(flags, io, (client) =>
    client.post<MemberRequestListed>(`${memberPath(name)}/requests`, change),
  );
  writeResult(asked, () => askedText(asked), flags, io);
  return EXIT.done;
}

export interface RegistrationFlags extends CommonFlags, Pick<Registration, 'title' | 'contact' | 'message'> {
  readonly kind?: string;
  readonly country?: readonly string[];
}

/** `talanoa member register NAME`: applies for the membership of an organisation. */
export async function memberRegister(name: string, flags: RegistrationFlags, io: Io): Promise<number> {
  const { title, contact, kind, country, message } = flags;
  const asked = await withHub(flags, io, (client) =>
    client.post<MemberRequestListed>('/api/v1/registrations', {
      name,
      title,
      contact,
      ...(kind === undefined ? {} : { kind }),
      ...(country === undefined ? {} : { countries: country }),
      ...(message === undefined ? {} : { message }),
    }),
  );
  writeResult(asked, () => askedText(asked), flags, io);
  return EXIT.done;
}

function askedText({ id, member }: MemberRequestListed): string {
  return `The request ${id} for ${member} waits for an administrator of the hub. Its state: talanoa member requests`;
}

/** `talanoa member approve ID` and `talanoa member reject ID`. */
export async function memberDecideRequest(
  id: string,
  verdict: 'approved' | 'refused',
  flags: CommonFlags & { readonly note?: string },
  io: Io,
): Promise<number> {
  const done = await withHub(flags, io, (client) =>
    client.post<MemberRequestListed>(`/api/v1/requests/${encodeURIComponent(id)}/decision`, {
      verdict,
      ...(flags.note === undefined ? {} : { note: flags.note }),
    }),
  );
  if (flags.json === true) writeJson(done, io);
  else {
    io.stdout.write(`${done.member}: ${done.state}.\n`);
    if (done.link !== undefined) io.stdout.write(`One-time sign-in link for its officer: ${done.link}\n`);
  }
  return EXIT.done;
}

/**
 * `talanoa member delegations FILE`: shows what registries have assigned to the countries of the members. The data
 * takes effect with --apply.
 */
export async function memberDelegations(
  file: string,
  flags: CommonFlags & { readonly apply?: boolean },
  io: Io,
): Promise<number> {
  const text = Buffer.from(readInput(file));
  const report = await withHub(flags, io, (client) =>
    client.post<Delegations>(`/api/v1/delegations${flags.apply === true ? '?apply=yes' : ''}`, text),
  );
  if (flags.json === true) writeJson(report, io);
  else {
    io.stdout.write(
      `${table(
        [
          ['COUNTRY', 'MEMBERS', 'NETWORKS', 'AS', 'NEW', 'GONE'],
          ...report.changes.map(({ country, members, networks, asns, added, removed }) => [
            country,
            members.join(', '),
            count(networks),
            count(asns),
            printable(added.slice(0, 3).join(', ')) || '-',
            printable(removed.slice(0, 3).join(', ')) || '-',
          ]),
        ],
        io,
      )}\n`,
    );
    for (const { line, message } of report.faults)
      io.stderr.write(`${file}:${line}: left out: ${printable(message)}\n`);
    if (!report.applied)
      io.stdout.write('Nothing was changed. To apply the changes, repeat the command with --apply.\n');
  }
  return EXIT.done;
}
