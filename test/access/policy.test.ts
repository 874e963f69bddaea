import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Snapshot, type CollectionInfo } from '../../src/access/snapshot.ts';
import {
  OUTLETS,
  decide,
  decidePlacement,
  grantFits,
  type Audience,
  type Outlet,
} from '../../src/access/policy.ts';
import { can, type Action, type Resource } from '../../src/access/rights.ts';
import { PUBLIC, type Principal, type Role, type Scope } from '../../src/access/principal.ts';
import {
  PAP_LEVELS,
  TLP_LEVELS,
  markingFacts,
  parseTlp,
  rankOf,
  readMarking,
  tlpMarking,
  tlpMarkingId,
  type Iep,
  type MarkingFacts,
  type Pap,
  type Tlp,
} from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { accessRecordsOf, aRecord } from '../support/records.ts';

const UNMARKED: MarkingFacts = {
  tlp: undefined,
  pap: undefined,
  iep: [],
  families: new Set(),
  missing: [],
  isAttributed: false,
};
const marked = (tlp: Tlp | undefined): MarkingFacts => ({ ...UNMARKED, tlp });
const IEP: Iep = {
  tlp: undefined,
  start: undefined,
  end: undefined,
  isEncrypted: false,
  isActedOn: true,
  isAnonymous: false,
};

/** The strictest level that an audience may have at all. */
const AUDIENCE: Readonly<Record<Audience['kind'], Tlp>> = {
  public: 'clear', clients: 'amber', members: 'amber+strict', group: 'amber+strict', member: 'amber+strict', person: 'amber+strict', hub: 'amber+strict',
}; // prettier-ignore
/** The strictest level that an outlet gives unchanged, and what it does with stricter objects. */
const OUTLET: Readonly<Record<Outlet, readonly [whole: Tlp, rest: 'notice' | 'refuse']>> = {
  taxii: ['amber+strict', 'refuse'], console: ['amber+strict', 'refuse'], push: ['amber+strict', 'refuse'], webhook: ['amber+strict', 'refuse'],
  mail: ['green', 'notice'], digest: ['green', 'notice'], detection: ['amber+strict', 'refuse'], blocking: ['amber+strict', 'refuse'],
  provider: ['amber', 'refuse'], 'public-site': ['clear', 'refuse'],
}; // prettier-ignore
const AUDIENCES: readonly Audience[] = [
  { kind: 'public' }, { kind: 'clients', of: 'tonga' }, { kind: 'members' }, { kind: 'group', name: 'pacson' }, { kind: 'member', name: 'tonga' }, { kind: 'person', account: 'a' }, { kind: 'hub' },
]; // prettier-ignore
const verdict = (marking: MarkingFacts, outlet: Outlet, now = 0): string =>
  decide({ effective: marking.tlp ?? 'clear', marking }, { kind: 'hub' }, outlet, now).verdict;

