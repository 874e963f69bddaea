import type { ClaimService } from './claim-service.ts';
import type { MemberService } from './member-service.ts';
import type { RequestService } from './request-service.ts';
import type { DelegationService } from './delegation-service.ts';
import { operation, type Operation, pageOf, PAGING, NAME } from '../access/operation.ts';

export interface MemberServices {
  readonly members: MemberService;
  readonly claims: ClaimService;
  readonly requests: RequestService;
  readonly delegations: DelegationService;
  /** The URL at which others reach the hub. */
  readonly url: () => string;
}

const tag = 'Members';

/** Operations on members, their claims and requests, and on registry data. */
export function memberOperations(services: MemberServices): readonly Operation[] {
  return [
    ...readingOperations(services.members),
    ...changingOperations(services.members),
    ...claimOperations(services.claims),
    ...askingOperations(services.requests),
    ...requestOperations(services.requests, services.url),
    ...delegationOperations(services.delegations),
  ];
}

/** Operations that show members. */
function readingOperations(members: MemberService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/members',
      name: 'listMembers',
      summary: 'List the members that the caller may see, with their claims',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'members',
      query: PAGING,
      run: async (call) => pageOf(await members.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'GET',
      path: '/members/:member',
      name: 'getMember',
      summary: 'Get a member',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'member',
      run: async ({ actor, parameters }) => {
        const found = await members.get(actor, parameters.member);
        return { body: found, revision: found.revision };
      },
    }),
  ];
}

/** Operations that create and update members. */
function changingOperations(members: MemberService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/members',
      name: 'createMember',
      summary: 'Create a member with its own collection',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/member-request.json',
      answer: 'member',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => {
        const made = await members.create(actor, body);
        return { body: made, revision: made.revision };
      },
    }),
    operation({
      method: 'PATCH',
      path: '/members/:member',
      name: 'updateMember',
      summary: 'Update a member; a member that is no longer active loses access at once',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/member-change.json',
      answer: 'member',
      dangerous: true,
      run: async ({ actor, parameters, body, revision }) => {
        const changed = await members.update(actor, parameters.member, body, revision);
        return { body: changed, revision: changed.revision };
      },
    }),
  ];
}

/** Operations on what members claim as theirs. */
function claimOperations(claims: ClaimService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/claims',
      name: 'listClaims',
      summary: 'List claims, newest first',
      tag,
      permission: 'member.read',
      status: 200,
      answer: 'claims',
      query: [
        {
          name: 'member',
          description: 'Only claims of this member.',
          schema: NAME,
        },
      ],
      run: async ({ actor, query }) => ({ body: { items: await claims.list(actor, query.member) } }),
    }),
    operation({
      method: 'POST',
      path: '/members/:member/claims',
      name: 'createClaim',
      summary:
        'Submit a claim: a network, domain, AS, country, sector or brand; it affects routing ' +
        'after an administrator has verified it',
      tag,
      permission: 'member.claim',
      status: 201,
      body: 'api/claim-request.json',
      answer: 'claim',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: await claims.create(actor, parameters.member, body),
      }),
    }),
    operation({
      method: 'POST',
      path: '/claims/:claim/decision',
      name: 'decideClaim',
      summary: 'Verify or reject a claim',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/claim-decision.json',
      answer: 'claim',
      dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body;
        return { body: await claims.decide(actor, parameters.claim, verdict, note) };
      },
    }),
  ];
}

/** Operations with which organisations register and members request a change. */
function askingOperations(requests: RequestService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/registrations',
      name: 'registerMember',
      summary: 'Register as a new member; no account is needed',
      tag,
      permission: 'public',
      status: 201,
      body: 'api/registration.json',
      answer: 'asked',
      run: async ({ actor, body, http }) => ({
        body: await requests.register(actor, body, http.from.address),
      }),
    }),
    operation({
      method: 'POST',
      path: '/members/:member/requests',
      name: 'requestChange',
      summary: 'Request a change of your own member; nothing changes until it is approved',
      tag,
      permission: 'member.claim',
      status: 201,
      body: 'api/member-self-change.json',
      answer: 'asked',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: await requests.ask(actor, parameters.member, body),
      }),
    }),
  ];
}

/** Operations on what was requested. */
function requestOperations(requests: RequestService, url: () => string): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/requests',
      name: 'listRequests',
      summary: 'List registrations and change requests: all of them for the hub, their own for members',
      tag,
      permission: 'member.request.read',
      status: 200,
      answer: 'asked_list',
      query: PAGING,
      run: async (call) => pageOf(await requests.list(call.actor), ({ id }) => id, call),
    }),
    operation({
      method: 'POST',
      path: '/requests/:request/decision',
      name: 'decideRequest',
      summary: 'Approve or reject a registration or a change request',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/request-decision.json',
      answer: 'asked',
      dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body;
        const { link, ...decided } = await requests.decide(actor, parameters.request, verdict, note);
        return { body: { ...decided, ...(link === undefined ? {} : { link: `${url()}${link}` }) } };
      },
    }),
  ];
}

/** Operations on registry data. */
function delegationOperations(delegations: DelegationService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/delegations',
      name: 'importDelegations',
      summary: 'Read the delegation statistics of a registry; without apply=yes nothing changes',
      tag,
      permission: 'hub.write',
      status: 200,
      answer: 'delegations',
      raw: true,
      dangerous: true,
      query: [
        {
          name: 'apply',
          description: 'yes: use the delegations for routing.',
          schema: { type: 'string', enum: ['yes'] },
        },
      ],
      run: async ({ actor, query, http }) => ({
        body: await delegations.read(actor, http.body, query.apply === 'yes'),
      }),
    }),
  ];
}
