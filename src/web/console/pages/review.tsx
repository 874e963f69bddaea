import type { ComponentChildren, JSX } from 'preact';
import type { HeldObject, HeldObjects, TriageItems } from '../../../api/schema-types.ts';
import type { StixObject } from '../../../stix/types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, Facts, List, State, Sub, Table } from '../../shared/components.tsx';
import { Code, Empty, Field, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { decisionQueues } from './decision-queues.tsx';
import { nameOf } from './object-facts.tsx';
import { Question } from './question.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

const QUEUE = '/console/review';
/** Number of objects on hold that the page lists. */
const MOST = 100;

function heldPath(id: string): string {
  return `${QUEUE}/${encodeURIComponent(id)}`;
}

/** Objects that wait for a decision: all of them for hub staff, and their own for others. */
export const reviewPage: ConsolePage = {
  path: '/review',
  title: (m) => m.review.review,
  nav: 'Share',
  needs: 'listHeld',
  show: async (context) => {
    const { ask, permits, query, now } = context;
    const [held, triage] = await Promise.all([
      ask('listHeld', { query: { limit: String(MOST) } }),
      permits('listTriage') ? ask('listTriage') : undefined,
    ]);
    return (
      <Queue held={held.items} triage={triage?.items} done={query('done')} now={now}>
        {await decisionQueues(context, MOST)}
      </Queue>
    );
  },
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
  const t = useMessages().review;
  const said = textFor(t.done, done);
  return (
    <Screen title={t.review}>
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      <Block
        title={t.objectsOnHold}
        raw
        aside={<p>{held.length === MOST ? t.theOldest(MOST) : t.objectCount(held.length)}</p>}
      >
        {held.length === 0 ? (
          <Empty title={t.nothingIsOnHold}>{t.everyObjectWasStored}</Empty>
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
  const { review: t, words } = useMessages();
  return (
    <Table
      caption={t.objectsOnHoldOldest}
      columns={[
        { title: t.object },
        { title: t.reason },
        { title: t.from },
        { title: t.collection },
        { title: t.waiting, class: 'num nw' },
      ]}
      rows={held.map((item) => ({
        key: item.id,
        cells: [
          <>
            <a href={heldPath(item.id)}>{words.type(item.type)}</a>
            <Sub>{item.object}</Sub>
          </>,
          item.message,
          item.submitter,
          item.collection,
          <Time at={item.at}>{words.since(item.at, now)}</Time>,
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
  const { review: t, words } = useMessages();
  return (
    <Block title={t.triage} raw aside={<p>{t.reportCount(items.length)}</p>}>
      {items.length === 0 ? (
        <Empty title={t.noReportIsWaiting}>{t.reportsThatAffectNo}</Empty>
      ) : (
        <Table
          caption={t.reportsThatNobodyReceives}
          columns={[
            { title: t.report },
            { title: t.reason },
            { title: t.waiting, class: 'num nw' },
            { title: t.action, bare: true },
          ]}
          rows={items.map((item) => ({
            key: item.id,
            cells: [
              <a href={objectPath(item.object)}>{item.about ?? item.object}</a>,
              item.message,
              <Time at={item.at}>{words.since(item.at, now)}</Time>,
              <Acts>
                <Btn href={`/console/triage/${encodeURIComponent(item.id)}/assign`} look="s">
                  {t.assign}
                </Btn>
                <Btn href={`/console/triage/${encodeURIComponent(item.id)}/dismiss`} look="s">
                  {t.dismiss}
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
  title: (m) => m.review.objectOnHold,
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
  const { review: t, words } = useMessages();
  const path = heldPath(held.id);
  return (
    <Screen title={nameOf(held.content as StixObject).slice(0, 200)} crumb={[QUEUE, t.review]}>
      <State kind="warn">
        <strong>{held.message}.</strong> {held.next_step}
      </State>
      {canDecide ? (
        <Acts>
          <Btn href={`${path}/release`}>{t.checkItAgainAnd}</Btn>
          <Btn href={`${path}/discard`} look="stop">
            {t.discard}
          </Btn>
        </Acts>
      ) : undefined}
      <Two
        left={
          <Block title={t.content}>
            <Code text={JSON.stringify(held.content, undefined, 2)} label={t.theObjectAsJson} />
          </Block>
        }
        right={
          <Block title={t.facts}>
            <Facts
              items={[
                [t.type, words.type(held.type)],
                [t.stixId, <code>{held.object}</code>],
                [t.from, held.submitter],
                [t.owner, held.owner],
                [t.collection, held.collection],
                [t.onHoldSince, <Time at={held.at} />],
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
  title: (m) => m.review.releaseAnObject,
  needs: 'releaseHeld',
  show: async (context, form) => {
    const t = context.messages.review;
    const held = await heldOf(context);
    return (
      <Question
        title={t.releaseThisObject}
        above={[heldPath(held.id), t.objectOnHold]}
        form={form}
        action={t.checkAndRelease}
        keep={t.keepItOnHold}
      >
        <List
          items={[
            {
              key: '1',
              kind: 'info',
              text: t.theHubChecksThe,
            },
            {
              key: '2',
              kind: 'warn',
              text: t.ifItPassesIt(held.collection),
            },
          ]}
        />
      </Question>
    );
  },
  act: async ({ ask, path, messages }) => {
    const t = messages.review;
    const { outcome, message } = await ask('releaseHeld', { parameters: { held: path['held'] ?? '' } });
    if (outcome === 'stored' || outcome === 'known') return `${QUEUE}?done=${outcome}`;
    throw webErrors.invalidInput({ description: t.theObjectWasNot(message ?? outcome) });
  },
};

/** Discarding an object on hold, with a reason. */
export const discardPage: ConsolePage = {
  path: '/review/:held/discard',
  title: (m) => m.review.discardAnObject,
  needs: 'discardHeld',
  show: async (context, form) => {
    const t = context.messages.review;
    return (
      <Question
        title={t.discardThisObject}
        above={[heldPath((await heldOf(context)).id), t.objectOnHold]}
        form={form}
        action={t.discardTheObject}
        keep={t.keepItOnHold}
        isDangerous
      >
        <div class="in">
          <p>{t.theObjectIsRemoved}</p>
          <Field name="reason" label={t.reason} hint={t.theAuditLogKeeps}>
            {(described) => <input {...described} maxLength={300} value={form.field('reason') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path, messages }, form) => {
    const t = messages.review;
    const reason = form.field('reason');
    if (reason === undefined) throw webErrors.invalidInput({ description: t.enterAReason });
    await ask('discardHeld', { parameters: { held: path['held'] ?? '' }, body: { reason } });
    return `${QUEUE}?done=discarded`;
  },
};

/** Assigning a report to a member. */
export const assignPage: ConsolePage = {
  path: '/triage/:item/assign',
  title: (m) => m.review.assignAReport,
  needs: 'assignTriage',
  show: async ({ ask, path, messages }, form) => {
    const t = messages.review;
    const item = await triageItem(ask, path['item']);
    const { items } = await ask('listMembers', { query: { limit: '1000' } });
    return (
      <Question
        title={t.assignThisReport}
        above={[QUEUE, t.review]}
        heading={t.members}
        form={form}
        action={t.shareItWithThe}
        keep={t.leaveItInTriage}
      >
        <div class="in">
          <p>{`${item.about ?? item.object}: ${item.message}`}</p>
          <Field name="member" label={t.member} hint={t.theObjectIsShared}>
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
  act: async ({ ask, path, messages }, form) => {
    const t = messages.review;
    const member = form.field('member');
    if (member === undefined) throw webErrors.invalidInput({ description: t.chooseAMember });
    await ask('assignTriage', { parameters: { item: path['item'] ?? '' }, body: { members: [member] } });
    return `${QUEUE}?done=assigned`;
  },
};

/** Dismissing a report, with a note. */
export const dismissPage: ConsolePage = {
  path: '/triage/:item/dismiss',
  title: (m) => m.review.dismissAReport,
  needs: 'dismissTriage',
  show: async ({ ask, path, messages }, form) => {
    const t = messages.review;
    const item = await triageItem(ask, path['item']);
    return (
      <Question
        title={t.dismissThisReport}
        above={[QUEUE, t.review]}
        form={form}
        action={t.dismissTheReport}
        keep={t.leaveItInTriage}
        isDangerous
      >
        <div class="in">
          <p>{item.message}</p>
          <p>{t.theReportLeavesThe}</p>
          <Field name="note" label={t.note} hint={t.theAuditLogKeeps}>
            {(described) => <input {...described} maxLength={300} value={form.field('note') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async ({ ask, path, messages }, form) => {
    const t = messages.review;
    const note = form.field('note');
    if (note === undefined) throw webErrors.invalidInput({ description: t.enterANote });
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
