import type { JSX } from 'preact';
import type { AskedList, Claims } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table } from '../../shared/components.tsx';
import { Code, Empty, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { counted, since } from '../../shared/words.ts';
import type { ConsolePage, Form, PageContext } from '../page-table.ts';
import { Question } from './question.tsx';
import { Time } from '../../shared/times.tsx';

const REVIEW = '/console/review';

type Claim = Claims['items'][number];
type Asked = AskedList['items'][number];

/** Claims that wait for an administrator. */
export function ClaimQueue({ items, now }: { readonly items: readonly Claim[]; readonly now: number }): JSX.Element {
  return (
    <Block title="Claims to verify" raw aside={<p>{counted(items.length, 'claim')}</p>}>
      {items.length === 0 ? (
        <Empty title="No claim is waiting">New claims of members appear here.</Empty>
      ) : (
        <Table
          caption="Claims that are not verified yet"
          columns={[
            { title: 'Value' },
            { title: 'Member' },
            { title: 'Overlaps with' },
            { title: 'Waiting', class: 'num nw' },
          ]}
          rows={items.map((claim) => ({
            key: claim.id,
            cells: [
              <>
                <a href={claimPath(claim.id)}>{claim.value}</a>
                <Sub>{claim.type}</Sub>
              </>,
              claim.member,
              claim.overlaps.map(({ member }) => member).join(', '),
              <Time at={claim.at}>{since(claim.at, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

/** Registrations and change requests that wait for an administrator. */
export function RequestQueue({ items, now }: { readonly items: readonly Asked[]; readonly now: number }): JSX.Element {
  return (
    <Block title="Requests of members" raw aside={<p>{counted(items.length, 'request')}</p>}>
      {items.length === 0 ? (
        <Empty title="No request is waiting">Registrations and change requests appear here.</Empty>
      ) : (
        <Table
          caption="Requests that are not decided yet"
          columns={[{ title: 'Request' }, { title: 'By' }, { title: 'Waiting', class: 'num nw' }]}
          rows={items.map((asked) => ({
            key: asked.id,
            cells: [
              <a href={requestPath(asked.id)}>{requestTitle(asked)}</a>,
              asked.by,
              <Time at={asked.at}>{since(asked.at, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

/** Returns the address of the page that decides on a claim. */
export function claimPath(id: string): string {
  return `${REVIEW}/claims/${encodeURIComponent(id)}`;
}

function requestPath(id: string): string {
  return `${REVIEW}/requests/${encodeURIComponent(id)}`;
}

function requestTitle({ kind, member }: Asked): string {
  return kind === 'registration' ? `${member} asks to join` : `${member} asks for a change`;
}

async function claimOf({ ask, path }: PageContext): Promise<Claim> {
  const found = (await ask('listClaims')).items.find(({ id }) => id === path['claim']);
  if (found === undefined) throw webErrors.noPage();
  return found;
}

/** The fields of a decision: the verdict and a note. */
function DecisionFields({
  form,
  verdicts,
  hint,
}: {
  readonly form: Form;
  readonly verdicts: readonly (readonly [value: string, text: string])[];
  readonly hint: string;
}): JSX.Element {
  return (
    <div class="in">
      <Field name="verdict" label="Your decision">
        {(described) => (
          <Select
            described={described}
            options={[['', 'Choose'], ...verdicts]}
            value={form.field('verdict') ?? ''}
          />
        )}
      </Field>
      <Field name="note" label="Note (optional)" hint={hint}>
        {(described) => <input {...described} maxLength={300} value={form.field('note') ?? ''} />}
      </Field>
    </div>
  );
}

/** Returns the note that the form contains. */
function noteIn(form: Form): { readonly note?: string } {
  const note = form.field('note');
  return note === undefined ? {} : { note };
}

/** Verifying or rejecting a claim, with its evidence and its overlaps. */
export const claimPage: ConsolePage = {
  path: '/review/claims/:claim',
  title: 'Decide on a claim',
  needs: 'decideClaim',
  show: async (context, form) => {
    const claim = await claimOf(context);
    return (
      <Question
        title={`${claim.member} claims ${claim.value}`}
        above={[REVIEW, 'Review']}
        heading="The claim"
        form={form}
        action="Save the decision"
        keep="Decide later"
      >
        <>
          <div class="in">
            <Facts
              items={[
                ['Type', claim.type],
                ['Evidence', claim.evidence ?? 'none given'],
                ['Submitted by', claim.by],
                ['Submitted', <Time at={claim.at} />],
                ['Until', claim.until === undefined ? undefined : <Time at={claim.until} />],
                ['Decided before', claim.decided_by],
              ]}
            />
          </div>
          <List
            items={[
              {
                key: 'effect',
                kind: 'info',
                text: `Once it is verified, objects about ${claim.value} are routed to ${claim.member}.`,
              },
              ...claim.overlaps.map(({ member, claim: value }) => ({
                key: `${member} ${value}`,
                kind: 'warn' as const,
                text: `${member} has the claim ${value}, which overlaps with this one.`,
              })),
            ]}
          />
          <DecisionFields
            form={form}
            verdicts={[
              ['verified', 'Verify the claim'],
              ['rejected', 'Reject the claim'],
            ]}
            hint="The member can read it."
          />
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const verdict = (['verified', 'rejected'] as const).find((one) => one === form.field('verdict'));
    if (verdict === undefined) throw webErrors.invalidInput({ description: 'Choose a decision' });
    const { id } = await claimOf(context);
    await context.ask('decideClaim', { parameters: { claim: id }, body: { verdict, ...noteIn(form) } });
    return `${REVIEW}?done=${verdict}`;
  },
};

async function requestOf({ ask, path }: PageContext): Promise<Asked> {
  const found = (await ask('listRequests', { query: { limit: '1000' } })).items.find(
    ({ id }) => id === path['request'],
  );
  if (found === undefined) throw webErrors.noPage();
  return found;
}

/** Approving or refusing a registration or a change request. */
export const requestPage: ConsolePage = {
  path: '/review/requests/:request',
  title: 'Decide on a request',
  needs: 'decideRequest',
  show: async (context, form) => {
    const asked = await requestOf(context);
    return (
      <Question
        title={requestTitle(asked)}
        above={[REVIEW, 'Review']}
        heading="The request"
        form={form}
        action="Save the decision"
        keep="Decide later"
      >
        <>
          <div class="in">
            <Facts
              items={[
                ['Asked by', asked.by],
                ['Asked', <Time at={asked.at} />],
                ...Object.entries(asked.registration ?? asked.change ?? {}).map(
                  ([name, value]) =>
                    [
                      name.replaceAll('_', ' '),
                      typeof value === 'string' ? value : JSON.stringify(value),
                    ] as const,
                ),
              ]}
            />
          </div>
          <DecisionFields
            form={form}
            verdicts={[
              ['approved', asked.kind === 'registration' ? 'Accept and invite' : 'Approve the change'],
              ['refused', 'Refuse'],
            ]}
            hint="The member can read it."
          />
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const verdict = (['approved', 'refused'] as const).find((one) => one === form.field('verdict'));
    if (verdict === undefined) throw webErrors.invalidInput({ description: 'Choose a decision' });
    const { id } = await requestOf(context);
    const body = { verdict, ...noteIn(form) };
    const { link, member } = await context.ask('decideRequest', { parameters: { request: id }, body });
    if (link !== undefined) return <Invited link={link} member={member} />;
    return `${REVIEW}?done=${verdict}`;
  },
};

/** The invitation of the first officer of a new member. It is shown once. */
function Invited({ link, member }: { readonly link: string; readonly member: string }): JSX.Element {
  return (
    <Screen title={`${member} is a member now`} crumb={[REVIEW, 'Review']}>
      <State kind="warn" live="status">
        <strong>This is the only time that the link is shown.</strong> Send it to the contact of {member}. It
        works once, and sets the password of their first officer.
      </State>
      <Block title="Invitation">
        <Code text={link} label="The link" />
        <Acts>
          <Btn href={REVIEW} look="go">
            I have sent it
          </Btn>
        </Acts>
      </Block>
    </Screen>
  );
}
