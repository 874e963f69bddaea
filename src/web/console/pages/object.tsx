import type { ComponentChildren, JSX } from 'preact';
import type { DeliveryLog, Members, ObjectActions, ObjectPlaces } from '../../../api/schema-types.ts';
import type { StixObject } from '../../../stix/types.ts';
import { text } from '../../../stix/types.ts';
import { Acts, Block, Btn, State, TlpLabel } from '../../shared/components.tsx';
import { Code, Details, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import { allowed } from '../allowed.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { DeliveriesBlock } from './object-deliveries.tsx';
import { FactsBlock, PatternBlock, Verdict, levelOf, nameOf } from './object-facts.tsx';
import { timeOfVersion, VersionsBlock, versionsOf } from './object-versions.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

/** An object with everything that the page shows. */
interface Shown {
  readonly id: string;
  readonly object: StixObject;
  readonly places: ObjectPlaces['places'];
  readonly state: ObjectPlaces['state'];
  readonly versions: readonly string[];
  readonly version: string | undefined;
  readonly before: StixObject | undefined;
  readonly actions: ObjectActions['items'];
  readonly log: DeliveryLog['items'] | undefined;
  /** The name of its creator, if the person may read it. */
  readonly creator: string | undefined;
  readonly members: Members['items'];
  /** True for a person who answers for a member. */
  readonly answers: boolean;
  /** True for a person who sees the deliveries to all members. */
  readonly asks: boolean;
}

/** Everything that is known about an object, and what the person may do with it. */
export const objectPage: ConsolePage = {
  path: '/o/:id',
  title: (m) => m.object.object,
  needs: 'getObject',
  show: async (context) => <ObjectView shown={await shownOf(context)} done={context.query('done')} />,
};

async function shownOf({ ask, path, query, who }: PageContext): Promise<Shown> {
  const { id = '' } = path;
  const parameters = { object: id };
  const wanted = query('version');
  const { object: found, places, state } = await ask('getObject', { parameters, query: { version: wanted } });
  const versions = versionsOf(places);
  const object = found as StixObject;
  const version = versions.find((one) => Date.parse(one) === Date.parse(text(object, 'modified') ?? ''));
  const previous = version === undefined ? undefined : versions[versions.indexOf(version) + 1];
  const creator = text(object, 'created_by_ref');
  const [before, actions, log, members, made] = await Promise.all([
    previous === undefined
      ? undefined
      : ask('getObject', { parameters, query: { version: previous } }).then(
          (one) => one.object as StixObject,
        ),
    ask('getObjectActions', { parameters }),
    allowed(ask('getDeliveries', { parameters })),
    allowed(ask('listMembers', { query: { limit: '1000' } })),
    creator === undefined ? undefined : allowed(ask('getObject', { parameters: { object: creator } })),
  ]);
  const isStaff = who.member === undefined;
  return {
    id,
    object,
    places,
    state,
    versions,
    version,
    before,
    actions: actions.items,
    log: log?.items,
    creator: made === undefined ? undefined : nameOf(made.object as StixObject),
    // Officers can ask about their own member only, and other roles about none.
    members: (members?.items ?? []).filter(({ name }) =>
      isStaff ? who.role !== 'machine' : who.role === 'officer' && name === who.member,
    ),
    answers: who.member !== undefined,
    asks: log !== undefined && (isStaff || actions.items.length > 0),
  };
}

/** Returns the type of an object and the time of its version. Observables have no versions. */
function kindOf(object: StixObject, messages: Messages): ComponentChildren {
  const { object: t, words } = messages;
  const kind = words.type(text(object, 'type') ?? '');
  const changed = timeOfVersion(object);
  return changed === undefined ? kind : <>{t.versionOf(kind, <Time at={changed} />)}</>;
}

function ObjectView({
  shown,
  done,
}: {
  readonly shown: Shown;
  readonly done: string | undefined;
}): JSX.Element {
  const messages = useMessages();
  const t = messages.object;
  const { id, object, places, state, log } = shown;
  const level = levelOf(object);
  const said = textFor(t.done, done);
  return (
    <Screen
      title={nameOf(object).slice(0, 200)}
      crumb={['/console/search', t.search]}
      marking={level}
      prints
      note={
        <>
          {level === undefined ? undefined : <TlpLabel level={level} />} {kindOf(object, messages)}
        </>
      }
    >
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      <Verdict object={object} state={state} />
      <Actions shown={shown} />
      <Two
        left={
          <>
            <Description object={object} />
            <PatternBlock object={object} />
            <VersionsBlock
              id={id}
              versions={shown.versions}
              shown={shown.version}
              object={object}
              before={shown.before}
            />
          </>
        }
        right={
          <>
            <FactsBlock object={object} places={places} by={shown.creator} />
            {log === undefined ? undefined : <DeliveriesBlock id={id} log={log} members={shown.members} />}
          </>
        }
      />
      <Block title={t.json}>
        <Details summary={t.showTheObjectAs}>
          <Code text={JSON.stringify(object, undefined, 2)} label={t.theObjectAsJson} />
        </Details>
      </Block>
    </Screen>
  );
}

function Description({ object }: { readonly object: StixObject }): JSX.Element {
  const t = useMessages().object;
  const description = text(object, 'description');
  if (description === undefined || description === '') return <></>;
  return (
    <Block title={t.description}>
      {description.split(/\n{2,}/).map((paragraph, i) => (
        <p key={i}>{paragraph}</p>
      ))}
    </Block>
  );
}

/** The actions that the hub would accept from this person now. The rest is absent. */
function Actions({ shown: { id, actions, answers, asks } }: { readonly shown: Shown }): JSX.Element {
  const t = useMessages().object;
  const path = objectPath(id);
  if (actions.length === 0 && !answers && !asks) return <></>;
  return (
    <Acts>
      {answers ? <Btn href={`${path}/answer`}>{t.answerForYourMember}</Btn> : undefined}
      {actions.includes('revise') ? <Btn href={`${path}/revise`}>{t.revise}</Btn> : undefined}
      {asks ? <Btn href={`${path}/ask`}>{t.requestAcknowledgement}</Btn> : undefined}
      {actions.includes('revoke') ? (
        <Btn href={`${path}/revoke`} look="stop">
          {t.revoke}
        </Btn>
      ) : undefined}
    </Acts>
  );
}
