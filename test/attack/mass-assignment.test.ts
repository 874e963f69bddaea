import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEDIA } from '../support/hub.ts';
import { OPERATIONS, filled } from './operations.ts';
import { SHARED, attackedHub, indicator, items, type Site } from './site.ts';
import { THINGS } from './things.ts';
import type { Json } from '../support/builders.ts';

/** Additional fields with which a request might try to set protected values. */
const EXTRA: Readonly<Record<string, unknown>> = {
  id: 'acc-9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', uid: 'acc-9f0725cb-4bc3-47c3-aba6-99cb97ba4f52', account: 'chief', role: 'administrator', roles: ['administrator'], member: 'fiji',
  owner: 'fiji', owners: ['fiji'], status: 'active', state: 'done', managed: 'file', revision: 0, disabled: false, person: true, admin: true, is_admin: true, kind: 'operator',
  date_added: '2020-01-01T00:00:00Z', created: '2020-01-01T00:00:00Z', created_by: 'chief', by: 'chief', submitter: 'buoy', relayed: false, provenance: { member: 'fiji' },
  password_hash: 'x', secret_hash: 'x', scopes: ['api:write'], collections: ['secret'], groups: ['pacific'], grants: [{ to: 'public', read: true }], verified: true, verdict: 'approved',
  confirmed: 9_999_999_999_999, session: { id: 'x' }, expires: '2099-01-01T00:00:00Z', $where: '1', __proto__x: {}, constructor: { prototype: { role: 'administrator' } },
}; // prettier-ignore

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}
interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId?: string;
            readonly requestBody?: { readonly content: Readonly<Record<string, { schema: { $ref?: string } }>> };
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
} // prettier-ignore

let s: Site;
let document: Document;
beforeAll(async () => {
  s = await attackedHub();
  document = (await s.ask(undefined, 'GET', '/api/openapi.json')).body as unknown as Document;
}, 60_000);
afterAll(async () => {
  await s.stop();
});

const schemaOf = (operation: string): Schema | undefined => {
  const found = Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .find(({ operationId }) => operationId === operation);
  const name = found?.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '';
  return document.components.schemas[name];
};

/**
 * Objects in the language of another standard (STIX, feed documents, WebAuthn). Their own checks apply, and
 * the tests below read back the result.
 */
const FREE = new Set(['/objects[]', '/object', '/document', '/passkey']);

function* openPlaces(schema: Schema, path: string): Generator<string> {
  if (schema.type === 'object' || schema.properties !== undefined) {
    if (schema.additionalProperties !== false && !FREE.has(path)) yield path === '' ? '/' : path;
    for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* openPlaces(inner, `${path}/${name}`);
  }
  if (schema.items !== undefined) yield* openPlaces(schema.items, `${path}[]`);
  for (const inner of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) yield* openPlaces(inner, path);
} // prettier-ignore

/** The body of this operation is a document. The hub reads it as text, and no field of it. */
const OF_DOCUMENTS = 'extractValues';
const WRITES = Object.entries(OPERATIONS).filter(
  ([name, { body }]) => body !== undefined && name !== OF_DOCUMENTS,
);

test('every request schema is closed at any depth', () => {
  const open = WRITES.flatMap(([name]) => {
    const schema = schemaOf(name);
    return schema === undefined ? [`${name}: no schema`] : [...openPlaces(schema, '')].map((path) => `${name}: ${path}`);
  }); // prettier-ignore
  expect(open).toEqual([]);
  expect(WRITES.length).toBeGreaterThan(35);
});

test.each(WRITES.map(([name]) => name))(
  '%s: an unknown field is refused, whatever its name',
  async (name) => {
    const attack = OPERATIONS[name];
    if (attack === undefined) throw new Error(name);
    const id = attack.thing === undefined ? '' : await THINGS[attack.thing](s, 'tonga');
    const known = new Set(Object.keys(schemaOf(name)?.properties ?? {}));
    const wrong: unknown[] = [];
    for (const [field, value] of Object.entries(EXTRA)) {
      if (known.has(field)) continue;
      const { path, body } = filled(attack, 'tonga', id, 'never-made');
      const { status } = await s.api('chief', attack.method, path, { ...(body as object), [field]: value });
      // Operations on sessions look for their cookie first and then answer nothing else.
      if (status !== 422 && status !== 401) wrong.push([field, status]);
    }
    const { path } = filled(attack, 'tonga', id, 'never-made');
    const polluted = `{"__proto__":{"role":"administrator"},"constructor":{"prototype":{"role":"administrator"}}}`;
    const { status } = await s.api('chief', attack.method, path, polluted);
    if (status !== 422 && status !== 401) wrong.push(['__proto__', status]);
    expect(wrong).toEqual([]);
    expect(Reflect.get({}, 'role')).toBeUndefined();
  },
  30_000,
);

