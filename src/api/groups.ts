import type { GroupService } from '../access/group-service.ts';
import type { Dates } from '../access/snapshot.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** Groups of members. */
export function groupOperations(groups: GroupService): readonly Operation[] {
  const tag = 'Groups';
  return [
    {
      method: 'GET', path: '/groups', name: 'listGroups', summary: 'Groups: all for the hub, those that it is in for a member', tag, status: 200, answer: 'groups', query: PAGING,
      run: async (call) => pageOf(await groups.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'POST', path: '/groups', name: 'createGroup', summary: 'Make a group', tag, status: 201, body: 'api/group-request.json', answer: 'group', idempotent: true,
      run: async ({ actor, body }) => ({ body: await groups.add(actor, body as { name: string; title?: string; listed?: boolean }) }),
    },
    {
      method: 'GET', path: '/groups/:group', name: 'getGroup', summary: 'One group', tag, status: 200, answer: 'group',
      run: async ({ actor, parameters }) => ({ body: await groups.get(actor, parameters['group'] ?? '') }),
    },
    {
      method: 'PUT', path: '/groups/:group/members/:member', name: 'joinGroup', summary: 'Put a member into a group, for good or between two dates', tag, status: 200, body: 'api/group-membership.json', answer: 'group', dangerous: true,
      run: async ({ actor, parameters, body }) => ({ body: await groups.join(actor, parameters['group'] ?? '', parameters['member'] ?? '', body as Dates) }),
    },
    {
      method: 'DELETE', path: '/groups/:group/members/:member', name: 'leaveGroup', summary: 'Take a member out of a group; told with what it has read already', tag, status: 200, answer: 'left_group', dangerous: true,
      run: async ({ actor, parameters }) => ({ body: await groups.leave(actor, parameters['group'] ?? '', parameters['member'] ?? '') }),
    },
  ]; // prettier-ignore
}
