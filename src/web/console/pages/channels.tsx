import type { JSX } from 'preact';
import type { Channels } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import {
  Acts,
  Block,
  Btn,
  Facts,
  List,
  Soundings,
  St,
  State,
  Sub,
  Table,
  type StateKind,
} from '../../shared/components.tsx';
import { Empty, Field, Select, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { nextPage } from './next-page.tsx';
import { Question } from './question.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

const CHANNELS = '/console/channels';
const MOST = 50;

type Channel = Channels['items'][number];

function channelPath(name: string): string {
  return `${CHANNELS}/${encodeURIComponent(name)}`;
}

const STATES: Readonly<Record<Channel['state'], StateKind>> = {
  current: 'ok',
  behind: 'wait',
  failing: 'warn',
  broken: 'bad',
  closed: 'bad',
  paused: 'off',
  'no grant': 'off',
};

function ChannelState({ channel: { state } }: { readonly channel: Channel }): JSX.Element {
  const t = useMessages().channels;
  return <St kind={STATES[state]}>{t.states[state]}</St>;
}

/** The channels to the members that the person may see. */
export const channelsPage: ConsolePage = {
  path: '/channels',
  title: (m) => m.channels.channels,
  nav: 'Network',
  needs: 'listChannels',
  show: async ({ ask, query }) => (
    <ChannelsView page={await ask('listChannels', { query: { limit: String(MOST), after: query('after') } })} />
  ),
}; // prettier-ignore

function ChannelsView({ page }: { readonly page: Channels }): JSX.Element {
  const messages = useMessages();
  const { channels: t, words } = messages;
  const refused = page.items.filter(({ dead_letters: dead }) => dead.length > 0);
  return (
    <Screen title={t.channels} refreshes note={t.aChannelDeliversA}>
      {refused.length === 0 ? undefined : (
        <State kind="warn">
          <strong>{t.channelWithDeadLetters(refused.length)}</strong> {t.theirReceiversRefusedObjects}
        </State>
      )}
      <Block title={t.channels} raw foot={nextPage(CHANNELS, page, messages)}>
        {page.items.length === 0 ? (
          <Empty title={t.noChannelsYet}>{t.createOneWithMembers(<code>talanoa channel create</code>)}</Empty>
        ) : (
          <Table
            caption={t.channels}
            columns={[
              { title: t.channel },
              { title: t.state, bare: true },
              { title: t.collection },
              { title: t.waiting, class: 'num' },
              { title: t.deadLetters, class: 'num' },
              { title: t.lastSuccess, class: 'nw' },
            ]}
            rows={page.items.map((channel) => ({
              key: channel.name,
              cells: [
                <>
                  <a href={channelPath(channel.name)}>{channel.name}</a>
                  <Sub>{t.to(t.kinds[channel.kind], channel.member)}</Sub>
                </>,
                <ChannelState channel={channel} />,
                channel.collection,
                `${words.count(channel.waiting)}${channel.more ? '+' : ''}`,
                words.count(channel.dead_letters.length),
                channel.last_ok === undefined ? '–' : <Time at={channel.last_ok} />,
              ],
            }))}
          />
        )}
      </Block>
    </Screen>
  );
}

function channelOf({ ask, path }: PageContext): Promise<Channel> {
  return ask('getChannel', { parameters: { channel: path['channel'] ?? '' } });
}

/** One channel: its queue, its failures, and its dead letters. */
export const channelPage: ConsolePage = {
  path: '/channels/:channel',
  title: (m) => m.channels.channel,
  needs: 'getChannel',
  show: async (context) => (
    <ChannelView
      channel={await channelOf(context)}
      canChange={context.permits('pauseChannel')}
      said={textFor(context.messages.channels.done, context.query('done'))}
    />
  ),
};

function ChannelView({
  channel,
  canChange,
  said,
}: {
  readonly channel: Channel;
  readonly canChange: boolean;
  readonly said: string | undefined;
}): JSX.Element {
  const { channels: t, words } = useMessages();
  const path = channelPath(channel.name);
  const dead = channel.dead_letters;
  return (
    <Screen
      title={channel.name}
      crumb={[CHANNELS, t.channels]}
      note={<ChannelState channel={channel} />}
    >
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {channel.problem === undefined ? undefined : (
        <State kind="bad">
          <strong>{channel.problem}</strong>
        </State>
      )}
      {channel.last_error === undefined ? undefined : (
        <State kind={STATES[channel.state] === 'bad' ? 'bad' : 'warn'}>
          <strong>{channel.last_error}</strong>{' '}
          {channel.next_try === undefined ? '' : <>{t.nextAttemptNothingIs(<Time at={channel.next_try} />)}</>}
        </State>
      )}
      {canChange ? (
        <Acts>
          {channel.paused === undefined ? (
            <Btn href={`${path}/pause`}>{t.pause}</Btn>
          ) : (
            <Btn href={`${path}/resume`}>{t.resume}</Btn>
          )}
          <Btn href={`${path}/replay`}>{t.sendObjectsAgain}</Btn>
        </Acts>
      ) : undefined}
      <Soundings
        items={[
          { title: t.waiting, value: `${words.count(channel.waiting)}${channel.more ? '+' : ''}`, note: t.objects },
          { title: t.delivered, value: words.count(channel.delivered), note: t.objectsInTotal },
          { title: t.deadLetters, value: words.count(dead.length), note: t.refusedPermanently },
        ]}
      />
      <Two left={<DeadLetters channel={channel} canChange={canChange} />} right={<ChannelFacts channel={channel} />} />
    </Screen>
  ); // prettier-ignore
}

function DeadLetters({ channel, canChange }: { readonly channel: Channel; readonly canChange: boolean }): JSX.Element {
  const t = useMessages().channels;
  const dead = channel.dead_letters;
  return (
    <Block title={t.deadLetters} raw aside={<p>{t.objectCount(dead.length)}</p>}>
      {dead.length === 0 ? (
        <Empty title={t.nothingWasRefused}>{t.objectsThatTheReceiver}</Empty>
      ) : (
        <Table
          caption={t.objectsThatTheReceiverRefused}
          columns={[{ title: t.object }, { title: t.response }, { title: t.time, class: 'nw' }]}
          rows={dead.map(({ id, version, at, message }) => ({
            key: `${id} ${version ?? ''}`,
            cells: [<a href={objectPath(id)}>{id}</a>, message, <Time at={at} />],
          }))}
        />
      )}
      {dead.length > 0 && canChange ? (
        <div class="in">
          <Acts>
            <Btn href={`${channelPath(channel.name)}/dead-letters`}>{t.decideOnThem}</Btn>
          </Acts>
        </div>
      ) : undefined}
    </Block>
  );
} // prettier-ignore

function ChannelFacts({ channel }: { readonly channel: Channel }): JSX.Element {
  const t = useMessages().channels;
  const time = (at: string | undefined): JSX.Element | undefined => (at === undefined ? undefined : <Time at={at} />);
  return (
    <Block title={t.facts}>
      <Facts
        items={[
          [t.kind, t.kinds[channel.kind]],
          [t.member, channel.member],
          [t.address, channel.url],
          [t.collection, channel.collection],
          [t.lastSuccess, time(channel.last_ok)],
          [t.waitingSince, time(channel.waiting_since)],
          [t.digest, channel.every],
          [t.nextDigest, time(channel.next_digest)],
          [t.pausedBy, channel.paused?.by],
          [t.reason, channel.paused?.reason],
          [t.managedBy, channel.managed === 'file' ? t.theSettingsOfThe : t.theApi],
        ]}
      />
    </Block>
  );
} // prettier-ignore

/** Pausing a channel, with a reason. */
export const pauseChannelPage: ConsolePage = {
  path: '/channels/:channel/pause',
  title: (m) => m.channels.pauseAChannel,
  needs: 'pauseChannel',
  show: async (context, form) => {
    const t = context.messages.channels;
    const { name } = await channelOf(context);
    return (
      <Question title={t.pauseNamed(name)} above={[channelPath(name), name]} form={form} action={t.pauseTheChannel} keep={t.keepItRunning}>
        <div class="in">
          <p>{t.theHubSendsNothing}</p>
          <Field name="reason" label={t.reasonOptional}>
            {(described) => <input {...described} maxLength={300} value={form.field('reason') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const { name } = await channelOf(context);
    const reason = form.field('reason');
    const body = reason === undefined ? {} : { reason };
    await context.ask('pauseChannel', { parameters: { channel: name }, body });
    return `${channelPath(name)}?done=paused`;
  },
}; // prettier-ignore

/** Resuming a channel. */
export const resumeChannelPage: ConsolePage = {
  path: '/channels/:channel/resume',
  title: (m) => m.channels.resumeAChannel,
  needs: 'resumeChannel',
  show: async (context, form) => {
    const t = context.messages.channels;
    const { name } = await channelOf(context);
    return (
      <Question title={t.resumeNamed(name)} above={[channelPath(name), name]} form={form} action={t.resumeTheChannel} keep={t.leaveItPaused}>
        <div class="in">
          <p>{t.theHubSendsAll}</p>
        </div>
      </Question>
    );
  },
  act: async (context) => {
    const { name } = await channelOf(context);
    await context.ask('resumeChannel', { parameters: { channel: name } });
    return `${channelPath(name)}?done=resumed`;
  },
}; // prettier-ignore

/** Sending objects again since a day. */
export const replayChannelPage: ConsolePage = {
  path: '/channels/:channel/replay',
  title: (m) => m.channels.sendObjectsAgain,
  needs: 'replayChannel',
  show: async (context, form) => {
    const t = context.messages.channels;
    const { name } = await channelOf(context);
    return (
      <Question title={t.sendObjectsAgain} above={[channelPath(name), name]} form={form} action={t.sendThemAgain} keep={t.sendNothingAgain}>
        <div class="in">
          <p>{t.theChannelStartsAgain}</p>
          <Field name="since" label={t.since} hint={t.aDayInUtc}>
            {(described) => <input {...described} type="date" value={form.field('since') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const t = context.messages.channels;
    const since = form.field('since') ?? '';
    if (!/^\d{4}-\d\d-\d\d$/.test(since))
      throw webErrors.invalidInput({ description: t.enterADaySuch });
    const { name } = await channelOf(context);
    await context.ask('replayChannel', { parameters: { channel: name }, body: { since: `${since}T00:00:00Z` } });
    return `${channelPath(name)}?done=replayed`;
  },
}; // prettier-ignore

/** Deciding on all dead letters of a channel. */
export const deadLettersPage: ConsolePage = {
  path: '/channels/:channel/dead-letters',
  title: (m) => m.channels.deadLetters,
  needs: 'resolveDeadLetters',
  show: async (context, form) => {
    const t = context.messages.channels;
    const { name, dead_letters: dead } = await channelOf(context);
    return (
      <Question title={t.deadLetterCount(dead.length)} above={[channelPath(name), name]} form={form} action={t.applyToObject(dead.length)} keep={t.leaveThemInThe}>
        <>
          <List items={dead.slice(0, 20).map(({ id, version, message }) => ({ key: `${id} ${version ?? ''}`, kind: 'bad', text: id, note: message }))} />
          <div class="in">
            <Field name="way" label={t.whatShouldHappen}>
              {(described) => (
                <Select
                  described={described}
                  options={[
                    ['send', t.sendThemAgainThe],
                    ['clear', t.clearThemFromThe],
                  ]}
                  value={form.field('way') ?? 'send'}
                />
              )}
            </Field>
          </div>
        </>
      </Question>
    );
  },
  act: async (context, form) => {
    const t = context.messages.channels;
    const way = (['send', 'clear'] as const).find((one) => one === form.field('way'));
    if (way === undefined) throw webErrors.invalidInput({ description: t.chooseWhatShouldHappen });
    const { name } = await channelOf(context);
    await context.ask('resolveDeadLetters', { parameters: { channel: name }, body: { way } });
    return `${channelPath(name)}?done=${way}`;
  },
}; // prettier-ignore