test('a refused request creates nothing', async () => {
  for (const list of ['accounts', 'members', 'groups', 'channels', 'rules', 'feeds', 'secrets'])
    expect(JSON.stringify(items(await s.api('chief', 'GET', `/${list}?limit=1000`)))).not.toContain('never-made');
}); // prettier-ignore

describe('custom properties of objects change nothing', () => {
  const CLAIMS: Json = {
    x_owner: 'fiji', x_member: 'fiji', x_relayed: false, x_date_added: '2020-01-01T00:00:00Z', x_collection: 'secret', x_managed: 'file', x_submitter: 'buoy', x_level: 'clear',
  }; // prettier-ignore

  test('TAXII: fields of the envelope other than the objects change nothing', async () => {
    const object = indicator('amber');
    const before = Date.now();
    const answer = await s.ask('sensor', 'POST', `/main/collections/${SHARED}/objects/`, {
      objects: [object], more: false, owner: 'fiji', member: 'fiji', date_added: '2020-01-01T00:00:00Z', submitter: 'buoy', max_tlp: 'clear', collection: 'secret',
    }, { Accept: MEDIA, 'Content-Type': MEDIA }); // prettier-ignore
    if (answer.status === 202) {
      const manifest = await s.ask('sensor', 'GET', `/main/collections/${SHARED}/manifest/?match[id]=${String(object['id'])}`, undefined, { Accept: MEDIA }); // prettier-ignore
      const [entry] = manifest.body['objects'] as Json[];
      expect(Date.parse(String(entry?.['date_added']))).toBeGreaterThanOrEqual(before - 60_000);
      // Fiji is not the owner, so it cannot delete an object of Tonga.
      expect((await s.ask('buoy', 'DELETE', `/main/collections/${SHARED}/objects/${String(object['id'])}/`, undefined, { Accept: MEDIA })).status).toBe(403); // prettier-ignore
    } else expect([400, 422]).toContain(answer.status);
  });

  test('custom properties that are named like hub fields are stored unchanged or refused, and have no effect', async () => {
    const object = indicator('amber+strict', CLAIMS);
    await s.post('sensor', SHARED, object);
    await s.settle();
    const found = (await s.read('sensor', SHARED)).find(({ id }) => id === object['id']);
    if (found !== undefined) expect(found).toEqual(object);
    expect((await s.read('chief', 'secret')).map(({ id }) => id)).not.toContain(object['id']);
    expect((await s.read(undefined, 'world')).map(({ id }) => id)).not.toContain(object['id']);
    expect((await s.ask('buoy', 'DELETE', `/main/collections/${SHARED}/objects/${String(object['id'])}/`, undefined, { Accept: MEDIA })).status).not.toBe(200); // prettier-ignore
  });

  test('TLP:RED is given to the recipients in the request, not to those in the object', async () => {
    const object = indicator('red', { x_to: ['desk'], x_by: 'chief', x_named: ['desk'] });
    const given = await s.api('moana', 'POST', '/red', { object, to: ['watch'] });
    if (given.status === 201) {
      const id = String(given.body['id']);
      expect((await s.api('desk', 'GET', `/red/${id}`)).status).toBe(404);
      expect(JSON.stringify(items(await s.api('desk', 'GET', '/red')))).not.toContain(id);
    } else expect(given.status).toBe(422);
  });

  test('a feed document cannot add a secret, an owner or a right', async () => {
    const wrong: unknown[] = [];
    for (const [field, value] of Object.entries(EXTRA)) {
      if (['kind', 'status', 'created'].includes(field)) continue;
      const { status } = await s.api('chief', 'POST', '/feeds', { name: 'never-made', collection: 'shared', preset: 'plain-list', url: 'https://feeds.example/x', document: { [field]: value } }); // prettier-ignore
      if (status !== 422 && status !== 400) wrong.push([field, status]);
    }
    expect(wrong).toEqual([]);
  });
});
