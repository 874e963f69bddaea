import type { ClaimRequest, MemberChange, MemberRequest, MemberService } from '../access/member-service.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** Members, and what they claim. */
export function memberOperations(members: MemberService): readonly Operation[] {
  const tag = 'Members';
  return [
    {
      method: 'GET', path: '/members', name: 'listMembers', summary: 'Members that the caller may see, with what they claim', tag, status: 200,
      answer: 'members', query: PAGING,
      run: async (call) => pageOf(await members.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'POST', path: '/members', name: 'createMember', summary: 'Make a member, with a collection of its own', tag, status: 201, body: 'api/member-request.json', answer: 'member', idempotent: true, dangerous: true,
      run: async ({ actor, body }) => {
        const made = await members.add(actor, body as MemberRequest);
        return { body: made, revision: made.revision };
      },
    },
    {
      method: 'GET', path: '/members/:member', name: 'getMember', summary: 'One member', tag, status: 200, answer: 'member',
      run: async ({ actor, parameters }) => {
        const found = await members.get(actor, parameters['member'] ?? '');
        return { body: found, revision: found.revision };
      },
    },
    {
      method: 'PATCH', path: '/members/:member', name: 'changeMember', summary: 'Change a member; one that is not active any more is cut off at once', tag, status: 200, body: 'api/member-change.json', answer: 'member', dangerous: true,
      run: async ({ actor, parameters, body, revision }) => {
        const changed = await members.change(actor, parameters['member'] ?? '', body as MemberChange, revision);
        return { body: changed, revision: changed.revision };
      },
    },
    {
      method: 'GET', path: '/claims', name: 'listClaims', summary: 'What members say is their own, the newest first', tag, status: 200, answer: 'claims',
      query: [{ name: 'member', description: 'Of this member only.', schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' } }],
      run: async ({ actor, query }) => ({ body: { items: await members.claims(actor, query['member']) } }),
    },
    {
      method: 'POST', path: '/members/:member/claims', name: 'createClaim', summary: 'Say that a network, domain, AS, country, sector or brand is a member\'s; routed by once an administrator of the hub has verified it', tag, status: 201, body: 'api/claim-request.json', answer: 'claim', idempotent: true,
      run: async ({ actor, parameters, body }) => ({ body: await members.claim(actor, parameters['member'] ?? '', body as ClaimRequest) }),
    },
    {
      method: 'POST', path: '/claims/:claim/decision', name: 'decideClaim', summary: 'Verify a claim, or reject it', tag, status: 200, body: 'api/claim-decision.json', answer: 'claim', dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body as { verdict: 'verified' | 'rejected'; note?: string };
        return { body: await members.decide(actor, parameters['claim'] ?? '', verdict, note) };
      },
    },
  ]; // prettier-ignore
}
