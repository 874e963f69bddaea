import type { JSX } from 'preact';
import type { PageContext } from '../page-table.ts';
import { ContactQueue } from './contact-decision.tsx';
import { ClaimQueue, RequestQueue } from './decisions.tsx';

/** Returns the claims, requests and changes of contacts that the person decides on, at most `most` of each. */
export async function decisionQueues({ ask, permits, now }: PageContext, most: number): Promise<JSX.Element> {
  const claims = permits('decideClaim') ? (await ask('listClaims')).items : undefined;
  const requests = permits('decideRequest') ? (await ask('listRequests', { query: { limit: '1000' } })).items : undefined;
  const changes = permits('decideContactChange')
    ? (await ask('listContactChanges', { query: { state: 'pending', limit: String(most) } })).items
    : undefined;
  return (
    <>
      {claims === undefined ? undefined : <ClaimQueue items={claims.filter(({ state }) => state === 'claimed').slice(0, most)} now={now} />}
      {requests === undefined ? undefined : <RequestQueue items={requests.filter(({ state }) => state === 'pending').slice(0, most)} now={now} />}
      {changes === undefined ? undefined : <ContactQueue items={changes} now={now} />}
    </>
  );
} // prettier-ignore
