// Cases from the field: what producers and libraries really send, with the right answer (test/fixtures/SOURCES.md).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ObjectSet } from '../../src/stix/validation/set.ts';
import type { Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(() => t.stop());

const objectsIn = (name: string): Json[] =>
  (
    JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cases', name), 'utf8')) as {
      objects: Json[];
    }
  ).objects;
const send = async (name: string): Promise<Json> => {
  const { status, body } = await t.as('writer').post(objectsOf(MAIN), { objects: objectsIn(name) });
  expect(status).toBe(202);
  return body as Json;
};

test('objects that a library forwarded with other defaults and notations are duplicates, not conflicts', async () => {
  expect(await send('01-same-version-a.json')).toMatchObject({ success_count: 6, failure_count: 0 });
  expect(await send('01-same-version-b.json')).toMatchObject({ success_count: 6, failure_count: 0 });
});

test("MISP's objects with one UUID are stored, and a set of them has a warning", async () => {
  expect(await send('02-misp-one-uuid.json')).toMatchObject({ success_count: 3 });
  const set = new ObjectSet();
  const faults = objectsIn('02-misp-one-uuid.json').flatMap((object) => set.add(object, undefined));
  expect(faults.map(({ level, rule }) => `${level} ${rule}`)).toEqual(['warning S-049', 'warning S-049']);
});

test('a version after a revocation is refused, by the hub and in a file', async () => {
  const [revoked, later] = objectsIn('03-history.json') as [Json, Json];
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [revoked, later] });
  expect(body).toMatchObject({
    success_count: 1,
    failures: [{ id: later['id'], version: later['modified'], message: expect.stringMatching(/S-044/) }],
  });
  const { body: page } = await t.as('reader').get(`${objectsOf(MAIN)}${String(revoked['id'])}/`);
  expect((page as { objects: Json[] }).objects).toEqual([revoked]);
  const set = new ObjectSet();
  set.add(revoked, undefined);
  expect(set.add(later, undefined).map(({ rule }) => rule)).toEqual(['S-044']);
});

test.each([
  'application/stix+json; version=2.1',
  'application/stix+json',
  'application/vnd.oasis.stix+json; version=2.1',
])('a bundle that OpenCTI sends as %s is accepted where bundles are', async (type) => {
  const bundle = { type: 'bundle', objects: objectsIn('04-opencti-taxii-post-body.json') };
  const post = (hub: TestHub) => hub.as('writer').post(objectsOf(MAIN), bundle, { 'Content-Type': type });
  const { status, body } = await post(t);
  expect([status, (body as Json)['success_count']]).toEqual([202, 1]);
  const strict = await testHub(SETTINGS.replace('path: main', 'path: main, unwrap_bundles: false'));
  try {
    expect((await post(strict)).status).toBe(415);
  } finally {
    await strict.stop();
  }
});

