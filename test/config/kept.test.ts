// Values that the hub keeps when it applies a settings file again: times, levels, and accounts that get a new credential.
import { describe, expect, test } from '@jest/globals';
import { credentialsGiven, replacedAccounts, resetFact } from '../../src/config/credentials-given.ts';
import type { Documents } from '../../src/config/declared-records.ts';
import { keepTimes } from '../../src/config/kept-times.ts';
import { TestClock } from '../support/clock.ts';
import { present, wanted, type Given } from '../support/declared.ts';

const NOW = 5_000;

describe('a collection', () => {
  const collection = (over: Partial<Documents['collection']> = {}): Documents['collection'] => ({
    api_root: 'main',
    title: 'X',
    ...over,
  });
  test.each<[string, Documents['collection'] | undefined, Documents['collection'], Partial<Documents['collection']>]>([
    ['that is new keeps nothing', undefined, collection({ max_tlp: 'green' }), {}],
    ['whose maximum is lowered keeps the earlier one', collection({ max_tlp: 'amber' }), collection({ max_tlp: 'green' }), { tallest: 'amber' }],
    ['without a maximum that gets one keeps the strictest', collection(), collection({ max_tlp: 'green' }), { tallest: 'amber+strict' }],
    ['that is lowered twice keeps the first one', collection({ max_tlp: 'green', tallest: 'amber' }), collection({ max_tlp: 'clear' }), { tallest: 'amber' }],
    ['whose maximum is raised keeps nothing', collection({ max_tlp: 'green' }), collection({ max_tlp: 'amber' }), {}],
    ['that is raised to what it still contains keeps nothing', collection({ max_tlp: 'green', tallest: 'amber' }), collection({ max_tlp: 'amber' }), {}],
    ['that stays as it is keeps the time at which it was lowered', collection({ max_tlp: 'green', lowered_at: 7 }), collection({ max_tlp: 'green' }), { lowered_at: 7 }],
    ['that is lowered again waits for its objects', collection({ max_tlp: 'green', lowered_at: 7 }), collection({ max_tlp: 'clear' }), { tallest: 'green' }],
  ])('%s', (_, before, document, kept) => {
    const next = wanted({ collection: { c: document } });
    keepTimes(next, present(before === undefined ? {} : { collection: { c: before } }), NOW);
    expect(next.collection.get('c')).toEqual({ ...document, ...kept });
  }); // prettier-ignore
});

describe('a grant', () => {
  const grant = (over: Partial<Documents['grant']> = {}): Documents['grant'] => ({
    collection: 'c',
    to: 'account:a',
    read: true,
    write: false,
    ...over,
  });
  test.each<[string, Documents['grant'] | undefined, Documents['grant'], number | undefined]>([
    ['that is new reads from now on', undefined, grant(), NOW * 1_000],
    ['without reading has no time', undefined, grant({ read: false }), undefined],
    ['that read before keeps its time', grant({ since: 7 }), grant(), 7],
    ['of an earlier version keeps that it has none', grant(), grant(), undefined],
    ['that only wrote before reads from now on', grant({ read: false }), grant(), NOW * 1_000],
    ['that moved to another account of the name reads from now on', grant({ since: 7, account: 'x' }), grant({ account: 'y' }), NOW * 1_000],
    ['of the same account keeps its time', grant({ since: 7, account: 'x' }), grant({ account: 'x' }), 7],
  ])('%s', (_, before, document, since) => {
    const next = wanted({ grant: { g: document } });
    keepTimes(next, present(before === undefined ? {} : { grant: { g: before } }), NOW);
    expect(next.grant.get('g')?.since).toBe(since);
  }); // prettier-ignore
});

describe('a group', () => {
  const group = (
    members: readonly string[],
    joined?: Readonly<Record<string, number>>,
  ): Documents['group'] => ({ members, ...(joined === undefined ? {} : { joined }) });
  test.each<[string, Documents['group'] | undefined, readonly string[], Readonly<Record<string, number>> | undefined]>([
    ['that is new has its members from now on', undefined, ['a', 'b'], { a: NOW * 1_000, b: NOW * 1_000 }],
    ['keeps the times of its members', group(['a'], { a: 7 }), ['a', 'b'], { a: 7, b: NOW * 1_000 }],
    ['forgets a member that left', group(['a', 'b'], { a: 7, b: 8 }), ['a'], { a: 7 }],
    ['counts a member that comes back from now on', group(['a'], { a: 7 }), ['b'], { b: NOW * 1_000 }],
    ['of an earlier version stays without times', group(['a']), ['a'], undefined],
    ['of an earlier version has the time of a new member only', group(['a']), ['a', 'b'], { b: NOW * 1_000 }],
    ['without members has no times', undefined, [], undefined],
  ])('%s', (_, before, members, joined) => {
    const next = wanted({ group: { g: group(members) } });
    keepTimes(next, present(before === undefined ? {} : { group: { g: before } }), NOW);
    expect(next.group.get('g')?.joined).toEqual(joined);
  }); // prettier-ignore
});

