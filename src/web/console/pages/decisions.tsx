import type { JSX } from 'preact';
import type { AskedList, Claims } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table } from '../../shared/components.tsx';
import { Code, Empty, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import type { ConsolePage, Form, PageContext } from '../page-table.ts';
import { Question } from './question.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

const REVIEW = '/console/review';

type Claim = Claims['items'][number];
type Asked = AskedList['items'][number];

/** Claims that wait for an administrator. */
export function ClaimQueue({ items, now }: { readonly items: readonly Claim[]; readonly now: number }): JSX.Element {
  const { decisions: t, words } = useMessages();
  return (
    <Block title={t.claimsToVerify} raw aside={<p>{t.claimCount(items.length)}</p>}>
      {items.length === 0 ? (
        <Empty title={t.noClaimIsWaiting}>{t.newClaimsOfMembers}</Empty>
      ) : (
        <Table
          caption={t.claimsThatAreNot}
          columns={[
            { title: t.value },
            { title: t.member },
            { title: t.overlapsWith },
            { title: t.waiting, class: 'num nw' },
          ]}
          rows={items.map((claim) => ({
            key: claim.id,
            cells: [
              <>
                <a href={claimPath(claim.id)}>{claim.value}</a>
                <Sub>{words.claims[claim.type]}</Sub>
              </>,
              claim.member,
              claim.overlaps.map(({ member }) => member).join(', '),
              <Time at={claim.at}>{words.since(claim.at, now)}</Time>,
            ],
          }))}
        />
      )}
    </Block>
  );
} // prettier-ignore

/** Registrations and change requests that wait for an administrator. */
export function RequestQueue({ items, now }: { readonly items: readonly Asked[]; readonly now: number }): JSX.Element {
  const messages = useMessages();
  const { decisions: t, words } = messages;
  return (
    <Block title={t.requestsOfMembers} raw aside={<p>{t.requestCount(items.length)}</p>}>
      {items.length === 0 ? (
        <Empty title={t.noRequestIsWaiting}>{t.registrationsAndChangeRequests}</Empty>
      ) : (
        <Table
          caption={t.requestsThatAreNot}
          columns={[{ title: t.request }, { title: t.by }, { title: t.waiting, class: 'num nw' }]}
          rows={items.map((asked) => ({
            key: asked.id,
            cells: [
              <a href={requestPath(asked.id)}>{requestTitle(asked, messages)}</a>,
              asked.by,
              <Time at={asked.at}>{words.since(asked.at, now)}</Time>,
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

function requestTitle({ kind, member }: Asked, messages: Messages): string {
  const t = messages.decisions;
  return kind === 'registration' ? t.asksToJoin(member) : t.asksForAChange(member);
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
  const t = useMessages().decisions;
  return (
    <div class="in">
      <Field name="verdict" label={t.yourDecision}>
        {(described) => (
          <Select
            described={described}
            options={[['', t.choose], ...verdicts]}
            value={form.field('verdict') ?? ''}
          />
        )}
      </Field>
      <Field name="note" label={t.noteOptional} hint={hint}>
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
  title: (m) => m.decisions.decideOnAClaim,
  needs: 'decideClaim',
  show: async (context, form) => {
    const t = context.messages.decisions;
    const claim = await claimOf(context);
    return (
      <Question
        title={t.claims(claim.member, claim.value)}
        above={[REVIEW, t.review]}
        heading={t.theClaim}
        form={form}
        action={t.saveTheDecision}
        keep={t.decideLater}
      >
        <>
          <div class="in">
            <Facts
              items={[
                [t.type, context.messages.words.claims[claim.type]],
                [t.evidence, claim.evidence ?? t.noneGiven],
                [t.submittedBy, claim.by],
                [t.submitted, <Time at={claim.at} />],
                [t.until, claim.until === undefined ? undefined : <Time at={claim.until} />],
                [t.decidedBefore, claim.decided_by],
              ]}
            />
          </div>
          <List
            items={[
              {
                key: 'effect',
                kind: 'info',
                text: t.onceItIsVerified(claim.value, claim.member),
              },
              ...claim.overlaps.map(({ member, claim: value }) => ({
                key: `${member} ${value}`,
                kind: 'warn' as const,
                text: t.hasTheClaimWhich(member, value),
              })),
            ]}
          />
          <DecisionFields
            form={form}
            verdicts={[
              ['verified', t.verifyTheClaim],
              ['rejected', t.rejectTheClaim],
            ]}
            hint={t.theMemberCanRead}
          />
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const t = context.messages.decisions;
    const verdict = (['verified', 'rejected'] as const).find((one) => one === form.field('verdict'));
    if (verdict === undefined) throw webErrors.invalidInput({ description: t.chooseADecision });
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
  title: (m) => m.decisions.decideOnARequest,
  needs: 'decideRequest',
  show: async (context, form) => {
    const t = context.messages.decisions;
    const asked = await requestOf(context);
    return (
      <Question
        title={requestTitle(asked, context.messages)}
        above={[REVIEW, t.review]}
        heading={t.theRequest}
        form={form}
        action={t.saveTheDecision}
        keep={t.decideLater}
      >
        <>
          <div class="in">
            <Facts
              items={[
                [t.askedBy, asked.by],
                [t.asked, <Time at={asked.at} />],
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
              ['approved', asked.kind === 'registration' ? t.acceptAndInvite : t.approveTheChange],
              ['refused', t.refuse],
            ]}
            hint={t.theMemberCanRead}
          />
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const t = context.messages.decisions;
    const verdict = (['approved', 'refused'] as const).find((one) => one === form.field('verdict'));
    if (verdict === undefined) throw webErrors.invalidInput({ description: t.chooseADecision });
    const { id } = await requestOf(context);
    const body = { verdict, ...noteIn(form) };
    const { link, member } = await context.ask('decideRequest', { parameters: { request: id }, body });
    if (link !== undefined) return <Invited link={link} member={member} />;
    return `${REVIEW}?done=${verdict}`;
  },
};

/** The invitation of the first officer of a new member. It is shown once. */
function Invited({ link, member }: { readonly link: string; readonly member: string }): JSX.Element {
  const t = useMessages().decisions;
  return (
    <Screen title={t.isAMemberNow(member)} crumb={[REVIEW, t.review]}>
      <State kind="warn" live="status">
        <strong>{t.thisIsTheOnly}</strong> {t.sendItToThe(member)}
      </State>
      <Block title={t.invitation}>
        <Code text={link} label={t.theLink} />
        <Acts>
          <Btn href={REVIEW} look="go">
            {t.iHaveSentIt}
          </Btn>
        </Acts>
      </Block>
    </Screen>
  );
}
