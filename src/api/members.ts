import type { MemberService } from '../access/member-service.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** Members. They are declared in the settings file. */
export function memberOperations(members: MemberService): readonly Operation[] {
  const tag = 'Members';
  return [
    {
      method: 'GET', path: '/members', name: 'listMembers', summary: 'Members that the caller may see, with what they claim', tag, status: 200,
      answer: 'members', query: PAGING,
      run: async (call) => pageOf(await members.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'GET', path: '/members/:member', name: 'getMember', summary: 'One member', tag, status: 200, answer: 'member',
      run: async ({ actor, parameters }) => ({ body: await members.get(actor, parameters['member'] ?? '') }),
    },
  ]; // prettier-ignore
}