describe('decide: audience × level × outlet', () => {
  const cases = AUDIENCES.flatMap((audience) =>
    (Object.keys(OUTLETS) as Outlet[]).flatMap((outlet) =>
      TLP_LEVELS.map((tlp) => [audience.kind, tlp, outlet, audience] as const),
    ),
  );
  test.each(cases)('%s, %s, %s', (kind, tlp, outlet, audience) => {
    const [whole, rest] = OUTLET[outlet];
    const expected =
      tlp === 'red'
        ? 'hold'
        : rankOf(tlp) > rankOf(AUDIENCE[kind])
          ? 'refuse'
          : rankOf(tlp) <= rankOf(whole)
            ? 'allow'
            : rest;
    expect(decide({ effective: tlp, marking: marked(tlp) }, audience, outlet, 0).verdict).toBe(expected);
  });

  test('TLP:RED is shown in the console to its recipients, announced by email, and sent in no other way', () => {
    const facts = { effective: 'red', marking: marked('red'), named: ['ana'] } as const;
    const of = (audience: Audience, outlet: Outlet): string => decide(facts, audience, outlet, 0).verdict;
    for (const outlet of Object.keys(OUTLETS) as Outlet[]) {
      expect([outlet, of({ kind: 'person', account: 'ana' }, outlet)]).toEqual([
        outlet,
        outlet === 'console' ? 'allow' : outlet === 'mail' ? 'notice' : 'refuse',
      ]);
      expect(of({ kind: 'person', account: 'ben' }, outlet)).toBe('hold');
      expect(of({ kind: 'hub' }, outlet)).toBe('hold');
      expect(of({ kind: 'member', name: 'ana' }, outlet)).toBe('hold');
    }
  });

  test('an object with a marking that the hub cannot honour is put on hold for everybody', () => {
    const held: MarkingFacts[] = [
      { ...UNMARKED, missing: ['marking-definition--x'] },
      ...(['ais', 'unknown'] as const).map((family) => ({ ...UNMARKED, families: new Set([family]) })),
    ];
    for (const marking of held)
      for (const audience of AUDIENCES)
        expect(decide({ effective: 'clear', marking }, audience, 'taxii', 0).verdict).toBe('hold');
  });

  test('PAP:RED forbids tools any action, and PAP:AMBER forbids blocking', () => {
    const of = (pap: Pap, outlet: Outlet): string => verdict({ ...marked('green'), pap }, outlet);
    for (const pap of PAP_LEVELS)
      for (const outlet of Object.keys(OUTLETS) as Outlet[])
        if (outlet !== 'public-site')
          expect([pap, outlet, of(pap, outlet)]).toEqual([
            pap,
            outlet,
            (outlet === 'detection' && pap === 'red') ||
            (outlet === 'blocking' && (pap === 'red' || pap === 'amber'))
              ? 'refuse'
              : 'allow',
          ]);
  });

  test('IEP policies limit dates, encryption, actions and attribution', () => {
    const of = (iep: Partial<Iep>, outlet: Outlet, now = 0, isAttributed = true): string =>
      verdict({ ...marked('green'), iep: [{ ...IEP, ...iep }], isAttributed }, outlet, now);
    expect([999, 1000, 1999, 2000].map((now) => of({ start: 1000, end: 2000 }, 'taxii', now))).toEqual([
      'hold',
      'allow',
      'allow',
      'hold',
    ]);
    expect([of({ isEncrypted: true }, 'mail'), of({ isEncrypted: true }, 'digest')]).toEqual([
      'notice',
      'notice',
    ]);
    expect([of({ isEncrypted: true }, 'taxii'), of({}, 'mail')]).toEqual(['allow', 'allow']);
    expect(
      (['detection', 'blocking', 'taxii'] as const).map((outlet) => of({ isActedOn: false }, outlet)),
    ).toEqual(['refuse', 'refuse', 'allow']);
    expect([of({ isAnonymous: true }, 'taxii'), of({ isAnonymous: true }, 'taxii', 0, false)]).toEqual([
      'hold',
      'allow',
    ]);
  });
});

