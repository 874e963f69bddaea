import type { JSX } from 'preact';
import type { ObjectActions, ObjectChanges, RevisionRequest } from '../../../api/schema-types.ts';
import { text, texts, type StixObject } from '../../../stix/types.ts';
import { webErrors } from '../../errors.ts';
import { List } from '../../shared/components.tsx';
import { Field, Select, type Described } from '../../shared/more-components.tsx';
import { typed, type ConsolePage, type Form, type PageContext } from '../page-table.ts';
import { levelOf, nameOf } from './object-facts.tsx';
import { Question } from './question.tsx';
import { objectPath } from './object-state.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

const DAY_MS = 86_400_000;
const LEVELS = [
  ['clear', 'TLP:CLEAR'],
  ['green', 'TLP:GREEN'],
  ['amber', 'TLP:AMBER'],
  ['amber+strict', 'TLP:AMBER+STRICT'],
] as const;
const ANSWERS = ['acknowledged', 'not-ours', 'false-positive'] as const;

/** Returns the object of the page, as the person can read it. */
async function objectOf({ ask, path }: PageContext): Promise<StixObject> {
  const { object } = await ask('getObject', { parameters: { object: path['id'] ?? '' } });
  return object as StixObject;
}

/** Returns the object if the hub would accept the change from this person. A form that was refused is shown again. */
async function changeable(
  context: PageContext,
  form: Form,
  action: ObjectActions['items'][number],
): Promise<StixObject> {
  const object = await objectOf(context);
  if (form.fault !== undefined) return object;
  const { items } = await context.ask('getObjectActions', {
    parameters: { object: context.path['id'] ?? '' },
  });
  if (!items.includes(action)) throw webErrors.changeNotPossible();
  return object;
}

/** Returns the page of the object, or throws the reasons if no collection has stored the change. */
function afterChange(context: PageContext, { items }: ObjectChanges, done: string): string {
  const t = context.messages.objectActions;
  if (!items.some(({ outcome }) => outcome === 'stored' || outcome === 'known')) {
    const reasons = items.map(({ collection, message }) => t.text(collection, message ?? t.notStored));
    throw webErrors.invalidInput({ description: t.nothingWasChanged(reasons.join('. ')) });
  }
  return `${objectPath(context.path['id'] ?? '')}?done=${done}`;
}

/** Revoking an object, after a question. */
export const revokePage: ConsolePage = {
  path: '/o/:id/revoke',
  title: (m) => m.objectActions.revokeAnObject,
  needs: 'revokeObject',
  show: async (context, form) => {
    const t = context.messages.objectActions;
    return (
      <ObjectQuestion
        object={await changeable(context, form, 'revoke')}
        title={t.revokeThisObject}
        form={form}
        action={t.revokeTheObject}
        keep={t.keepIt}
        isDangerous
      >
        <List
          items={[
            {
              key: '1',
              kind: 'warn',
              text: t.aNewVersionMarks,
            },
            {
              key: '2',
              kind: 'info',
              text: t.readersReceiveTheRevocation,
            },
            {
              key: '3',
              kind: 'bad',
              text: t.youCantUndoThis,
            },
          ]}
        />
      </ObjectQuestion>
    );
  },
  act: async (context, form) => {
    const parameters = { object: context.path['id'] ?? '' };
    const query = { version: form.field('version') };
    return afterChange(context, await context.ask('revokeObject', { parameters, query }), 'revoked');
  },
};

/** Asking the members that can read an object for an answer. */
export const askPage: ConsolePage = {
  path: '/o/:id/ask',
  title: (m) => m.objectActions.requestAcknowledgement,
  needs: 'requestAnswers',
  show: async (context, form) => {
    const t = context.messages.objectActions;
    return (
      <ObjectQuestion
        object={await objectOf(context)}
        title={t.requestAcknowledgement}
        form={form}
        action={t.askTheMembers}
        keep={t.askNobody}
      >
        <div class="in">
          <p>{t.everyMemberThatCan}</p>
          <Field name="days" label={t.daysUntilTheAnswer} hint={t.n1To90}>
            {(described) => <input {...described} inputMode="numeric" value={typed(form, 'days', '3')} />}
          </Field>
        </div>
      </ObjectQuestion>
    );
  },
  act: async (context, form) => {
    const t = context.messages.objectActions;
    const days = Number(form.field('days') ?? '');
    if (!Number.isInteger(days) || days < 1 || days > 90)
      throw webErrors.invalidInput({ description: t.enterANumberOf });
    const { id = '' } = context.path;
    const until = new Date(context.now + days * DAY_MS).toISOString();
    await context.ask('requestAnswers', { parameters: { object: id }, body: { until } });
    return `${objectPath(id)}?done=asked`;
  },
};

