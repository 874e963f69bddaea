import type { JSX } from 'preact';
import type { Claims, Contacts, Member, Members } from '../../../api/schema-types.ts';
import { Block, Facts, St, Sub, Table, Tags, type StateKind } from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage } from '../page-table.ts';
import { MemberContacts } from './contacts.tsx';
import { claimPath } from './decisions.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

function memberPath(name: string): string {
  return `/console/members/${encodeURIComponent(name)}`;
}

/** The members that the person may see. */
export const membersPage: ConsolePage = {
  path: '/members',
  title: (m) => m.members.members,
  nav: 'Network',
  needs: 'listMembers',
  show: async ({ ask }) => {
    const { items, next } = await ask('listMembers', { query: { limit: '1000' } });
    return <MembersView members={items} isCut={next !== undefined} />;
  },
};

function MemberState({ member: { active, status } }: { readonly member: Member }): JSX.Element {
  const t = useMessages().members;
  return <St kind={active ? 'ok' : 'off'}>{active ? t.active : status}</St>;
}

function MembersView({
  members,
  isCut,
}: {
  readonly members: Members['items'];
  readonly isCut: boolean;
}): JSX.Element {
  const t = useMessages().members;
  return (
    <Screen title={t.members}>
      <Block
        title={t.membersThatYouCan}
        raw
        aside={<p>{isCut ? t.theFirst1000 : t.memberCount(members.length)}</p>}
      >
        {members.length === 0 ? (
          <Empty title={t.noMembers}>{t.yourAccountDoesNot}</Empty>
        ) : (
          <Table
            caption={t.members}
            columns={[
              { title: t.member },
              { title: t.state, bare: true },
              { title: t.countries },
              { title: t.networks, class: 'num' },
              { title: t.domains, class: 'num' },
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
  title: (m) => m.members.member,
  needs: 'getMember',
  show: async ({ ask, path, permits }) => {
    const name = path['member'] ?? '';
    const member = await ask('getMember', { parameters: { member: name } });
    const [claims, contacts] = await Promise.all([
      ask('listClaims', { query: { member: member.name } }),
      ask('listContacts', { query: { member: member.name, limit: '100' } }),
    ]);
    return (
      <MemberView
        member={member}
        claims={claims.items}
        canDecide={permits('decideClaim')}
        contacts={contacts.items}
      />
    );
  },
};

const CLAIMS: Readonly<Record<Claims['items'][number]['state'], StateKind>> = {
  claimed: 'wait',
  verified: 'ok',
  rejected: 'bad',
  expired: 'off',
};

function MemberView({
  member,
  claims,
  contacts,
  canDecide,
}: {
  readonly member: Member;
  readonly claims: Claims['items'];
  readonly contacts: Contacts['items'];
  readonly canDecide: boolean;
}): JSX.Element {
  const t = useMessages().members;
  return (
    <Screen
      title={member.title}
      crumb={['/console/members', t.members]}
      note={<MemberState member={member} />}
    >
      <Two
        left={
          <>
            <MemberContacts contacts={contacts} />
            <ClaimBlock claims={claims} canDecide={canDecide} />
          </>
        }
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
  const { members: t, words } = useMessages();
  return (
    <Block title={t.claimsTitle} raw aside={<p>{t.claimCount(claims.length)}</p>}>
      {claims.length === 0 ? (
        <Empty title={t.noClaimsWereSubmitted}>{t.aClaimIsA}</Empty>
      ) : (
        <Table
          caption={t.claimsNewestFirst}
          columns={[
            { title: t.value },
            { title: t.type },
            { title: t.state, bare: true },
            { title: t.overlaps },
          ]}
          rows={claims.map((claim) => ({
            key: claim.id,
            cells: [
              <>
                {canDecide ? <a href={claimPath(claim.id)}>{claim.value}</a> : claim.value}
                {claim.evidence === undefined ? undefined : <Sub>{claim.evidence}</Sub>}
              </>,
              words.claims[claim.type],
              <St kind={CLAIMS[claim.state]}>{t.claims[claim.state]}</St>,
              claim.overlaps.map(({ member }) => member).join(', '),
            ],
          }))}
        />
      )}
    </Block>
  );
}

function MemberFacts({ member }: { readonly member: Member }): JSX.Element {
  const t = useMessages().members;
  const list = (items: readonly (string | number)[]): JSX.Element | undefined =>
    items.length === 0 ? undefined : <Tags items={items.map(String)} />;
  return (
    <Block title={t.facts}>
      <Facts
        items={[
          [t.name, <code>{member.name}</code>],
          [t.kind, member.kind?.replaceAll('-', ' ')],
          [t.countries, list(member.countries)],
          [t.networks, list(member.networks)],
          [t.asNumbers, list(member.asns)],
          [t.domains, list(member.domains)],
          [t.sectors, list(member.sectors)],
          [t.brands, list(member.brands)],
          [t.groups, list(member.groups)],
          [t.identities, list(member.identities)],
          [t.clientOf, member.parent],
          [t.managedBy, member.managed === 'file' ? t.theSettingsOfThe : t.theConsoleAndThe],
        ]}
      />
    </Block>
  );
}
