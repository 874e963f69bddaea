import type { ChannelAdmin } from './service.ts';
import { operation, type Operation, pageOf, PAGING } from '../../access/operation.ts';

const tag = 'Channels';

/** Operations on channels, through which the hub sends objects to members. */
export function channelOperations(channels: ChannelAdmin): readonly Operation[] {
  return [...recordOperations(channels), ...sendingOperations(channels)];
}

/** Operations on the channels themselves. */
function recordOperations(channels: ChannelAdmin): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/channels',
      name: 'listChannels',
      summary: 'List channels and their progress, for the members that the caller may see',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'channels',
      query: PAGING,
      run: async (call) => pageOf(await channels.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'POST',
      path: '/channels',
      name: 'createChannel',
      summary:
        'Create a channel that sends a collection to a member by TAXII push, signed webhook or ' +
        'email, from its beginning',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/channel-request.json',
      answer: 'channel',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => ({ body: await channels.create(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/channels/:channel',
      name: 'getChannel',
      summary: 'Get a channel',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'channel',
      run: async ({ actor, parameters }) => ({ body: await channels.get(actor, parameters.channel) }),
    }),
    operation({
      method: 'DELETE',
      path: '/channels/:channel',
      name: 'deleteChannel',
      summary: 'Delete a channel',
      tag,
      permission: 'hub.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters }) => {
        await channels.delete(actor, parameters.channel);
        return {};
      },
    }),
  ];
}

/** Operations on what a channel sends, and when. */
function sendingOperations(channels: ChannelAdmin): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/channels/:channel/pause',
      name: 'pauseChannel',
      summary: 'Pause a channel',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/feed-pause.json',
      answer: 'channel',
      run: async ({ actor, parameters, body }) => ({
        body: await channels.pause(actor, parameters.channel, true, body.reason),
      }),
    }),
    operation({
      method: 'POST',
      path: '/channels/:channel/resumption',
      name: 'resumeChannel',
      summary: 'Resume a channel',
      tag,
      permission: 'hub.write',
      status: 200,
      answer: 'channel',
      run: async ({ actor, parameters }) => ({
        body: await channels.pause(actor, parameters.channel, false),
      }),
    }),
    operation({
      method: 'POST',
      path: '/channels/:channel/replay',
      name: 'replayChannel',
      summary: 'Send objects again that were added since a time',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/channel-replay.json',
      answer: 'channel',
      run: async ({ actor, parameters, body }) => ({
        body: await channels.replay(actor, parameters.channel, body.since),
      }),
    }),
    operation({
      method: 'POST',
      path: '/channels/:channel/dead-letters',
      name: 'resolveDeadLetters',
      summary: 'Send dead letters again, or clear them from the list',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/dead-letters-request.json',
      answer: 'channel',
      run: async ({ actor, parameters, body }) => ({
        body: await channels.settle(actor, parameters.channel, body.way, body.objects),
      }),
    }),
  ];
}
