import { NAME, operation, pageOf, PAGING, type Operation } from '../../access/operation.ts';
import type { Contact, ContactChange } from '../../api/schema-types.ts';
import { PURPOSES } from './model.ts';
import type { Contacts } from './service.ts';

const tag = 'Contacts';
/** The last time that a date can have, in milliseconds since 1970. */
const LAST = 8_640_000_000_000_000;

/** Operations on the contacts of members and of the hub. */
export function contactOperations(contacts: Contacts): readonly Operation[] {
  return [...readingOperations(contacts), ...historyOperations(contacts), ...changingOperations(contacts)];
}

function readingOperations(contacts: Contacts): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/contacts',
      name: 'listContacts',
      summary: 'List contacts with the fields that the caller may see, in the order of calling',
      tag,
      permission: 'contact.read',
      status: 200,
      answer: 'contacts',
      query: [
        {
          name: 'member',
          description: 'Only contacts of this member. Use "hub" for those of the hub.',
          schema: NAME,
        },
        {
          name: 'purpose',
          description: `Contacts with this purpose only: ${PURPOSES.join(', ')}.`,
          schema: { type: 'string', enum: PURPOSES },
        },
        {
          name: 'open',
          description: 'yes: contacts who can be reached now.',
          schema: { type: 'string', enum: ['yes'] },
        },
        ...PAGING,
      ],
      run: async (call) => {
        const { member, purpose, open } = call.query;
        const found = await contacts.list(call.actor, { member, purpose, isOpen: open === 'yes' });
        return pageOf(found, placeOf, call);
      },
    }),
    operation({
      method: 'GET',
      path: '/contacts/:contact',
      name: 'getContact',
      summary: 'Get a contact with the fields that the caller may see',
      tag,
      permission: 'contact.read',
      status: 200,
      answer: 'contact',
      run: async ({ actor, parameters }) => {
        const found = await contacts.get(actor, parameters.contact);
        return { body: found, revision: found.revision };
      },
    }),
  ];
}

function historyOperations(contacts: Contacts): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/contact-changes',
      name: 'listContactChanges',
      summary: 'List requested and decided changes of contacts, newest first',
      tag,
      permission: 'contact.history',
      status: 200,
      answer: 'contact_changes',
      query: [
        {
          name: 'contact',
          description: 'Changes of this contact only.',
          schema: { type: 'string', pattern: '^[0-9a-f-]{36}$' },
        },
        {
          name: 'state',
          description: 'Changes in this state only: pending, applied or declined.',
          schema: { type: 'string', enum: ['pending', 'applied', 'declined'] },
        },
        ...PAGING,
      ],
      run: async (call) => {
        const { contact, state } = call.query;
        const found = await contacts.changes(call.actor, { contact, state });
        // Newest first: the page begins with the latest time.
        return pageOf(found, newestFirst, call);
      },
    }),
  ];
}

function changingOperations(contacts: Contacts): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/members/:member/contact-changes',
      name: 'requestContactChange',
      summary:
        'Request to create, change or remove a contact of a member; ' +
        'it comes into force after a decision of the hub',
      tag,
      permission: 'contact.write',
      status: 201,
      body: 'api/contact-request.json',
      answer: 'contact_change',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: await contacts.change(actor, parameters.member, body),
      }),
    }),
    operation({
      method: 'POST',
      path: '/contact-changes/:change/decision',
      name: 'decideContactChange',
      summary: 'Accept a requested change of a contact, or some of its fields, or decline it',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/contact-decision.json',
      answer: 'contact_change',
      run: async ({ actor, parameters, body }) => ({
        body: await contacts.decide(actor, parameters.change, body),
      }),
    }),
    operation({
      method: 'POST',
      path: '/contacts/:contact/verification',
      name: 'verifyContact',
      summary: 'Record that the hub reached a contact as it is written',
      tag,
      permission: 'hub.read',
      status: 200,
      body: 'api/contact-verification.json',
      answer: 'contact',
      run: async ({ actor, parameters, body, revision }) => ({
        body: await contacts.verify(actor, parameters.contact, body, revision),
      }),
    }),
  ];
}

/** The place of a contact in lists: the hub first, then by the titles of members, in the order of calling. */
function placeOf({ id, member, team, order }: Contact): string {
  return [member === 'hub' ? 0 : 1, team.slice(0, 60), String(order).padStart(2, '0'), id].join('\n');
}

/** The place of a change in lists. A later time has a smaller text. */
function newestFirst({ id, at }: ContactChange): string {
  return `${String(LAST - Date.parse(at)).padStart(16, '0')} ${id}`;
}
