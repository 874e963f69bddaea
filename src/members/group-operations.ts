import type { GroupService } from './group-service.ts';
import { operation, type Operation, pageOf, PAGING } from '../access/operation.ts';

const tag = 'Groups';

/** Operations on groups of members. */
export function groupOperations(groups: GroupService): readonly Operation[] {
  return [...recordOperations(groups), ...membershipOperations(groups)];
}

/** Operations on the groups themselves. */
function recordOperations(groups: GroupService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/groups',
      name: 'listGroups',
      summary: 'List groups: all of them for the hub, their own for members',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'groups',
      query: PAGING,
      run: async (call) => pageOf(await groups.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'POST',
      path: '/groups',
      name: 'createGroup',
      summary: 'Create a group',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/group-request.json',
      answer: 'group',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await groups.create(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/groups/:group',
      name: 'getGroup',
      summary: 'Get a group',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'group',
      run: async ({ actor, parameters }) => ({ body: await groups.get(actor, parameters.group) }),
    }),
  ];
}

/** Operations on the members of a group. */
function membershipOperations(groups: GroupService): readonly Operation[] {
  return [
    operation({
      method: 'PUT',
      path: '/groups/:group/members/:member',
      name: 'joinGroup',
      summary: 'Add a member to a group, permanently or between two dates',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/group-membership.json',
      answer: 'group',
      dangerous: true,
      run: async ({ actor, parameters, body }) => ({
        body: await groups.join(actor, parameters.group, parameters.member, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/groups/:group/members/:member',
      name: 'leaveGroup',
      summary: 'Remove a member from a group and get what it has read',
      tag,
      permission: 'hub.write',
      status: 200,
      answer: 'left_group',
      dangerous: true,
      run: async ({ actor, parameters }) => ({
        body: await groups.leave(actor, parameters.group, parameters.member),
      }),
    }),
  ];
}
