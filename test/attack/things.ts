import { randomUUID } from 'node:crypto';
import { indicator, items, MACHINE, OFFICER, SHARED, type Answer, type Member, type Site } from './site.ts';

/** Returns a name that resembles no other name, so that no response suggests one. */
const fresh = (word: string): string => `${word}-${randomUUID()}`;
const made = (what: string, answer: Answer, field = 'id'): string => {
  const id = answer.body[field];
  if (answer.status >= 300 || typeof id !== 'string')
    throw new Error(`${what} was not created: ${answer.status} ${answer.text.slice(0, 300)}`);
  return id;
};

/** The fields of a contact that its member shows to the hub alone. */
export const CONTACT = {
  label: 'Duty desk',
  purposes: ['incident'],
  time_zone: 'Pacific/Tongatapu',
  phones: [{ number: '+676 23 142', kind: 'duty', visibility: 'hub' }],
};

export const PASSWORD = 'password of reef walkers';

export type Thing =
  | 'account'
  | 'person'
  | 'key'
  | 'session'
  | 'member'
  | 'claim'
  | 'request'
  | 'contact'
  | 'contact-change'
  | 'exercise'
  | 'group'
  | 'held'
  | 'red'
  | 'object'
  | 'share'
  | 'channel'
  | 'list'
  | 'suppression';

/** Creates one resource of each kind for a member, in the way that its accounts would. */
export const THINGS: Readonly<Record<Thing, (s: Site, of: Member) => Promise<string>>> = {
  account: async (s: Site, of: Member) =>
    made('account', await s.api('chief', 'POST', '/accounts', { name: fresh('gauge'), role: 'machine', member: of }), 'name'),
  person: (_s: Site, of: Member) => Promise.resolve<string>(OFFICER[of]),
  key: async (s: Site, of: Member) =>
    made('key', await s.api('chief', 'POST', '/keys', { account: await THINGS.account(s, of) })),
  session: async (s: Site, of: Member) => {
    const account = fresh('walker');
    made('account', await s.api('chief', 'POST', '/accounts', { name: account, role: 'officer', member: of, person: true, password: PASSWORD }), 'name');
    return made('session', await s.api(undefined, 'POST', '/sessions', { account, password: PASSWORD }, { 'Sec-Fetch-Site': 'same-origin' }));
  },
  member: (_s: Site, of: Member) => Promise.resolve<string>(of),
  claim: async (s: Site, of: Member) =>
    made('claim', await s.api(OFFICER[of], 'POST', `/members/${of}/claims`, { type: 'domain', value: `${fresh('agency')}.example` })),
  request: async (s: Site, of: Member) => {
    // Only a few requests may be open at a time.
    for (const { id } of items(await s.api('chief', 'GET', '/requests?limit=1000')))
      await s.api('chief', 'POST', `/requests/${String(id)}/decision`, { verdict: 'refused' });
    return made('request', await s.api(OFFICER[of], 'POST', `/members/${of}/requests`, { title: fresh('Title') }));
  },
  contact: async (s: Site, of: Member) =>
    made('contact', await s.api('chief', 'POST', `/members/${of}/contact-changes`, { fields: { ...CONTACT, label: fresh('Desk') } }), 'contact'),
  'contact-change': async (s: Site, of: Member) => {
    // Only a few changes may wait at a time.
    for (const { id } of items(await s.api('chief', 'GET', '/contact-changes?state=pending&limit=1000')))
      await s.api('chief', 'POST', `/contact-changes/${String(id)}/decision`, { verdict: 'decline' });
    return made('change', await s.api(OFFICER[of], 'POST', `/members/${of}/contact-changes`, { fields: { ...CONTACT, label: fresh('Desk') } }));
  },
  exercise: async (s: Site, of: Member) =>
    made('exercise', await s.api('chief', 'POST', '/exercises', { title: fresh('Exercise'), members: [of] })),
  list: async (s: Site, of: Member) =>
    made('list', await s.api(OFFICER[of], 'POST', '/lists', { name: fresh(`${of}-list`), collections: ['shared'], format: 'edl-ip' }), 'name'),
  group: async (s: Site, of: Member) => {
    const name = made('group', await s.api('chief', 'POST', '/groups', { name: fresh('group') }), 'name');
    await s.api('chief', 'PUT', `/groups/${name}/members/${of}`, {});
    return name;
  },
  held: async (s: Site, of: Member) => {
    const object = indicator('red');
    await s.post(MACHINE[of], SHARED, object);
    const found = items(await s.api(MACHINE[of], 'GET', '/held?limit=1000')).find((one) => (one['object'] ?? one['object_id'] ?? one['objectId']) === object['id']);
    const id = found?.['id'];
    if (typeof id !== 'string') throw new Error('no object is on hold');
    return id;
  },
  red: async (s: Site, of: Member) =>
    made('red', await s.api(OFFICER[of], 'POST', '/red', { object: indicator('red'), to: ['watch'] })),
  object: async (s: Site, of: Member) => {
    const object = indicator('amber+strict');
    await s.post(MACHINE[of], of === 'tonga' ? 'tongan' : 'fijian', object);
    return String(object['id']);
  },
  share: async (s: Site, of: Member) =>
    made('share', await s.api('watch', 'POST', `/objects/${await THINGS.object(s, of)}/shares`, { members: ['samoa'] })),
  suppression: async (s: Site, of: Member) => {
    const values = [`${fresh('www')}.gov.${of === 'tonga' ? 'to' : 'fj'}`];
    const answer = await s.api(OFFICER[of], 'POST', '/suppressions', { values, reason: 'the site of a ministry' });
    return String(items(answer)[0]?.['id']);
  },
  channel: async (s: Site, of: Member) =>
    made('channel', await s.api('chief', 'POST', '/channels', { name: fresh('channel'), member: of, kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }), 'name'),
}; // prettier-ignore

/** An id of the same form that does not exist. */
export function unknown(thing: Thing, like: string): string {
  if (thing === 'object') return `indicator--${randomUUID()}`;
  if (/^[0-9a-f]{8}-/.test(like)) return randomUUID();
  if (thing === 'key' || thing === 'session')
    return like.replaceAll(/[A-Za-z0-9]/g, (c) => (/[0-9]/.test(c) ? '0' : 'a'));
  return fresh(thing === 'account' || thing === 'person' ? 'gauge' : thing);
}
