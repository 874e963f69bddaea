// Exercises of the phone tree: the next call, the results, and who sees them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GROUPS, MEMBERS } from '../../../src/access/member-model.ts';
import { courseOf, type TreeContact } from '../../../src/members/exercises/rules.ts';
import type { Outcome } from '../../../src/members/exercises/model.ts';
import { accessServices, type AccessServices } from '../../support/access-services.ts';
import { refusal } from '../../support/refusal.ts';
import { anAccount, MAIN_ROOT } from '../../support/sharing-services.ts';

const MINUTE = 60_000;

describe('the course of a member', () => {
  const contact = (id: string, order: number, wait: number, purposes: readonly ['incident' | 'media'] = ['incident']): TreeContact => ({
    id,
    contact: { label: id, order, wait, purposes, phones: [{ number: '+67623142', kind: 'duty', visibility: 'members' }] },
  });
  const tree = [contact('second', 2, 30), contact('first', 1, 15), contact('press', 1, 1, ['media'])];
  const course = (...calls: readonly (readonly [string, number, Outcome])[]) =>
    courseOf({ started: 0, calls: calls.map(([id, minute, outcome]) => ({ member: 'tonga', contact: id, label: id, at: minute * MINUTE, outcome, by: 'x' })) }, 'tonga', tree);

  test('begins with the first contact for incidents, and continues when nobody answers', () => {
    expect(course().next).toMatchObject({ contact: { id: 'first' }, due: 0 });
    expect(course(['first', 2, 'no-answer']).next).toMatchObject({ contact: { id: 'second' }, due: 17 * MINUTE });
    expect(course(['first', 2, 'wrong-number']).next).toMatchObject({ contact: { id: 'second' }, due: 2 * MINUTE });
    expect(course(['first', 2, 'no-answer'], ['second', 20, 'no-answer'])).toMatchObject({ state: 'failed' });
    expect(course(['first', 2, 'no-answer'], ['second', 20, 'reached'])).toMatchObject({ state: 'reached', minutes: 20 });
    expect(courseOf({ started: 0, calls: [] }, 'tonga', [])).toMatchObject({ state: 'failed' });
  });
}); // prettier-ignore

describe('exercises', () => {
  let t: AccessServices;
  beforeAll(async () => {
    t = await accessServices([
      MAIN_ROOT,
      MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
      MEMBERS.insert('fiji', { title: 'CERT Fiji' }),
      MEMBERS.insert('left', { title: 'Former member', status: 'former' }),
      GROUPS.insert('circle', { members: ['fiji', 'left'] }),
      anAccount('chief', 'administrator'),
      anAccount('ana', 'analyst'),
      anAccount('moana', 'officer', 'tonga'),
      anAccount('gauge', 'machine', 'tonga'),
      anAccount('desk', 'officer', 'fiji'),
    ]);
  });
  afterAll(() => t.stop());

  const contactOf = async (member: string, number: string): Promise<string> =>
    (await t.contacts.change(await t.as('chief'), member, { fields: { label: 'Duty', purposes: ['incident'], time_zone: 'Pacific/Fiji', phones: [{ number, kind: 'duty', visibility: 'hub' }] } })).contact; // prettier-ignore

  test('measure how soon each member answers, and verify the contact that did', async () => {
    const [tonga, fiji] = [await contactOf('tonga', '+67623142'), await contactOf('fiji', '+6793314214')];
    const ana = await t.as('ana');
    const { id } = await t.exercises.create(ana, { title: 'Night' });
    t.clock.advance(6 * MINUTE);
    await t.exercises.call(ana, id, { contact: tonga, outcome: 'reached' });
    const after = await t.exercises.call(ana, id, { contact: fiji, outcome: 'wrong-number', note: 'A shop' });
    expect(after.results).toMatchObject([
      { member: 'fiji', state: 'failed', calls: [{ outcome: 'wrong-number', note: 'A shop' }] },
      { member: 'tonga', state: 'reached', minutes: 6 },
    ]);
    expect((await t.contacts.get(ana, tonga)).verification).toMatchObject({
      state: 'verified',
      method: 'call',
    });
    expect((await t.contacts.get(ana, fiji)).verification).toEqual({ state: 'unverified' });
    // Officers see the result of their own member only.
    const [own] = await t.exercises.list(await t.as('moana'));
    expect(own?.results.map(({ member }) => member)).toEqual(['tonga']);
    expect(JSON.stringify(own)).not.toMatch(/fiji|A shop|3314214/);
    expect(await t.exercises.list(await t.as('gauge'))).toEqual([]);
    await t.exercises.end(ana, id);
    await expect(t.exercises.call(ana, id, { contact: tonga, outcome: 'reached' })).rejects.toEqual(
      refusal('TLN-M-453'),
    );
    await expect(t.exercises.end(ana, id)).rejects.toEqual(refusal('TLN-M-453'));
  });

  test('take the active members of a group, and refuse others', async () => {
    const ana = await t.as('ana');
    const made = await t.exercises.create(ana, { title: 'Circle', group: 'circle' });
    expect(made.results.map(({ member }) => member)).toEqual(['fiji']);
    await expect(t.exercises.create(ana, { title: 'X', group: 'nobody' })).rejects.toEqual(refusal('TLN-G-404'));
    await expect(t.exercises.create(ana, { title: 'X', members: ['left', 'atlantis'] })).rejects.toEqual(refusal('TLN-M-452'));
    const tonga = await contactOf('tonga', '+67623199');
    await expect(t.exercises.call(ana, made.id, { contact: tonga, outcome: 'reached' })).rejects.toEqual(refusal('TLN-M-454'));
    await expect(t.exercises.get(await t.as('moana'), made.id)).rejects.toEqual(refusal('TLN-M-450'));
    await expect(t.exercises.create(await t.as('moana'), { title: 'X' })).rejects.toEqual(refusal('TLN-A-403'));
  }); // prettier-ignore
});