describe('markings', () => {
  test('every known spelling of a TLP level means the same label', () => {
    expect(
      ['TLP:WHITE', 'white', 'TLP:CLEAR', 'TLP:AMBER+STRICT', ' amber ', 'TLP: RED', 'x'].map(parseTlp),
    ).toEqual(['clear', 'clear', 'clear', 'amber+strict', 'amber', 'red', undefined]);
    for (const tlp of TLP_LEVELS) expect(readMarking(tlpMarking(tlp))).toEqual({ family: 'tlp', tlp });
    expect(
      readMarking({
        type: 'marking-definition',
        id: 'marking-definition--x',
        definition_type: 'TLP:CLEAR',
        definition: {},
      }),
    ).toEqual({ family: 'tlp', tlp: 'clear' });
    expect(
      readMarking({
        type: 'marking-definition',
        id: 'marking-definition--x',
        definition_type: 'statement',
        definition: { statement: 'Copyright' },
      }),
    ).toEqual({ family: 'statement' });
  });

  const definition = (rest: Json): Json => ({
    type: 'marking-definition',
    id: 'marking-definition--x',
    ...rest,
  });
  test('known spellings of PAP levels are read, and an invalid level is unknown', () => {
    const of = (rest: Json): unknown => readMarking(definition(rest));
    for (const rest of [
      { definition_type: 'pap', definition: { pap: 'red' } },
      { definition_type: 'PAP', definition: { PAP: 'PAP:RED' } },
      { definition_type: 'PAP:RED', definition: {} },
      { definition_type: 'statement', definition: { statement: 'PAP:RED' } },
    ])
      expect(of(rest)).toEqual({ family: 'pap', pap: 'red' });
    expect(of({ definition_type: 'pap', definition: { pap: 'white' } })).toEqual({
      family: 'pap',
      pap: 'clear',
    });
    expect(of({ definition_type: 'pap', definition: { pap: 'mauve' } })).toEqual({ family: 'unknown' });
  });

  test('known spellings of IEP 2.0 are read, and an unreadable policy is unknown', () => {
    const of = (iep: Json): unknown => readMarking(definition({ definition_type: 'iep', definition: iep }));
    expect(
      of({ tlp: 'AMBER', start_date: '2026-01-01T00:00:00Z', end_date: null, encrypt_in_transit: 'MUST', permitted_actions: 'CONTACT FOR INSTRUCTION', attribution: 'must-not' }),
    ).toEqual({
      family: 'iep',
      iep: { tlp: 'amber', start: Date.UTC(2026, 0), end: undefined, isEncrypted: true, isActedOn: false, isAnonymous: true },
    }); // prettier-ignore
    const extension = 'extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a';
    expect(
      readMarking(definition({ extensions: { [extension]: { extension_type: 'property-extension', iep: { 'ENCRYPT IN TRANSIT': 'may' } } } })),
    ).toMatchObject({ family: 'iep', iep: { isEncrypted: false, isActedOn: true } }); // prettier-ignore
    for (const unread of [{}, { tlp: 'mauve' }, { end_date: 'soon' }, { attribution: 'perhaps' }])
      expect(of(unread)).toEqual({ family: 'unknown' });
  });

  test('the strictest marking applies, including those of granular markings, but not language markings', () => {
    const refs = [tlpMarkingId('green'), tlpMarkingId('amber+strict'), tlpMarkingId('clear')];
    expect(markingFacts(anIndicator({ object_marking_refs: refs }), () => undefined).tlp).toBe(
      'amber+strict',
    );
    const part = (ref: Json): MarkingFacts =>
      markingFacts(
        anIndicator({ object_marking_refs: [tlpMarkingId('green')], granular_markings: [ref] }),
        () => undefined,
      );
    expect(part({ lang: 'fr', selectors: ['name'] }).tlp).toBe('green');
    // An object is never sent in part, so its strictest part counts for the whole.
    expect(part({ marking_ref: tlpMarkingId('amber'), selectors: ['name'] }).tlp).toBe('amber');
    expect(part({ marking_ref: tlpMarkingId('clear'), selectors: ['name'] }).tlp).toBe('green');
    // Nor is an observed-data sent without the observables that it contains.
    const around = (inner: Json): MarkingFacts =>
      markingFacts(
        {
          type: 'observed-data',
          object_marking_refs: [tlpMarkingId('green')],
          objects: {
            '0': { type: 'domain-name', value: 'reef.example' },
            '1': { type: 'file', name: 'a', ...inner },
          },
        },
        () => undefined,
      );
    expect(around({}).tlp).toBe('green');
    expect(around({ object_marking_refs: [tlpMarkingId('red')] }).tlp).toBe('red');
    expect(around({ granular_markings: [{ marking_ref: tlpMarkingId('amber'), selectors: ['name'] }] }).tlp).toBe('amber'); // prettier-ignore
    expect(around({ labels: ['TLP:RED'] }).tlp).toBe('red');
    expect(around({ object_marking_refs: ['marking-definition--9a5b2a1e-1111-4222-8333-444455556666'] }).missing).toHaveLength(1); // prettier-ignore
    expect(part({ marking_ref: 'marking-definition--9a5b2a1e-1111-4222-8333-444455556666', selectors: ['name'] }).missing).toHaveLength(1); // prettier-ignore
    expect(
      markingFacts(
        anIndicator({ object_marking_refs: ['marking-definition--9a5b2a1e-1111-4222-8333-444455556666'] }),
        () => undefined,
      ).missing,
    ).toHaveLength(1);
  });
});

