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
import { count, counted, textFor } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { nextPage } from './next-page.tsx';
import { Question } from './question.tsx';
import { objectPath } from './object-state.tsx';
import { Time } from '../../shared/times.tsx';

const CHANNELS = '/console/channels';
const MOST = 50;

type Channel = Channels['items'][number];

function channelPath(name: string): string {
  return `${CHANNELS}/${encodeURIComponent(name)}`;
}

const STATES: Readonly<Record<Channel['state'], readonly [kind: StateKind, text: string]>> = {
  current: ['ok', 'Has everything'],
  behind: ['wait', 'Behind'],
  failing: ['warn', 'Failing, retrying'],
  broken: ['bad', 'Failing for a day'],
  closed: ['bad', 'The receiver refuses the hub'],
  paused: ['off', 'Paused'],
  'no grant': ['off', 'No access'],
};

const KINDS: Readonly<Record<Channel['kind'], string>> = {
  taxii: 'TAXII push',
  webhook: 'Webhook',
  mail: 'Email',
};

function ChannelState({ channel: { state } }: { readonly channel: Channel }): JSX.Element {
  return <St kind={STATES[state][0]}>{STATES[state][1]}</St>;
}

/** The channels to the members that the person may see. */
export const channelsPage: ConsolePage = {
  path: '/channels',
  title: 'Channels',
  nav: 'Network',
  needs: 'listChannels',
  show: async ({ ask, query }) => (
    <ChannelsView page={await ask('listChannels', { query: { limit: String(MOST), after: query('after') } })} />
  ),
}; // prettier-ignore

