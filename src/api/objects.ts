import { noObject, type Outlet } from '../sharing/outlet.ts';
import type { Publishing } from '../sharing/publishing.ts';
import type { Revocation } from '../sharing/revocation.ts';
import type { Answers } from '../sharing/answers.ts';
import { refang } from '../feeds/values.ts';
import type { Recipients } from '../sharing/recipients.ts';
import type { Search } from '../sharing/search.ts';
import { PAGING, limitOf, type Operation } from './operation.ts';

/** Objects: put in by people, and taken back. */
export function objectOperations(
  outlet: Pick<Outlet, 'places'>,
  publishing: Publishing,
  revocation: Revocation,
  search: Search,
  recipients: Recipients,
  answers: Pick<Answers, 'opened'>,
): readonly Operation[] {
  const tag = 'Objects';
  return [
    {
      method: 'GET', path: '/objects', name: 'searchObjects',
      summary: 'Objects by a value, in the collections that the caller may read: address, network, AS number, domain, URL, hash, mail address, or the beginning of a name',
      tag, status: 200, answer: 'found_objects',
      query: [
        { name: 'q', description: 'The value, defanged or not.', required: true, schema: { type: 'string', pattern: '^[^\\u0000-\\u001f]{1,2000}$' } },
        ...PAGING.map((parameter) => (parameter.name === 'after' ? { ...parameter, schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,4000}$' } } : parameter)),
      ],
      run: async (call) => {
        const { actor, query, agent } = call;
        const { next, ...found } = await search.find(actor, refang((query['q'] ?? '').trim()), limitOf(call), query['after'], agent);
        return { body: { ...found, ...(next === undefined ? {} : { next }) } };
      },
    },
    {
      method: 'GET', path: '/objects/:object', name: 'findObject', summary: 'Where an object stands, of the collections that the caller may read, and its newest version',
      tag, status: 200, answer: 'object_places',
      run: async ({ actor, parameters, agent }) => {
        const id = parameters['object'] ?? '';
        const { places, newest } = await outlet.places(actor, id, agent);
        if (newest === undefined) throw noObject(id);
        await answers.opened(actor, id);
        return { body: { id, places, object: JSON.parse(newest) as object } };
      },
    },
    {
      method: 'POST', path: '/collections/:collection/objects', name: 'publishObjects', summary: 'Put objects into a collection; each has its own outcome',
      tag, status: 200, body: 'api/publish-request.json', answer: 'published', idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: {
          items: await publishing.publish(actor, parameters['collection'] ?? '', (body as { objects: readonly object[] }).objects, (body as { on_behalf_of?: string }).on_behalf_of),
        },
      }),
    },
    {
      method: 'POST', path: '/collections/:collection/recipients', name: 'previewRecipients', summary: 'Who would have objects if they were put into a collection now; nothing is written',
      tag, status: 200, body: 'api/publish-request.json', answer: 'recipients',
      run: async ({ actor, parameters, body }) => ({
        body: await recipients.preview(actor, parameters['collection'] ?? '', (body as { objects: readonly object[] }).objects, (body as { on_behalf_of?: string }).on_behalf_of),
      }),
    },
    {
      method: 'POST', path: '/objects/:object/revocation', name: 'revokeObject',
      summary: 'Take back an object that the hub itself made, by a new version that says so', tag, status: 200, answer: 'revocation',
      run: async ({ actor, parameters }) => ({
        body: { items: await revocation.revoke(actor, parameters['object'] ?? '') },
      }),
    },
  ]; // prettier-ignore
}
