import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, table } from './markdown.mjs';

const account = (over) => ({
  kind: 'account',
  account: 'self',
  name: 'self',
  member: undefined,
  person: true,
  groups: [],
  session: { id: 's', confirmed: 0, isPersonal: true },
  ...over,
});
const machine = (over) => {
  const { session: _session, ...rest } = account({ role: 'machine', person: false, ...over });
  return rest;
};

/** The columns of the table. */
const CALLERS = [
  ['Administrator', account({ role: 'administrator' })],
  ['Analyst', account({ role: 'analyst' })],
  ['Officer', account({ role: 'officer', member: 'own' })],
  ['Service account of a member', machine({ member: 'own' })],
  ['Service account of the hub', machine({})],
  ['Public', { kind: 'public' }],
];

const both = { read: true, write: true };
const none = { read: false, write: false };
/** For each kind of resource: what it is to the caller, and the resource. `{own}` is the caller's member, or the hub. */
const RESOURCES = {
  collection: [
    ['a collection with a read grant', () => ({ rights: { read: true, write: false } })],
    ['a collection with a write grant', () => ({ rights: { read: false, write: true } })],
    ['a collection without a grant', () => ({ rights: none })],
  ],
  object: [
    ['an object of your own member, with read and write grants', (own) => ({ rights: both, owners: [own] })],
    ['an object of your own member, without a grant', (own) => ({ rights: none, owners: [own] })],
    ['an object of others, with read and write grants', () => ({ rights: both, owners: ['other'] })],
    ['an object of others, with a read grant', () => ({ rights: { read: true, write: false }, owners: ['other'] })], // prettier-ignore
  ],
  list: [
    ['a list of your own member, all of whose collections you read', (own) => ({ owner: own, read: true })],
    ['a list of the hub, all of whose collections you read', () => ({ owner: 'hub', read: true })],
    ['a list of another member, all of whose collections you read', () => ({ owner: 'other', read: true })],
    [
      'a list of your own member, with a collection that you do not read',
      (own) => ({ owner: own, read: false }),
    ],
    ['a list of the hub, with a collection that you do not read', () => ({ owner: 'hub', read: false })],
  ],
  receipt: [
    ['the status of your own submission', () => ({ account: 'self' })],
    ['the status of another submission', () => ({ account: 'other' })],
  ],
  held: [
    ['an object on hold that the account submitted', () => ({ submitter: 'self', collection: 'c' })],
    ['an object on hold of others', () => ({ submitter: 'other', collection: 'c' })],
  ],
  share: [
    ['a share that you requested', () => ({ by: 'self', owner: 'other' })],
    ['a share of an object of your own member', (own) => ({ by: 'other', owner: own })],
    ['a share of an object of the hub', () => ({ by: 'other', owner: 'hub' })],
    ['a share of an object of another member', () => ({ by: 'other', owner: 'other' })],
  ],
  red: [
    ['TLP:RED that the account gave', () => ({ by: 'self', to: [] })],
    ['TLP:RED that was given to the account', () => ({ by: 'other', to: ['self'] })],
    ['other TLP:RED', () => ({ by: 'other', to: [] })],
  ],
  account: [
    ['your own account', (own, caller) => ({ account: 'self', role: caller.role ?? 'officer', member: caller.member })], // prettier-ignore
    ['an officer of your own member', () => ({ account: 'other', role: 'officer', member: 'own' })],
    ['a service account of your own member', () => ({ account: 'other', role: 'machine', member: 'own' })],
    ['an account of another member', () => ({ account: 'other', role: 'officer', member: 'other' })],
    ['an account of the hub', () => ({ account: 'other', role: 'administrator', member: undefined })],
  ],
  member: [
    ['your own member', () => ({ name: 'own' })],
    ['another member', () => ({ name: 'other' })],
  ],
  contact: [
    ['a field of a contact of your own member', (own) => ({ member: own, isActive: true, visibility: 'hub', named: [] })], // prettier-ignore
    ['a field that another active member shows to anybody', () => ({ member: 'other', isActive: true, visibility: 'public', named: [] })], // prettier-ignore
    ['a field that another active member shows to all members', () => ({ member: 'other', isActive: true, visibility: 'members', named: [] })], // prettier-ignore
    ['a field that another active member shows to your member', (own) => ({ member: 'other', isActive: true, visibility: 'named', named: [own] })], // prettier-ignore
    ['any other field of a contact', () => ({ member: 'other', isActive: false, visibility: 'members', named: [] })], // prettier-ignore
  ],
  fact: [
    ['an audit log entry about your own action', () => ({ actor: 'self', member: undefined })],
    ['an audit log entry about your own member', () => ({ actor: 'other', member: 'own' })],
    ['another audit log entry', () => ({ actor: 'other', member: undefined })],
  ],
  value: [
    ['an address or name in a network or domain of your own member', (own) => ({ holders: [own] })],
    ['any other value', () => ({ holders: [] })],
  ],
  scorecard: [
    [
      'the scorecard of your own member in a collection that you read',
      (own) => ({ source: own, read: true }),
    ],
    ['the scorecard of a feed in a collection that you read', () => ({ source: 'feed:f', read: true })],
    ['any other scorecard', () => ({ source: 'other', read: true })],
  ],
  approval: [
    [
      'an approval of two people, signed in personally, if you are not involved',
      () => ({ involved: ['other'] }),
    ],
    ['an approval of two people in which you are involved', () => ({ involved: ['self'] })],
  ],
  secret: [
    [
      'what your own member said under seal, signed in personally',
      (own) => ({ member: own, account: 'other', at: 0, since: 0 }),
    ],
    [
      'what you said under seal yourself, for seven days after somebody else gave you access',
      (own) => ({ member: own, account: 'self', at: 1, since: 1 }),
    ],
  ],
  hub: [['the hub', () => ({})]],
};

