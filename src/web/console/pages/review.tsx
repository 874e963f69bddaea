import type { ComponentChildren, JSX } from 'preact';
import type { HeldObject, HeldObjects, TriageItems } from '../../../api/schema-types.ts';
import type { StixObject } from '../../../stix/types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table } from '../../shared/components.tsx';
import { Code, Empty, Field, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { counted, since, textFor, typeInWords } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { ClaimQueue, RequestQueue } from './decisions.tsx';
import { nameOf } from './object-facts.tsx';
import { Question } from './question.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';

const QUEUE = '/console/review';
/** Number of objects on hold that the page lists. */
const MOST = 100;

function heldPath(id: string): string {
  return `${QUEUE}/${encodeURIComponent(id)}`;
}

/** Objects that wait for a decision: all of them for hub staff, and their own for others. */
export const reviewPage: ConsolePage = {
  path: '/review',
  title: 'Review',
  nav: 'Share',
  needs: 'listHeld',
  show: async ({ ask, permits, query, now }) => {
    const [held, triage] = await Promise.all([
      ask('listHeld', { query: { limit: String(MOST) } }),
      permits('listTriage') ? ask('listTriage') : undefined,
    ]);
    const claims = permits('decideClaim') ? (await ask('listClaims')).items : undefined;
    const requests = permits('decideRequest')
      ? (await ask('listRequests', { query: { limit: '1000' } })).items
      : undefined;
    return (
      <Queue held={held.items} triage={triage?.items} done={query('done')} now={now}>
        {claims === undefined ? undefined : (
          <ClaimQueue items={claims.filter(({ state }) => state === 'claimed').slice(0, MOST)} now={now} />
        )}
        {requests === undefined ? undefined : (
          <RequestQueue
            items={requests.filter(({ state }) => state === 'pending').slice(0, MOST)}
            now={now}
          />
        )}
      </Queue>
    );
  },
};

const DONE: Readonly<Record<string, string>> = {
  stored: 'The object was released and is stored.',
  known: 'The object was released. It was stored already.',
  discarded: 'The object was discarded.',
  assigned: 'The report was assigned.',
  dismissed: 'The report was dismissed.',
  verified: 'The claim is verified. Routing uses it from now on.',
  rejected: 'The claim is rejected.',
  approved: 'The request is approved.',
  refused: 'The request is refused.',
};

function Queue({
  held,
  triage,
  done,
  now,
  children,
}: {
  readonly held: HeldObjects['items'];
  readonly triage: TriageItems['items'] | undefined;
  readonly done: string | undefined;
  readonly now: number;
  readonly children: ComponentChildren;
}): JSX.Element {
  const said = textFor(DONE, done);
  return (
    <Screen title="Review">
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      <Block
        title="Objects on hold"
        raw
        aside={<p>{held.length === MOST ? `the oldest ${MOST}` : counted(held.length, 'object')}</p>}
      >
        {held.length === 0 ? (
          <Empty title="Nothing is on hold">Every object was stored or refused.</Empty>
        ) : (
          <HeldTable held={held} now={now} />
        )}
      </Block>
      {triage === undefined ? undefined : <TriageBlock items={triage} now={now} />}
      {children}
    </Screen>
  );
}

function HeldTable({
  held,
  now,
}: {
  readonly held: HeldObjects['items'];
  readonly now: number;
}): JSX.Element {
  return (
    <Table
      caption="Objects on hold, oldest first"
      columns={[
        { title: 'Object' },
        { title: 'Reason' },
        { title: 'From' },
        { title: 'Collection' },
        { title: 'Waiting', class: 'num nw' },
      ]}
      rows={held.map((item) => ({
        key: item.id,
        cells: [
          <>
            <a href={heldPath(item.id)}>{typeInWords(item.type)}</a>
            <Sub>{item.object}</Sub>
          </>,
          item.message,
          item.submitter,
          item.collection,
          <Time at={item.at}>{since(item.at, now)}</Time>,
        ],
      }))}
    />
  );
}

function TriageBlock({
  items,
  now,
}: {
  readonly items: TriageItems['items'];
  readonly now: number;
}): JSX.Element {
  return (
    <Block title="Triage" raw aside={<p>{counted(items.length, 'report')}</p>}>
      {items.length === 0 ? (
        <Empty title="No report is waiting">Reports that affect no member appear here.</Empty>
      ) : (
        <Table
          caption="Reports that nobody receives yet"
          columns={[
            { title: 'Report' },
            { title: 'Reason' },
            { title: 'Waiting', class: 'num nw' },
            { title: 'Action', bare: true },
          ]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.object)}>{item.object}</a>,
              item.message,
              <Time at={item.at}>{since(item.at, now)}</Time>,
              <Acts>
                <Btn href={`/console/triage/${encodeURIComponent(item.id)}/assign`} look="s">
                  Assign
                </Btn>
                <Btn href={`/console/triage/${encodeURIComponent(item.id)}/dismiss`} look="s">
                  Dismiss
                </Btn>
              </Acts>,
            ],
          }))}
        />
      )}
    </Block>
  );
}

function heldOf({ ask, path }: PageContext): Promise<HeldObject> {
  return ask('getHeld', { parameters: { held: path['held'] ?? '' } });
}

/** An object on hold, with its content and the ways to decide. */
export const heldPage: ConsolePage = {
  path: '/review/:held',
  title: 'Object on hold',
  needs: 'getHeld',
  show: async (context) => (
    <HeldView held={await heldOf(context)} canDecide={context.permits('listTriage')} />
  ),
};