describe('an account of a person', () => {
  const account = (over: Partial<Documents['account']> = {}): Documents['account'] => ({
    role: 'analyst',
    person: true,
    ...over,
  });
  const key = (holder: string): Documents['key'] => ({ account: holder, prefix: 'settings' });
  const HASHED = { password_hash: 'h', password_tag: 't' };
  const LINK = { issuer: 'https://id.example', subject: 's' };
  /** Returns the accounts that get a credential of the file. */
  const given = (before: Given, after: Given) =>
    credentialsGiven(wanted(after), present(before)).map(({ account: id, name }) => `${name} ${id}`);

  test.each<[string, Given, Given, boolean]>([
    ['nothing changes', { account: { lani: account(HASHED) } }, { account: { lani: account(HASHED) } }, false],
    ['it is new', {}, { account: { lani: account(HASHED) } }, false],
    ['its password is another one', { account: { lani: account(HASHED) } }, { account: { lani: account({ password_hash: 'h2', password_tag: 't2' }) } }, true],
    ['it had no password', { account: { lani: account() } }, { account: { lani: account(HASHED) } }, true],
    ['its password was lost', { account: { lani: account({ password_tag: 't' }) } }, { account: { lani: account(HASHED) } }, true],
    ['its password ends', { account: { lani: account(HASHED) } }, { account: { lani: account() } }, false],
    ['the person chose the password', { account: { lani: account({ ...HASHED, password_tag: 'old' }) } }, { account: { lani: account({ ...HASHED, password_by: 'person' }) } }, false],
    ['it gets a key', { account: { lani: account() } }, { account: { lani: account() }, key: { k: key('lani') } }, true],
    ['it has the key already', { account: { lani: account() }, key: { k: key('lani') } }, { account: { lani: account() }, key: { k: key('lani') } }, false],
    ['a key moves to it', { account: { lani: account() }, key: { k: key('moana') } }, { account: { lani: account() }, key: { k: key('lani') } }, true],
    ['another account gets a key', { account: { lani: account() } }, { account: { lani: account() }, key: { k: key('moana') } }, false],
    ['it gets a link', { account: { lani: account() } }, { account: { lani: account({ single_sign_on: LINK }) } }, true],
    ['its link is another one', { account: { lani: account({ single_sign_on: LINK }) } }, { account: { lani: account({ single_sign_on: { ...LINK, subject: 'x' } }) } }, true],
    ['its link stays', { account: { lani: account({ single_sign_on: LINK }) } }, { account: { lani: account({ single_sign_on: { subject: 's', issuer: 'https://id.example' } }) } }, false],
    ['its link ends', { account: { lani: account({ single_sign_on: LINK }) } }, { account: { lani: account() } }, false],
    ['it is a machine', { account: { lani: account() } }, { account: { lani: account({ ...HASHED, person: false }) } }, false],
  ])('that had another credential before: %s', (_, before, after, expected) => {
    expect(given(before, after)).toEqual(expected ? ['lani lani'] : []);
  }); // prettier-ignore

  test('that is replaced by one of another member loses its keys, by its id', () => {
    const before = { account: { lani: account({ uid: 'account-1' }), moana: account({ uid: 'account-2' }), old: account() } };
    const after = { account: { lani: account({ uid: 'account-9' }), moana: account({ uid: 'account-2' }), old: account({ uid: 'account-3' }), next: account({ uid: 'account-4' }) } };
    expect([...replacedAccounts(wanted(after), present(before))]).toHaveLength(2);
    expect([...replacedAccounts(wanted(after), present(before))]).toContain('old');
    expect([...replacedAccounts(wanted(before), present(before))]).toEqual([]);
  }); // prettier-ignore

  test('has an entry in the audit log when TLP:RED is withdrawn from it', () => {
    const clock = new TestClock();
    expect(resetFact('lani', { uuid: () => 'u', secret: () => '' }, clock)).toEqual({ id: 'u', at: clock.now(), actor: 'settings', action: 'account.red_withdrawn', resource: 'account/lani', result: 'done' }); // prettier-ignore
  });
});
