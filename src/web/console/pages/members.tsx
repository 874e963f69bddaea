import type { JSX } from 'preact';
import type { Claims, Member, Members } from '../../../api/schema-types.ts';
import { Block, Facts, St, Sub, Table, Tags, type StateKind } from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { counted } from '../../shared/words.ts';
import type { ConsolePage } from '../page-table.ts';
import { claimPath } from './decisions.tsx';

function memberPath(name: string): string {
  return `/console/members/${encodeURIComponent(name)}`;
}

/** The members that the person may see. */
export const membersPage: ConsolePage = {
  path: '/members',
  title: 'Members',
  nav: 'Network',
  needs: 'listMembers',
  show: async ({ ask }) => {
    const { items, next } = await ask('listMembers', { query: { limit: '1000' } });
    return <MembersView members={items} isCut={next !== undefined} />;
  },
};

function MemberState({ member: { active, status } }: { readonly member: Member }): JSX.Element {
  return <St kind={active ? 'ok' : 'off'}>{active ? 'Active' : status}</St>;
}

function MembersView({
  members,
  isCut,
}: {
  readonly members: Members['items'];
  readonly isCut: boolean;
}): JSX.Element {
  return (
    <Screen title="Members">
      <Block
        title="Members that you can see"
        raw
        aside={<p>{isCut ? 'the first 1,000' : counted(members.length, 'member')}</p>}
      >
        {members.length === 0 ? (
          <Empty title="No members">Your account does not belong to a member.</Empty>
        ) : (
          <Table
            caption="Members"
            columns={[
              { title: 'Member' },
              { title: 'State', bare: true },
              { title: 'Countries' },
              { title: 'Networks', class: 'num' },
              { title: 'Domains', class: 'num' },
            ]}
            rows={members.map((member) => ({
              key: member.name,
              cells: [
                <>
                  <a href={memberPath(member.name)}>{member.title}</a>
                  {member.kind === undefined ? undefined : <Sub>{member.kind.replaceAll('-', ' ')}</Sub>}
                </>,
                <MemberState member={member} />,
                member.countries.join(', '),
                member.networks.length + member.asns.length,
                member.domains.length,
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
}

/** One member with its claims. */
export const memberPage: ConsolePage = {
  path: '/members/:member',
  title: 'Member',
  needs: 'getMember',
  show: async ({ ask, path, permits }) => {
    const name = path['member'] ?? '';
    const member = await ask('getMember', { parameters: { member: name } });
    const claims = await ask('listClaims', { query: { member: member.name } });
    return <MemberView member={member} claims={claims.items} canDecide={permits('decideClaim')} />;
  },
};

const CLAIMS: Readonly<Record<Claims['items'][number]['state'], readonly [kind: StateKind, text: string]>> = {
  claimed: ['wait', 'Not verified yet'],
  verified: ['ok', 'Verified'],
  rejected: ['bad', 'Rejected'],
  expired: ['off', 'Expired'],
};

function MemberView({
  member,
  claims,
  canDecide,
}: {
  readonly member: Member;
  readonly claims: Claims['items'];
  readonly canDecide: boolean;
}): JSX.Element {
  return (
    <Screen
      title={member.title}
      crumb={['/console/members', 'Members']}
      note={<MemberState member={member} />}
    >
      <Two
        left={<ClaimBlock claims={claims} canDecide={canDecide} />}
        right={<MemberFacts member={member} />}
      />
    </Screen>
  );
}

function ClaimBlock({
  claims,
  canDecide,
}: {
  readonly claims: Claims['items'];
  readonly canDecide: boolean;
}): JSX.Element {
  return (
    <Block title="Claims" raw aside={<p>{counted(claims.length, 'claim')}</p>}>
      {claims.length === 0 ? (
        <Empty title="No claims were submitted">
          A claim is a network, domain, AS, country, sector or brand that a member asserts.
        </Empty>
      ) : (
        <Table
          caption="Claims, newest first"
          columns={[
            { title: 'Value' },
            { title: 'Type' },
            { title: 'State', bare: true },
            { title: 'Overlaps' },
          ]}
          rows={claims.map((claim) => ({
            key: claim.id,
            cells: [
              <>
                {canDecide ? <a href={claimPath(claim.id)}>{claim.value}</a> : claim.value}
                {claim.evidence === undefined ? undefined : <Sub>{claim.evidence}</Sub>}
              </>,
              claim.type,
              <St kind={CLAIMS[claim.state][0]}>{CLAIMS[claim.state][1]}</St>,
              claim.overlaps.map(({ member }) => member).join(', '),
            ],
          }))}
        />
      )}
    </Block>
  );
}

function MemberFacts({ member }: { readonly member: Member }): JSX.Element {
  const list = (items: readonly (string | number)[]): JSX.Element | undefined =>
    items.length === 0 ? undefined : <Tags items={items.map(String)} />;
  return (
    <Block title="Facts">
      <Facts
        items={[
          ['Name', <code>{member.name}</code>],
          ['Kind', member.kind?.replaceAll('-', ' ')],
          ['Countries', list(member.countries)],
          ['Networks', list(member.networks)],
          ['AS numbers', list(member.asns)],
          ['Domains', list(member.domains)],
          ['Sectors', list(member.sectors)],
          ['Brands', list(member.brands)],
          ['Groups', list(member.groups)],
          ['Identities', list(member.identities)],
          ['Client of', member.parent],
          ['Managed by', member.managed === 'file' ? 'the settings of the hub' : 'the console and the API'],
        ]}
      />
    </Block>
  );
}