/** Returns the page of permissions, computed with `can` and from the API document. */
export async function permissions(root, document) {
  const { can } = await import(join(root, 'dist/access/rights.js'));
  const source = readFileSync(join(root, 'src/access/actions.ts'), 'utf8');
  const block = /type Action =([\s\S]*?);|ACTIONS = \[([\s\S]*?)\]/.exec(source)?.[0] ?? '';
  const actions = [...block.matchAll(/'([a-z.]+)'/g)].map(([, action]) => action);
  if (actions.length < 20) throw new Error('the list of actions was not found in src/access/actions.ts');
  const rows = actions.flatMap((action) => {
    const found = Object.entries(RESOURCES).flatMap(([kind, list]) =>
      list.flatMap(([words, make]) => {
        const cells = CALLERS.map(([, caller]) =>
          can(caller, action, { kind, ...make(caller.member ?? 'hub', caller) }),
        );
        return cells.includes(true)
          ? [[code(action), words, ...cells.map((may) => (may ? 'yes' : '–'))]]
          : [];
      }),
    );
    if (found.length === 0)
      throw new Error(`nobody may ${action}: add its resource to scripts/docs/permissions.mjs`);
    return found;
  });
  return [
    '# Permissions',
    'The permissions of each role. The table is computed with the function `can` of `src/access/rights.ts`, which makes all these decisions. Combinations that no role is allowed are left out.',
    '- Roles give no access to objects. Only a grant allows an account to read or write a collection, including for administrators.\n- API keys can have further limits: scopes, collections, addresses and an expiry.\n- The operator, who uses the socket of the hub, has the permissions of an administrator, except that no TLP:RED can be given to the operator.\n- "Own" means of the member of the account, or of the hub for an account of the hub.',
    table(['Action', 'Resource', ...CALLERS.map(([name]) => name)], rows),
    '## Operations of the REST API',
    'The permission that each operation needs. An action is one of the table above, on the resource that the operation names. A list contains only the items for which the caller has the permission. An operation can need further permissions for its content, for example to give a new key access to a collection.',
    '- `public`: every caller, without credentials.\n- `sign-in`: a step of signing in, without other credentials.\n- `session`: a person with a session of the console. API keys cannot use the operation.\n- `own`: every account, for itself.',
    table(['Operation', 'Request', 'Permission'], operationsOf(document)),
  ].join('\n\n');
}

/** Returns a row for each operation of the API document. */
function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => operationId !== undefined)
      .map(([method, { operationId, 'x-permission': permission }]) => [
        code(operationId),
        code(`${method.toUpperCase()} ${path}`),
        code(permission),
      ]),
  );
}