function HeldView({
  held,
  canDecide,
}: {
  readonly held: HeldObject;
  readonly canDecide: boolean;
}): JSX.Element {
  const path = heldPath(held.id);
  return (
    <Screen title={nameOf(held.content as StixObject).slice(0, 200)} crumb={[QUEUE, 'Review']}>
      <State kind="warn">
        <strong>{held.message}.</strong> {held.next_step}
      </State>
      {canDecide ? (
        <Acts>
          <Btn href={`${path}/release`}>Check it again and release</Btn>
          <Btn href={`${path}/discard`} look="stop">
            Discard
          </Btn>
        </Acts>
      ) : undefined}
      <Two
        left={
          <Block title="Content">
            <Code text={JSON.stringify(held.content, undefined, 2)} label="The object as JSON" />
          </Block>
        }
        right={
          <Block title="Facts">
            <Facts
              items={[
                ['Type', typeInWords(held.type)],
                ['STIX ID', <code>{held.object}</code>],
                ['From', held.submitter],
                ['Owner', held.owner],
                ['Collection', held.collection],
                ['On hold since', <Time at={held.at} />],
              ]}
            />
          </Block>
        }
      />
    </Screen>
  );
}

/** Releasing an object on hold, after a question. */
export const releasePage: ConsolePage = {
  path: '/review/:held/release',
  title: 'Release an object',
  needs: 'releaseHeld',
  show: async (context, form) => {
    const held = await heldOf(context);
    return (
      <Question
        title="Release this object?"
        above={[heldPath(held.id), 'Object on hold']}
        form={form}
        action="Check and release"
        keep="Keep it on hold"
      >
        <List
          items={[
            {
              key: '1',
              kind: 'info',
              text: 'The hub checks the object again, with the current rights of its submitter.',
            },
            {
              key: '2',
              kind: 'warn',
              text: `If it passes, it is stored in ${held.collection}. Everybody who reads the collection receives it.`,
            },
          ]}
        />
      </Question>
    );
  },
  act: async ({ ask, path }) => {
    const { outcome, message } = await ask('releaseHeld', { parameters: { held: path['held'] ?? '' } });
    if (outcome === 'stored' || outcome === 'known') return `${QUEUE}?done=${outcome}`;
    throw webErrors.invalidInput({ description: `The object was not released: ${message ?? outcome}` });
  },
};

/** Discarding an object on hold, with a reason. */
export const discardPage: ConsolePage = {
  path: '/review/:held/discard',
  title: 'Discard an object',
  needs: 'discardHeld',
  show: async (context, form) => (
    <Question
      title="Discard this object?"
      above={[heldPath((await heldOf(context)).id), 'Object on hold']}
      form={form}
      action="Discard the object"
      keep="Keep it on hold"
      isDangerous
    >
      <div class="in">
        <p>
          The object is removed from the queue and is not stored. You can’t undo this. The submitter can send
          it again.
        </p>
        <Field name="reason" label="Reason" hint="The audit log keeps it.">
          {(described) => <input {...described} maxLength={300} value={form.field('reason') ?? ''} />}
        </Field>
      </div>
    </Question>
  ),
  act: async ({ ask, path }, form) => {
    const reason = form.field('reason');
    if (reason === undefined) throw webErrors.invalidInput({ description: 'Enter a reason' });
    await ask('discardHeld', { parameters: { held: path['held'] ?? '' }, body: { reason } });
    return `${QUEUE}?done=discarded`;
  },
};

/** Assigning a report to a member. */
export const assignPage: ConsolePage = {
  path: '/triage/:item/assign',
  title: 'Assign a report',
  needs: 'assignTriage',
  show: async ({ ask, path }, form) => {
    const item = await triageItem(ask, path['item']);
    const { items } = await ask('listMembers', { query: { limit: '1000' } });
    return (
      <Question
        title="Assign this report"
        above={[QUEUE, 'Review']}
        heading="Members"
        form={form}
        action="Share it with the member"
        keep="Leave it in triage"
      >
        <div class="in">
          <p>{item.message}</p>
          <Field
            name="member"
            label="Member"
            hint="The object is shared with the member, as far as its marking permits."
          >
            {(described) => (
              <select {...described}>
                {items.map(({ name, title }) => (
                  <option key={name} value={name} selected={name === form.field('member')}>
                    {title}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }, form) => {
    const member = form.field('member');
    if (member === undefined) throw webErrors.invalidInput({ description: 'Choose a member' });
    await ask('assignTriage', { parameters: { item: path['item'] ?? '' }, body: { members: [member] } });
    return `${QUEUE}?done=assigned`;
  },
};

/** Dismissing a report, with a note. */
export const dismissPage: ConsolePage = {
  path: '/triage/:item/dismiss',
  title: 'Dismiss a report',
  needs: 'dismissTriage',
  show: async ({ ask, path }, form) => {
    const item = await triageItem(ask, path['item']);
    return (
      <Question
        title="Dismiss this report?"
        above={[QUEUE, 'Review']}
        form={form}
        action="Dismiss the report"
        keep="Leave it in triage"
        isDangerous
      >
        <div class="in">
          <p>{item.message}</p>
          <p>The report leaves the queue. The object itself stays where it is.</p>
          <Field name="note" label="Note" hint="The audit log keeps it.">
            {(described) => <input {...described} maxLength={300} value={form.field('note') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path }, form) => {
    const note = form.field('note');
    if (note === undefined) throw webErrors.invalidInput({ description: 'Enter a note' });
    await ask('dismissTriage', { parameters: { item: path['item'] ?? '' }, body: { note } });
    return `${QUEUE}?done=dismissed`;
  },
};

async function triageItem(
  ask: PageContext['ask'],
  id: string | undefined,
): Promise<TriageItems['items'][number]> {
  const found = (await ask('listTriage')).items.find((item) => item.id === id);
  if (found === undefined) throw webErrors.noPage();
  return found;
}