describe('placement', () => {
  const levels = fc.constantFrom<Tlp>(...TLP_LEVELS);
  const maxima = fc.constantFrom<Tlp>('clear', 'green', 'amber', 'amber+strict');
  const receivers = fc.constantFrom(
    'public',
    'member:tonga',
    'member:fiji',
    'group:pacson',
    'account:sensor',
    'role:analyst',
    'role:machine',
    'member:hub',
  );

  /**
   * Returns the strictest level that a person may have, computed naively from the account: the oracle of the property
   * below.
   */
  function mayHave(principal: Principal): Tlp {
    return principal.kind === 'public' ? 'clear' : 'amber+strict';
  }

  test('every reader of a collection may receive every object in it, for random grants, maximum TLPs and objects', () => {
    const principals: Principal[] = [
      PUBLIC,
      ...(['tonga', 'fiji', undefined] as const).flatMap((member) =>
        (['machine', 'analyst', 'officer', 'administrator'] as const).map((role): Principal => ({
          kind: 'account',
          account: role === 'machine' ? 'sensor' : 'x',
          name: role === 'machine' ? 'sensor' : 'x',
          role,
          member,
          person: false,
          groups: member === 'fiji' ? ['pacson'] : [],
        })),
      ),
    ];
    fc.assert(
      fc.property(
        fc.record({
          max: maxima,
          min: maxima,
          unmarked: fc.constantFrom('default' as const, 'refuse' as const),
          def: fc.option(levels, { nil: undefined }),
          source: fc.option(levels, { nil: undefined }),
          own: fc.option(levels, { nil: undefined }),
          grants: fc.uniqueArray(receivers, { maxLength: 4 }),
        }),
        ({ max, min, unmarked, def, source, own, grants }) => {
          const audience = (to: string): Audience =>
            to === 'public' ? { kind: 'public' } : { kind: 'member', name: 'tonga' };
          // Like the hub, grants are created only where the maximum TLP fits the recipient.
          const given = grants.filter((to) => grantFits(audience(to), max));
          const snapshot = Snapshot.of(
            accessRecordsOf(
              aRecord('group', 'pacson', { members: ['fiji'] }),
              aRecord('member', 'tonga', {}),
              aRecord('member', 'fiji', {}),
              aRecord('account', 'sensor', { role: 'machine', member: 'tonga' }),
              ...given.map((to) => aRecord('grant', `c/${to}`, { collection: 'c', to, read: true, write: false })),
              aRecord('collection', 'c', { api_root: 'main', title: 'C', max_tlp: max, min_tlp: min, unmarked, ...(def === undefined ? {} : { default_tlp: def }) }),
            ),
            0,
          ); // prettier-ignore
          const collection = snapshot.collections.get('c') as CollectionInfo;
          const decision = decidePlacement(marked(own), collection, source, 0);
          const readers = principals.filter((principal) => snapshot.rights(principal, collection).read);
          if (decision.verdict === 'allow') {
            // Never less strict than its own marking or the minimum of the collection, and never RED.
            if (own !== undefined) expect(rankOf(decision.effective)).toBeGreaterThanOrEqual(rankOf(own));
            expect(rankOf(decision.effective)).toBeGreaterThanOrEqual(rankOf(min));
            expect(decision.effective).not.toBe('red');
            for (const reader of readers)
              expect(rankOf(decision.effective)).toBeLessThanOrEqual(rankOf(mayHave(reader)));
          }
          if (own === undefined && unmarked === 'refuse' && decision.effective !== 'red')
            expect(decision.verdict).toBe('refuse');
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('an unmarked object is AMBER unless its source or the collection says otherwise', () => {
    const rules = {
      unmarked: 'default' as const,
      default_tlp: undefined,
      min_tlp: 'clear' as const,
      max_tlp: 'amber+strict' as const,
      readers: [],
    };
    expect(decidePlacement(marked(undefined), rules, undefined, 0).effective).toBe('amber');
    expect(
      decidePlacement(marked(undefined), { ...rules, default_tlp: 'green' }, undefined, 0).effective,
    ).toBe('green');
    expect(
      decidePlacement(marked(undefined), { ...rules, default_tlp: 'clear' }, 'amber+strict', 0).effective,
    ).toBe('amber+strict');
    expect(decidePlacement(marked('clear'), { ...rules, min_tlp: 'green' }, undefined, 0).effective).toBe(
      'green',
    );
  });
});

describe('can: rights', () => {
  const account = (
    role: 'administrator' | 'analyst' | 'officer' | 'machine',
    member?: string,
  ): Principal => ({ kind: 'account', account: 'a', name: 'a', role, member, person: false, groups: [] });
  const rights = { read: true, write: true };

  test('an account deletes its own objects, and a hub analyst any; both need read and write access', () => {
    const object = (owners: string[], r = rights): Resource => ({ kind: 'object', rights: r, owners });
    expect(can(account('machine', 'tonga'), 'object.delete', object(['tonga']))).toBe(true);
    expect(can(account('machine', 'tonga'), 'object.delete', object(['tonga', 'fiji']))).toBe(false);
    expect(can(account('analyst', 'tonga'), 'object.delete', object(['fiji']))).toBe(false);
    expect(can(account('analyst'), 'object.delete', object(['fiji']))).toBe(true);
    expect(can(account('analyst'), 'object.delete', object(['hub'], { read: true, write: false }))).toBe(
      false,
    );
    expect(can(PUBLIC, 'object.delete', object([]))).toBe(false);
  });

  test('the public writes nothing, and a status is visible to its submitter only', () => {
    expect(can(PUBLIC, 'collection.write', { kind: 'collection', rights })).toBe(false);
    expect(can(PUBLIC, 'collection.read', { kind: 'collection', rights })).toBe(true);
    expect(can(account('machine'), 'receipt.read', { kind: 'receipt', account: 'a' })).toBe(true);
    expect(can(account('administrator'), 'receipt.read', { kind: 'receipt', account: 'b' })).toBe(false);
  });

  /** Permissions on the hub and on accounts. Everything without a row is forbidden. */
  const ACTORS: Readonly<Record<string, Principal>> = {
    administrator: account('administrator'),
    analyst: account('analyst'),
    machine: account('machine'),
    'administrator of tonga': account('administrator', 'tonga'),
    'officer of tonga': account('officer', 'tonga'),
    'machine of tonga': account('machine', 'tonga'),
    public: PUBLIC,
  };
  const of = (name: string, role: Role, member?: string): Resource => ({
    kind: 'account',
    account: name,
    role,
    member,
  });
  const TABLE: Readonly<Record<string, readonly [Action, Resource, readonly string[]]>> = {
    'see the hub': ['hub.read', { kind: 'hub' }, ['administrator', 'analyst']],
    'change the hub': ['hub.write', { kind: 'hub' }, ['administrator']],
    'run a feed': ['feed.run', { kind: 'hub' }, ['administrator', 'analyst']],
    'revoke what is of the hub': ['object.revoke', { kind: 'hub' }, ['administrator', 'analyst']],
    "claim for tonga": ['member.claim', { kind: 'member', name: 'tonga' }, ['administrator', 'officer of tonga']],
    'decide on objects on hold': ['held.decide', { kind: 'held', submitter: 'b', collection: 'c' }, ['administrator', 'analyst']],
    'see an object on hold that another account submitted': ['held.read', { kind: 'held', submitter: 'b', collection: 'c' }, ['administrator', 'analyst']],
    'read metrics': ['metrics.read', { kind: 'hub' }, ['administrator']],
    "see another's machine of tonga": ['account.read', of('b', 'machine', 'tonga'), ['administrator', 'officer of tonga']],
    'change a machine of tonga': ['account.write', of('b', 'machine', 'tonga'), ['administrator', 'officer of tonga']],
    'make its keys': ['key.write', of('b', 'machine', 'tonga'), ['administrator', 'officer of tonga']],
    'change an officer of tonga': ['account.write', of('b', 'officer', 'tonga'), ['administrator', 'officer of tonga']],
    'change an analyst of tonga': ['account.write', of('b', 'analyst', 'tonga'), ['administrator']],
    'change an administrator of tonga': ['account.write', of('b', 'administrator', 'tonga'), ['administrator']],
    'change a machine of fiji': ['account.write', of('b', 'machine', 'fiji'), ['administrator']],
    'change a machine of the hub': ['account.write', of('b', 'machine'), ['administrator']],
    'change an administrator of the hub': ['account.write', of('b', 'administrator'), ['administrator']],
    'see oneself': ['account.read', of('a', 'analyst'), ['administrator', 'analyst', 'machine', 'administrator of tonga', 'officer of tonga', 'machine of tonga']],
    'see a fact of another about tonga': ['audit.read', { kind: 'fact', actor: 'b', member: 'tonga' }, ['administrator', 'officer of tonga']],
    'see a fact of another about the hub': ['audit.read', { kind: 'fact', actor: 'b', member: undefined }, ['administrator']],
  }; // prettier-ignore

  test.each(Object.entries(TABLE))('%s', (_name, [action, resource, allowed]) => {
    expect(Object.keys(ACTORS).filter((actor) => can(ACTORS[actor] ?? PUBLIC, action, resource))).toEqual(
      allowed,
    );
  });

  test('people create their own keys, but service accounts do not', () => {
    expect(can(account('analyst'), 'key.write', of('a', 'analyst'))).toBe(true);
    expect(can(account('machine'), 'key.write', of('a', 'machine'))).toBe(false);
    expect(can(account('analyst'), 'account.write', of('a', 'analyst'))).toBe(false);
  });

  test('a limited key allows only what its limits name, whatever its account may do', () => {
    const limited = (scopes: readonly Scope[], role: Role = 'administrator'): Principal => ({
      kind: 'account', account: 'a', name: 'a', role, member: undefined, person: false, groups: [],
      key: { id: 'k', scopes, collections: undefined, networks: undefined, expires: undefined },
    }); // prettier-ignore
    const collection: Resource = { kind: 'collection', rights };
    expect(can(limited(['taxii:read']), 'collection.read', collection)).toBe(true);
    expect(can(limited(['taxii:read']), 'collection.write', collection)).toBe(false);
    expect(can(limited(['taxii:write']), 'collection.write', collection)).toBe(true);
    expect(can(limited(['taxii:write']), 'collection.read', collection)).toBe(false);
    expect(can(limited(['taxii:write']), 'collection.see', collection)).toBe(true);
    expect(can(limited(['api:read']), 'hub.read', { kind: 'hub' })).toBe(true);
    expect(can(limited(['api:read', 'taxii:write']), 'hub.write', { kind: 'hub' })).toBe(false);
    expect(can(limited(['api:write']), 'hub.write', { kind: 'hub' })).toBe(true);
    expect(can(limited(['metrics:read'], 'machine'), 'metrics.read', { kind: 'hub' })).toBe(true);
    expect(can(limited(['taxii:read'], 'machine'), 'metrics.read', { kind: 'hub' })).toBe(false);
    for (const scope of ['taxii:read', 'taxii:write', 'api:read', 'metrics:read'] as const)
      for (const action of ['account.write', 'key.write', 'hub.write', 'object.revoke', 'feed.run'] as const)
        for (const resource of [{ kind: 'hub' }, of('b', 'machine')] as const)
          expect(can(limited([scope]), action, resource)).toBe(false);
  });

  test('an action on a resource of another kind is refused', () => {
    expect(can(account('administrator'), 'collection.read', { kind: 'hub' })).toBe(false);
    expect(can(account('administrator'), 'hub.write', { kind: 'collection', rights })).toBe(false);
  });
});
