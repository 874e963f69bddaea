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

const DAY_MS = 86_400_000;
const LEVELS = [
  ['clear', 'TLP:CLEAR'],
  ['green', 'TLP:GREEN'],
  ['amber', 'TLP:AMBER'],
  ['amber+strict', 'TLP:AMBER+STRICT'],
] as const;
const ANSWERS = [
  ['acknowledged', 'Acknowledged: we have it and act on it'],
  ['not-ours', 'Not ours: it does not concern us'],
  ['false-positive', 'False positive: it is wrong'],
] as const;

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
  if (!items.some(({ outcome }) => outcome === 'stored' || outcome === 'known')) {
    const reasons = items.map(({ collection, message }) => `${collection}: ${message ?? 'not stored'}`);
    throw webErrors.invalidInput({ description: `Nothing was changed. ${reasons.join('. ')}` });
  }
  return `${objectPath(context.path['id'] ?? '')}?done=${done}`;
}

/** Revoking an object, after a question. */
export const revokePage: ConsolePage = {
  path: '/o/:id/revoke',
  title: 'Revoke an object',
  needs: 'revokeObject',
  show: async (context, form) => (
    <ObjectQuestion
      object={await changeable(context, form, 'revoke')}
      title="Revoke this object?"
      form={form}
      action="Revoke the object"
      keep="Keep it"
      isDangerous
    >
      <List
        items={[
          {
            key: '1',
            kind: 'warn',
            text: 'A new version marks the object as revoked, in every collection that has it.',
          },
          {
            key: '2',
            kind: 'info',
            text: 'Readers receive the revocation at their next poll. Their tools stop using it.',
          },
          {
            key: '3',
            kind: 'bad',
            text: 'You can’t undo this. Publish the value again if it was a mistake.',
          },
        ]}
      />
    </ObjectQuestion>
  ),
  act: async (context) =>
    afterChange(
      context,
      await context.ask('revokeObject', { parameters: { object: context.path['id'] ?? '' } }),
      'revoked',
    ),
};

/** Asking the members that can read an object for an answer. */
export const askPage: ConsolePage = {
  path: '/o/:id/ask',
  title: 'Request acknowledgement',
  needs: 'requestAnswers',
  show: async (context, form) => (
    <ObjectQuestion
      object={await objectOf(context)}
      title="Request acknowledgement"
      form={form}
      action="Ask the members"
      keep="Ask nobody"
    >
      <div class="in">
        <p>Every member that can read the object is notified, and reminded once before the time is over.</p>
        <Field name="days" label="Days until the answer is due" hint="1 to 90.">
          {(described) => <input {...described} inputMode="numeric" value={typed(form, 'days', '3')} />}
        </Field>
      </div>
    </ObjectQuestion>
  ),
  act: async (context, form) => {
    const days = Number(form.field('days') ?? '');
    if (!Number.isInteger(days) || days < 1 || days > 90)
      throw webErrors.invalidInput({ description: 'Enter a number of days from 1 to 90' });
    const { id = '' } = context.path;
    const until = new Date(context.now + days * DAY_MS).toISOString();
    await context.ask('requestAnswers', { parameters: { object: id }, body: { until } });
    return `${objectPath(id)}?done=asked`;
  },
};

/** Answering an object on behalf of the person's member. */
export const answerPage: ConsolePage = {
  path: '/o/:id/answer',
  title: 'Answer for your member',
  needs: 'answerObject',
  show: async (context, form) => (
    <ObjectQuestion
      object={await objectOf(context)}
      title="Answer for your member"
      heading="Your answer"
      form={form}
      action="Send the answer"
      keep="Do not answer"
    >
      <div class="in">
        <Field name="answer" label="Answer" hint="The owner of the object and the hub can see it.">
          {(described) => (
            <Select described={described} options={ANSWERS} value={form.field('answer') ?? 'acknowledged'} />
          )}
        </Field>
        <Field name="note" label="Note (optional)">
          {(described) => (
            <textarea {...described} rows={3} maxLength={300}>
              {form.field('note')}
            </textarea>
          )}
        </Field>
      </div>
    </ObjectQuestion>
  ),
  act: async (context, form) => {
    const answer = ANSWERS.find(([one]) => one === form.field('answer'))?.[0];
    if (answer === undefined) throw webErrors.invalidInput({ description: 'Choose an answer from the list' });
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
  title: 'Revise an object',
  needs: 'reviseObject',
  show: async (context, form) => {
    const object = await changeable(context, form, 'revise');
    return (
      <ObjectQuestion
        object={object}
        title="Revise this object"
        heading="New version"
        form={form}
        action="Store the new version"
        keep="Keep it as it is"
      >
        <div class="in">
          <RevisionFields object={object} form={form} />
        </div>
      </ObjectQuestion>
    );
  },
  act: async (context, form) => {
    const { id = '' } = context.path;
    const body = revisionOf(await objectOf(context), form);
    return afterChange(
      context,
      await context.ask('reviseObject', { parameters: { object: id }, body }),
      'revised',
    );
  },
};

function RevisionFields({ object, form }: { readonly object: StixObject; readonly form: Form }): JSX.Element {
  const value = (name: string, before: string): string => typed(form, name, before);
  const input = (name: string, before: string) => (described: Described) => (
    <input {...described} value={value(name, before)} />
  );
  return (
    <>
      <Field name="title" label="Name">
        {input('title', text(object, 'name') ?? '')}
      </Field>
      <Field name="description" label="Description">
        {(described) => (
          <textarea {...described} rows={4} maxLength={10_000}>
            {value('description', text(object, 'description') ?? '')}
          </textarea>
        )}
      </Field>
      <Field name="tlp" label="TLP level">
        {(described) => (
          <Select
            described={described}
            options={[['', 'As it is'], ...LEVELS]}
            value={value('tlp', levelOf(object) ?? '')}
          />
        )}
      </Field>
      <Field name="confidence" label="Confidence" hint="0 to 100. Empty: as it is.">
        {input('confidence', typeof object['confidence'] === 'number' ? String(object['confidence']) : '')}
      </Field>
      <Field name="labels" label="Labels" hint="Separated by commas.">
        {input('labels', texts(object, 'labels').join(', '))}
      </Field>
      {object['type'] === 'indicator' ? (
        <Field
          name="valid_days"
          label="Days from now until it expires"
          hint="Empty: as it is. 0: it expires now."
        >
          {input('valid_days', '')}
        </Field>
      ) : undefined}
    </>
  );
}

/** Returns only what the person has changed. */
function revisionOf(object: StixObject, form: Form): RevisionRequest {
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
    if (!/^\d{1,6}$/.test(typed.trim())) throw webErrors.invalidInput({ description: 'Enter whole numbers' });
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
    throw webErrors.invalidInput({ description: 'You have changed nothing yet' });
  return request;
}

/** A page that asks before an action on an object. */
function ObjectQuestion({
  object,
  ...question
}: { readonly object: StixObject } & Omit<Parameters<typeof Question>[0], 'above'>): JSX.Element {
  const above = [objectPath(text(object, 'id') ?? ''), nameOf(object).slice(0, 100)] as const;
  return <Question {...question} above={above} />;
}