function ChannelsView({ page }: { readonly page: Channels }): JSX.Element {
  const refused = page.items.filter(({ dead_letters: dead }) => dead.length > 0);
  return (
    <Screen title="Channels" note="A channel delivers a collection to an address of a member.">
      {refused.length === 0 ? undefined : (
        <State kind="warn">
          <strong>{`${counted(refused.length, 'channel')} with dead letters.`}</strong> Their receivers
          refused objects permanently. Everything else is delivered.
        </State>
      )}
      <Block title="Channels" raw foot={nextPage(CHANNELS, page)}>
        {page.items.length === 0 ? (
          <Empty title="No channels yet">
            Create one with <code>talanoa channel create</code>. Members can also fetch objects themselves.
          </Empty>
        ) : (
          <Table
            caption="Channels"
            columns={[
              { title: 'Channel' },
              { title: 'State', bare: true },
              { title: 'Collection' },
              { title: 'Waiting', class: 'num' },
              { title: 'Dead letters', class: 'num' },
              { title: 'Last success', class: 'nw' },
            ]}
            rows={page.items.map((channel) => ({
              key: channel.name,
              cells: [
                <>
                  <a href={channelPath(channel.name)}>{channel.name}</a>
                  <Sub>{`${KINDS[channel.kind]} to ${channel.member}`}</Sub>
                </>,
                <ChannelState channel={channel} />,
                channel.collection,
                `${count(channel.waiting)}${channel.more ? '+' : ''}`,
                count(channel.dead_letters.length),
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

const DONE: Readonly<Record<string, string>> = {
  paused: 'The channel is paused. Objects wait until somebody resumes it.',
  resumed: 'The channel is resumed. The waiting objects are sent now.',
  replayed: 'The objects since that day are sent again. The receiver gets some of them a second time.',
  send: 'The dead letters are sent again.',
  clear: 'The dead letters were removed from the list.',
};

/** One channel: its queue, its failures, and its dead letters. */
export const channelPage: ConsolePage = {
  path: '/channels/:channel',
  title: 'Channel',
  needs: 'getChannel',
  show: async (context) => (
    <ChannelView
      channel={await channelOf(context)}
      canChange={context.permits('pauseChannel')}
      said={textFor(DONE, context.query('done'))}
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
  const path = channelPath(channel.name);
  const dead = channel.dead_letters;
  return (
    <Screen
      title={channel.name}
      crumb={[CHANNELS, 'Channels']}
      note={<ChannelState channel={channel} />}
    >
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {channel.last_error === undefined ? undefined : (
        <State kind={STATES[channel.state][0] === 'bad' ? 'bad' : 'warn'}>
          <strong>{channel.last_error}</strong>{' '}
          {channel.next_try === undefined ? '' : <>Next attempt: <Time at={channel.next_try} />. Nothing is lost.</>}
        </State>
      )}
      {canChange ? (
        <Acts>
          {channel.paused === undefined ? (
            <Btn href={`${path}/pause`}>Pause</Btn>
          ) : (
            <Btn href={`${path}/resume`}>Resume</Btn>
          )}
          <Btn href={`${path}/replay`}>Send objects again</Btn>
        </Acts>
      ) : undefined}
      <Soundings
        items={[
          { title: 'Waiting', value: `${count(channel.waiting)}${channel.more ? '+' : ''}`, note: 'objects' },
          { title: 'Delivered', value: count(channel.delivered), note: 'objects in total' },
          { title: 'Dead letters', value: count(dead.length), note: 'refused permanently' },
        ]}
      />
      <Two left={<DeadLetters channel={channel} canChange={canChange} />} right={<ChannelFacts channel={channel} />} />
    </Screen>
  ); // prettier-ignore
}

function DeadLetters({ channel, canChange }: { readonly channel: Channel; readonly canChange: boolean }): JSX.Element {
  const dead = channel.dead_letters;
  return (
    <Block title="Dead letters" raw aside={<p>{counted(dead.length, 'object')}</p>}>
      {dead.length === 0 ? (
        <Empty title="Nothing was refused">Objects that the receiver refuses permanently appear here.</Empty>
      ) : (
        <Table
          caption="Objects that the receiver refused, with its responses"
          columns={[{ title: 'Object' }, { title: 'Response' }, { title: 'Time', class: 'nw' }]}
          rows={dead.map(({ id, version, at, message }) => ({
            key: `${id} ${version ?? ''}`,
            cells: [<a href={objectPath(id)}>{id}</a>, message, <Time at={at} />],
          }))}
        />
      )}
      {dead.length > 0 && canChange ? (
        <div class="in">
          <Acts>
            <Btn href={`${channelPath(channel.name)}/dead-letters`}>Decide on them</Btn>
          </Acts>
        </div>
      ) : undefined}
    </Block>
  );
} // prettier-ignore

function ChannelFacts({ channel }: { readonly channel: Channel }): JSX.Element {
  const time = (at: string | undefined): JSX.Element | undefined => (at === undefined ? undefined : <Time at={at} />);
  return (
    <Block title="Facts">
      <Facts
        items={[
          ['Kind', KINDS[channel.kind]],
          ['Member', channel.member],
          ['Address', channel.url],
          ['Collection', channel.collection],
          ['Last success', time(channel.last_ok)],
          ['Waiting since', time(channel.waiting_since)],
          ['Digest', channel.every],
          ['Next digest', time(channel.next_digest)],
          ['Paused by', channel.paused?.by],
          ['Reason', channel.paused?.reason],
          ['Managed by', channel.managed === 'file' ? 'the settings of the hub' : 'the API'],
        ]}
      />
    </Block>
  );
} // prettier-ignore

/** Pausing a channel, with a reason. */
export const pauseChannelPage: ConsolePage = {
  path: '/channels/:channel/pause',
  title: 'Pause a channel',
  needs: 'pauseChannel',
  show: async (context, form) => {
    const { name } = await channelOf(context);
    return (
      <Question title={`Pause ${name}?`} above={[channelPath(name), name]} form={form} action="Pause the channel" keep="Keep it running">
        <div class="in">
          <p>The hub sends nothing to this address until somebody resumes the channel. Objects wait.</p>
          <Field name="reason" label="Reason (optional)">
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
  title: 'Resume a channel',
  needs: 'resumeChannel',
  show: async (context, form) => {
    const { name } = await channelOf(context);
    return (
      <Question title={`Resume ${name}?`} above={[channelPath(name), name]} form={form} action="Resume the channel" keep="Leave it paused">
        <div class="in">
          <p>The hub sends all waiting objects, in order.</p>
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
  title: 'Send objects again',
  needs: 'replayChannel',
  show: async (context, form) => {
    const { name } = await channelOf(context);
    return (
      <Question title="Send objects again" above={[channelPath(name), name]} form={form} action="Send them again" keep="Send nothing again">
        <div class="in">
          <p>The channel starts again from this day. The receiver gets objects that it has received before.</p>
          <Field name="since" label="Since" hint="A day in UTC.">
            {(described) => <input {...described} type="date" value={form.field('since') ?? ''} />}
          </Field>
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const since = form.field('since') ?? '';
    if (!/^\d{4}-\d\d-\d\d$/.test(since))
      throw webErrors.invalidInput({ description: 'Enter a day, such as 2026-11-23' });
    const { name } = await channelOf(context);
    await context.ask('replayChannel', { parameters: { channel: name }, body: { since: `${since}T00:00:00Z` } });
    return `${channelPath(name)}?done=replayed`;
  },
}; // prettier-ignore

/** Deciding on all dead letters of a channel. */
export const deadLettersPage: ConsolePage = {
  path: '/channels/:channel/dead-letters',
  title: 'Dead letters',
  needs: 'resolveDeadLetters',
  show: async (context, form) => {
    const { name, dead_letters: dead } = await channelOf(context);
    return (
      <Question title={counted(dead.length, 'dead letter')} above={[channelPath(name), name]} form={form} action={`Apply to ${counted(dead.length, 'object')}`} keep="Leave them in the list">
        <>
          <List items={dead.slice(0, 20).map(({ id, version, message }) => ({ key: `${id} ${version ?? ''}`, kind: 'bad', text: id, note: message }))} />
          <div class="in">
            <Field name="way" label="What should happen?">
              {(described) => (
                <Select
                  described={described}
                  options={[
                    ['send', 'Send them again: the receiver accepts them now'],
                    ['clear', 'Clear them from the list: the receiver will not get them'],
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
    const way = (['send', 'clear'] as const).find((one) => one === form.field('way'));
    if (way === undefined) throw webErrors.invalidInput({ description: 'Choose what should happen' });
    const { name } = await channelOf(context);
    await context.ask('resolveDeadLetters', { parameters: { channel: name }, body: { way } });
    return `${channelPath(name)}?done=${way}`;
  },
}; // prettier-ignore
