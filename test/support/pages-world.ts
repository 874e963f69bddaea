import { randomUUID } from 'node:crypto';
import type { FormBrowser } from './browser.ts';
import { anIndicator, type Json } from './builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, type PersonName } from './console.ts';
import { MAIN, testHub, type TestHub } from './hub.ts';

/** A hub in which every page of the console has something to show, and its people. */
export interface PagesWorld {
  readonly t: TestHub;
  readonly as: (name: PersonName) => FormBrowser;
  /** Returns the address of a page of the table, with the values that its path needs. */
  readonly addressOf: (path: string) => string;
}

/** Creates the hub. `settings` are those of the console, changed as a test needs it. */
export async function pagesWorld(settings = CONSOLE_SETTINGS): Promise<PagesWorld> {
  const t = await testHub(
    settings.replace(
      '{ to: "role:administrator", read: true }',
      '{ to: "role:administrator", read: true }, { to: "account:writer", write: true }',
    ),
  );
  const as = await everybodySignedIn(t);
  const indicator = anIndicator({
    created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
    name: 'Name-1',
    description: 'Description-1',
    pattern: "[ipv4-addr:value = '203.0.114.61']",
    valid_until: '2999-01-02T03:04:05Z',
  });
  const unclear = anIndicator({
    name: 'Name-2',
    object_marking_refs: [`marking-definition--${randomUUID()}`],
  });
  const submit = (account: string, object: Json) =>
    t.api(account, 'POST', `/collections/${MAIN}/objects`, { objects: [object] });
  const made = async (path: string, request: Json): Promise<string> => {
    const { status, body } = await t.api('chief', 'POST', path, request);
    if (status !== 201) throw new Error(`${path}: ${status}`);
    return String(body['id']);
  };
  await submit('sensor', indicator);
  await submit('writer', unclear);
  const { body } = await t.api('chief', 'GET', '/held');
  const ids: Readonly<Record<string, string>> = {
    id: String(indicator['id']),
    held: String((body['items'] as Json[])[0]?.['id']),
    item: '0123456789abcdef',
    member: 'tonga',
    account: 'lani',
    session: '0123456789abcdef',
    feed: 'list',
    key: await made('/keys', { account: 'tongan-wall', member: 'tonga', label: 'Label-1' }),
    claim: await made('/members/tonga/claims', { type: 'domain', value: 'reef.to', evidence: 'Evidence-1' }),
    request: await made('/members/tonga/requests', { title: 'Title-1' }),
    channel: 'tonga-hook',
    collection: 'indicators',
  };
  await made('/channels', {
    name: 'tonga-hook',
    member: 'tonga',
    kind: 'webhook',
    url: 'https://hook.example/x',
    secret: 'secret:x',
  });
  const addressOf = (path: string): string =>
    `/console${path === '/' ? '' : path}`.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? name);
  return { t, as, addressOf };
}