test('added_after with an offset is the same instant', async () => {
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?limit=1`);
  expect((body as Json)['objects']).toHaveLength(1);
  for (const value of [
    '2999-01-01T12:00:00%2B12:00',
    '2999-01-01T12:00:00+12:00',
    '2998-12-31T12:00:00.5-1200',
  ])
    expect((await t.as('reader').get(`${objectsOf(MAIN)}?added_after=${value}`)).body).toEqual({
      more: false,
    });
  expect(
    (await t.as('reader').get(`${objectsOf(MAIN)}?added_after=1970-01-01T12:00:00%2B12:00`)).body,
  ).toMatchObject({ objects: expect.any(Array) });
  for (const value of ['2999-01-01T12:00:00%2B25:00', '2999-01-01T12:00:00%2B12', '2999-01-01%2B12:00'])
    expect((await t.as('reader').get(`${objectsOf(MAIN)}?added_after=${value}`)).status).toBe(400);
});

test('an empty page states that there is no more, because an older client fails on two bytes', async () => {
  for (const path of [objectsOf(MAIN), objectsOf(MAIN).replace('objects', 'manifest')])
    expect(
      (await t.as('reader').get(`${path}?match[id]=indicator--00000000-0000-4000-8000-0000000000ff`)).body,
    ).toEqual({ more: false });
});

test('the id of a collection may be written in uppercase letters', async () => {
  expect((await t.as('reader').get(objectsOf(MAIN.toUpperCase()))).status).toBe(200);
});

test('a marking definition of OpenCTI does not put its marked objects on hold', async () => {
  const { successes, failure_count } = (await send('07-opencti-marking-modified.json')) as {
    successes: { id: string; message?: string }[];
    failure_count: number;
  };
  expect(failure_count).toBe(0);
  expect(successes.map(({ message }) => message)).toEqual([
    'accepted with findings: S-146 /modified: not allowed here: a marking-definition is not versioned',
    undefined,
  ]);
});

test('objects from OpenCTI are accepted with findings, and refused where the standard decides', async () => {
  const { successes } = (await send('08-opencti-forms.json')) as { successes: { message?: string }[] };
  expect(successes.map(({ message }) => /^accepted with findings: (\S+) /.exec(message ?? '')?.[1])).toEqual([
    'S-053', 'S-051', 'S-029', 'S-060', 'S-082', 'S-145',
  ]); // prettier-ignore
  const objects = objectsIn('08-opencti-forms.json');
  const { body: page } = await t
    .as('reader')
    .get(`${objectsOf(MAIN)}?match[id]=${objects.map(({ id }) => id).join(',')}`);
  expect((page as { objects: Json[] }).objects).toEqual(objects);
  for (const setting of ['    validation: standard\n', '    validation: strict\n', '']) {
    const hub = await testHub(
      SETTINGS.replace('title: Indicators\n', `title: Indicators\n${setting}`).replace(
        'hub: {',
        setting === '' ? 'hub: { validation: standard,' : 'hub: {',
      ),
    );
    try {
      const { body } = await hub.as('writer').post(objectsOf(MAIN), { objects });
      expect(body).toMatchObject({ success_count: 0, failure_count: 6 });
    } finally {
      await hub.stop();
    }
  }
});

test('the API returns the findings of published objects', async () => {
  const [, , incident] = objectsIn('08-opencti-forms.json') as [Json, Json, Json];
  const object = { ...incident, id: 'incident--0b5a1e00-0000-4000-8000-0000000000b0' };
  const { body } = await t.api('writer', 'POST', '/collections/indicators/objects', { objects: [object] });
  expect(body).toMatchObject({
    items: [
      { outcome: 'stored', findings: [{ rule: 'S-029', pointer: '/severity', message: expect.any(String) }] },
    ],
  });
});

test('findings are counted for each producer and rule', async () => {
  const { body } = await t.api('analyst', 'GET', '/findings');
  expect((body as { items: Json[] }).items).toEqual(
    expect.arrayContaining([
      { producer: 'writer', rule: 'S-029', objects: 2 },
      { producer: 'writer', rule: 'S-053', objects: 1 },
      { producer: 'writer', rule: 'S-146', objects: 1 },
    ]),
  );
  expect((await t.api('writer', 'GET', '/findings')).status).toBe(403);
});

test('defanged, empty and impossible URLs are refused, with a suggestion', async () => {
  const { failures } = (await send('10-urls.json')) as { failures: { id: string; message: string }[] };
  const said = new Map(failures.map(({ id, message }) => [id.slice(-2), message]));
  expect(said.has('92')).toBe(false);
  expect(said.get('90')).toContain('did you mean "http://c2.example.org/x"?');
  expect(said.get('91')).toContain('did you mean "http://c2.example.org/"?');
  expect(said.get('93')).toContain('has no host; write the whole URL');
  expect(said.get('94')).toContain('has no host; write the whole URL');
  expect(said.get('95')).toContain('did you mean "http://example.org/"?');
  expect(said.get('96')).toContain('did you mean "file:///c:/windows/x.exe"?');
});

test('a bundle inside an envelope is refused, also where STIX 2.0 is accepted', async () => {
  const old = await testHub(
    SETTINGS.replace('title: Indicators\n', "title: Indicators\n    accept: ['2.0', '2.1']\n"),
  );
  try {
    const { body } = await old
      .as('writer')
      .post(objectsOf(MAIN), { objects: objectsIn('05-bundle-in-envelope.json') });
    expect(body).toMatchObject({
      success_count: 0,
      failures: [
        {
          id: 'bundle--0b5a1e00-0000-4000-8000-0000000000fd',
          message: 'S-154 /type: a bundle is not an object of an envelope or bundle (object 1 of 1)',
        },
      ],
    });
  } finally {
    await old.stop();
  }
});

test('a failure names the object, also beyond a limit of the hub, and its position', async () => {
  const id = 'artifact--0b5a1e00-0000-4000-8000-0000000000a0';
  const artifact = { type: 'artifact', spec_version: '2.1', id, payload_bin: 'A'.repeat(1_200_000) };
  const indicator = (objectsIn('10-urls.json') as [Json])[0];
  const roomy = await testHub(SETTINGS.replace('max_content_length: 1048576', 'max_content_length: 4194304'));
  try {
    const { body } = await roomy.as('writer').post(objectsOf(MAIN), { objects: [artifact, indicator] });
    expect(body).toMatchObject({
      failures: [
        { id, message: 'L-005 the object: a string is longer than 1048576 bytes (object 1 of 2)' },
        { id: indicator['id'], message: expect.stringMatching(/^S-093 \/value: .* \(object 2 of 2\)$/) },
      ],
    });
  } finally {
    await roomy.stop();
  }
});

test('the errors of objects that wait for a refused definition explain why it was refused', async () => {
  const text = JSON.stringify(objectsIn('07-opencti-marking-modified.json')).replaceAll(
    '0000000000',
    '0000000001',
  );
  const [definition, indicator] = JSON.parse(text) as [Json, Json];
  const objects = [indicator, { ...definition, definition: 'Members only' }];
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  const { failures } = body as { failures: { id: string; message: string }[] };
  const said = new Map(failures.map(({ id, message }) => [id, message]));
  expect(said.get(String(definition['id']))).toMatch(/^S-003 \/definition: /);
  expect(said.get(String(indicator['id']))).toMatch(
    /^held: marking-unknown: the definition of its marking has not been submitted: marking-definition--.*; the definition of .* in this submission was refused: S-003 \/definition: .*; send it again without the fault$/,
  );
});

test('a later version with another creation time or creator has a finding, and is refused where the standard decides', async () => {
  const [, indicator] = objectsIn('07-opencti-marking-modified.json') as [Json, Json];
  const first = {
    ...indicator,
    id: 'indicator--0b5a1e00-0000-4000-8000-0000000000c0',
    object_marking_refs: undefined,
  };
  const later = {
    ...first,
    created: '2024-01-01T00:00:00.001Z',
    modified: '2024-01-02T00:00:00.000Z',
    created_by_ref: 'identity--0b5a1e00-0000-4000-8000-0000000000c1',
  };
  await t.as('writer').post(objectsOf(MAIN), { objects: [first] });
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [later] });
  expect(body).toMatchObject({
    success_count: 1,
    successes: [
      {
        message: expect.stringMatching(
          /^accepted with findings: S-045 \/created: .*; S-047 \/created_by_ref: /,
        ),
      },
    ],
  });
  const same = { ...later, modified: '2024-01-03T00:00:00.000Z' };
  const { body: again } = await t.as('writer').post(objectsOf(MAIN), { objects: [same] });
  expect((again as { successes: Json[] }).successes[0]).not.toHaveProperty('message');
  const standard = await testHub(SETTINGS.replace('hub: {', 'hub: { validation: standard,'));
  try {
    await standard.as('writer').post(objectsOf(MAIN), { objects: [first] });
    const { body: refused } = await standard.as('writer').post(objectsOf(MAIN), { objects: [later] });
    expect(refused).toMatchObject({
      failures: [{ id: later.id, message: expect.stringMatching(/^S-045 \/created: /) }],
    });
  } finally {
    await standard.stop();
  }
});

test('an object shows the findings with which it was accepted', async () => {
  await send('07-opencti-marking-modified.json');
  const [definition, marked] = objectsIn('07-opencti-marking-modified.json') as [Json, Json];
  const shown = await t.api('analyst', 'GET', `/objects/${String(definition['id'])}`);
  expect(shown.body['findings']).toEqual([
    { rule: 'S-146', pointer: '/modified', message: expect.any(String) },
  ]);
  expect((await t.api('analyst', 'GET', `/objects/${String(marked['id'])}`)).body['findings']).toEqual([]);
});

test('the versions of an object in one envelope are compared with each other', async () => {
  const first = {
    ...objectsIn('07-opencti-marking-modified.json')[1],
    id: 'indicator--0b5a1e00-0000-4000-8000-0000000000d0',
    object_marking_refs: undefined,
    created: '2024-01-01T00:00:00.000Z',
    modified: '2024-01-01T00:00:00.000Z',
  };
  const later = { ...first, created: '2024-01-02T00:00:00.000Z', modified: '2024-01-02T00:00:00.000Z' };
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [first, later] });
  const { successes } = body as { successes: Json[] };
  expect(successes.map(({ message }) => message)).toEqual([
    undefined,
    expect.stringMatching(/^accepted with findings: S-045 \/created: [^;]*$/),
  ]);
  const standard = await testHub(SETTINGS.replace('hub: {', 'hub: { validation: standard,'));
  try {
    const { body: refused } = await standard.as('writer').post(objectsOf(MAIN), { objects: [first, later] });
    expect(refused).toMatchObject({
      success_count: 1,
      failures: [{ id: later.id, message: expect.stringMatching(/^S-045 \/created: /) }],
    });
  } finally {
    await standard.stop();
  }
});

test('a marking definition without spec_version is accepted with a finding, and so are its objects', async () => {
  const definition = {
    type: 'marking-definition',
    id: 'marking-definition--11111111-2222-4333-8444-000000000009',
    created: '2024-01-01T00:00:00.000Z',
    definition_type: 'statement',
    definition: { statement: 'Copyright Reef' },
  };
  const marked = {
    ...objectsIn('07-opencti-marking-modified.json')[1],
    id: 'indicator--0b5a1e00-0000-4000-8000-0000000000d1',
    object_marking_refs: [definition.id],
  };
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [definition, marked] });
  expect(body).toMatchObject({ success_count: 2 });
  expect(JSON.stringify(body)).toMatch(/S-002 \/spec_version/);
  const { body: page } = await t.as('reader').get(`${objectsOf(MAIN)}?match[id]=${definition.id}`);
  expect((page as { objects: Json[] }).objects).toEqual([definition]);
  const standard = await testHub(SETTINGS.replace('hub: {', 'hub: { validation: standard,'));
  try {
    const { body: refused } = await standard.as('writer').post(objectsOf(MAIN), { objects: [definition] });
    expect(refused).toMatchObject({
      failures: [{ message: expect.stringMatching(/^S-002 \/spec_version/) }],
    });
  } finally {
    await standard.stop();
  }
});