/** Answering an object on behalf of the person's member. */
export const answerPage: ConsolePage = {
  path: '/o/:id/answer',
  title: (m) => m.objectActions.answerForYourMember,
  needs: 'answerObject',
  show: async (context, form) => {
    const t = context.messages.objectActions;
    return (
      <ObjectQuestion
        object={await objectOf(context)}
        title={t.answerForYourMember}
        heading={t.yourAnswer}
        form={form}
        action={t.sendTheAnswer}
        keep={t.doNotAnswer}
      >
        <div class="in">
          <Field name="answer" label={t.answer} hint={t.theOwnerOfThe}>
            {(described) => (
              <Select
                described={described}
                options={ANSWERS.map((one) => [one, t.answers[one]])}
                value={form.field('answer') ?? 'acknowledged'}
              />
            )}
          </Field>
          <Field name="note" label={t.noteOptional}>
            {(described) => (
              <textarea {...described} rows={3} maxLength={300}>
                {form.field('note')}
              </textarea>
            )}
          </Field>
        </div>
      </ObjectQuestion>
    );
  },
  act: async (context, form) => {
    const t = context.messages.objectActions;
    const answer = ANSWERS.find((one) => one === form.field('answer'));
    if (answer === undefined) throw webErrors.invalidInput({ description: t.chooseAnAnswerFrom });
    const { id = '' } = context.path;
    const note = form.field('note');
    await context.ask('answerObject', {
      parameters: { object: id },
      body: { answer, ...(note === undefined ? {} : { note }) },
    });
    return `${objectPath(id)}?done=answered`;
  },
};

/** Correcting an object with a new version. */
export const revisePage: ConsolePage = {
  path: '/o/:id/revise',
  title: (m) => m.objectActions.reviseAnObject,
  needs: 'reviseObject',
  show: async (context, form) => {
    const t = context.messages.objectActions;
    const object = await changeable(context, form, 'revise');
    return (
      <ObjectQuestion
        object={object}
        title={t.reviseThisObject}
        heading={t.newVersion}
        form={form}
        action={t.storeTheNewVersion}
        keep={t.keepItAsIt}
      >
        <div class="in">
          <RevisionFields object={object} form={form} />
        </div>
      </ObjectQuestion>
    );
  },
  act: async (context, form) => {
    const { messages } = context;
    const { id = '' } = context.path;
    const body = revisionOf(await objectOf(context), form, messages);
    const query = { version: form.field('version') };
    return afterChange(
      context,
      await context.ask('reviseObject', { parameters: { object: id }, query, body }),
      'revised',
    );
  },
};

function RevisionFields({ object, form }: { readonly object: StixObject; readonly form: Form }): JSX.Element {
  const t = useMessages().objectActions;
  const value = (name: string, before: string): string => typed(form, name, before);
  const input = (name: string, before: string) => (described: Described) => (
    <input {...described} value={value(name, before)} />
  );
  return (
    <>
      <Field name="title" label={t.name}>
        {input('title', text(object, 'name') ?? '')}
      </Field>
      <Field name="description" label={t.description}>
        {(described) => (
          <textarea {...described} rows={4} maxLength={10_000}>
            {value('description', text(object, 'description') ?? '')}
          </textarea>
        )}
      </Field>
      <Field name="tlp" label={t.tlpLevel}>
        {(described) => (
          <Select
            described={described}
            options={[['', t.asItIs], ...LEVELS]}
            value={value('tlp', levelOf(object) ?? '')}
          />
        )}
      </Field>
      <Field name="confidence" label={t.confidence} hint={t.n0To100Empty}>
        {input('confidence', typeof object['confidence'] === 'number' ? String(object['confidence']) : '')}
      </Field>
      <Field name="labels" label={t.labels} hint={t.separatedByCommas}>
        {input('labels', texts(object, 'labels').join(', '))}
      </Field>
      {object['type'] === 'indicator' ? (
        <Field name="valid_days" label={t.daysFromNowUntil} hint={t.emptyAsItIs}>
          {input('valid_days', '')}
        </Field>
      ) : undefined}
    </>
  );
}

/** Returns only what the person has changed. */
function revisionOf(object: StixObject, form: Form, messages: Messages): RevisionRequest {
  const t = messages.objectActions;
  const [title, description, tlp, confidence, days] = [
    'title',
    'description',
    'tlp',
    'confidence',
    'valid_days',
  ].map((name) => form.field(name)?.replaceAll('\r\n', '\n'));
  const labels = (form.field('labels') ?? '')
    .split(',')
    .flatMap((label) => (label.trim() === '' ? [] : [label.trim()]));
  const level = LEVELS.find(([one]) => one === tlp)?.[0];
  const number = (name: string, typed: string | undefined, before: unknown): Record<string, number> => {
    if (typed === undefined || typed === String(before)) return {};
    if (!/^\d{1,6}$/.test(typed.trim())) throw webErrors.invalidInput({ description: t.enterWholeNumbers });
    return { [name]: Number(typed) };
  };
  const request: RevisionRequest = {
    ...(title === undefined || title === text(object, 'name') ? {} : { title }),
    ...(description === undefined || description === text(object, 'description') ? {} : { description }),
    ...(level === undefined || level === levelOf(object) ? {} : { tlp: level }),
    ...number('confidence', confidence, object['confidence']),
    ...number('valid_days', days, undefined),
    ...(labels.join() === texts(object, 'labels').join() ? {} : { labels }),
  };
  if (Object.keys(request).length === 0)
    throw webErrors.invalidInput({ description: t.youHaveChangedNothing });
  return request;
}

/** A page that asks before an action on an object. */
function ObjectQuestion({
  object,
  ...question
}: { readonly object: StixObject } & Omit<Parameters<typeof Question>[0], 'above'>): JSX.Element {
  const above = [objectPath(text(object, 'id') ?? ''), nameOf(object).slice(0, 100)] as const;
  // The version that the person has seen. After a refusal it is still the one with which the form began.
  const version = typed(question.form, 'version', text(object, 'modified') ?? '');
  return (
    <Question {...question} above={above}>
      {version === '' ? undefined : <input type="hidden" name="version" value={version} />}
      {question.children}
    </Question>
  );
}
