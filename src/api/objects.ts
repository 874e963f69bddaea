import { noObject, type Outlet } from '../sharing/reading/outlet.ts';
import type { Publishing } from '../sharing/intake/publishing.ts';
import type { Revocation } from '../sharing/life/revocation.ts';
import type { Answers } from '../sharing/deliveries/answers.ts';
import { refang } from '../feeds/values.ts';
import type { Recipients } from '../sharing/deliveries/recipients.ts';
import type { Search } from '../sharing/reading/search.ts';
import { PAGING, limitOf, type Operation } from './operation.ts';

/** Operations on objects that people publish and revoke. */
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
      summary: 'Search the collections that the caller may read for a value: address, network, AS number, domain, URL, hash, email address, or the beginning of a name',
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
      method: 'GET', path: '/objects/:object', name: 'findObject', summary: 'Get the newest version of an object and the collections that contain it and that the caller may read',
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
      method: 'POST', path: '/collections/:collection/objects', name: 'publishObjects', summary: 'Submit objects to a collection; each has its own outcome',
      tag, status: 200, body: 'api/publish-request.json', answer: 'published', idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: {
          items: await publishing.publish(actor, parameters['collection'] ?? '', (body as { objects: readonly object[] }).objects, (body as { on_behalf_of?: string }).on_behalf_of),
        },
      }),
    },
    {
      method: 'POST', path: '/collections/:collection/recipients', name: 'previewRecipients', summary: 'Preview the recipients of objects without storing anything',
      tag, status: 200, body: 'api/publish-request.json', answer: 'recipients',
      run: async ({ actor, parameters, body }) => ({
        body: await recipients.preview(actor, parameters['collection'] ?? '', (body as { objects: readonly object[] }).objects, (body as { on_behalf_of?: string }).on_behalf_of),
      }),
    },
    {
      method: 'POST', path: '/objects/:object/revocation', name: 'revokeObject',
      summary: 'Revoke an object that the hub created', tag, status: 200, answer: 'revocation',
      run: async ({ actor, parameters }) => ({
        body: { items: await revocation.revoke(actor, parameters['object'] ?? '') },
      }),
    },
  ]; // prettier-ignore
}
