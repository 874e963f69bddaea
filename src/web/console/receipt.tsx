import type { Request, Response, Router } from 'express';
import type { AccountPrincipal } from '../../access/principal.ts';
import { Problem } from '../../kernel/problem.ts';
import { TLP_LEVELS } from '../../stix/markings.ts';
import { sendView as page, sentencesOf } from '../shared/send-view.tsx';
import type { Ask } from './ask.ts';
import { allowed } from './allowed.ts';
import { NoPage } from './pages/problem-pages.tsx';
import type { PublishPages } from './publish.tsx';
import { UNDO_MS, receiptOf, storedIn, type KeptReceipt } from './publish-receipt.ts';
import { ReceiptPage, type HasShown, type Undone } from './views/publish-receipt.tsx';

/** Number of indicators whose deliveries a receipt counts. */
const MOST_COUNTED = 20;

/** The receipt of a submission, and its undo. Only the account that has published can open it, for a day. */
export function receiptRoutes(router: Router, services: PublishPages): void {
  const { signedIn, idempotency, pages, now, rates, field } = services;
  const opened = async (
    request: Request<{ receipt: string }>,
    response: Response,
    work: (who: AccountPrincipal, receipt: KeptReceipt, ask: Ask) => Promise<void>,
  ): Promise<void> => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    const receipt = await receiptOf(idempotency, who, request.params.receipt);
    if (receipt === undefined) page(response, 404, <NoPage />);
    else await work(who, receipt, pages.asking(who, request));
  };
  const show = async (
    response: Response,
    token: string,
    receipt: KeptReceipt,
    ask: Ask,
    undone?: Undone,
  ): Promise<void> => {
    const ids = receipt.items.flatMap(({ id, outcome }) => (outcome === 'stored' ? [id] : []));
    const counted = ids.slice(0, MOST_COUNTED);
    page(
      response,
      200,
      <ReceiptPage
        token={token}
        receipt={receipt}
        level={TLP_LEVELS.find((level) => level === receipt.form.tlp) ?? 'amber'}
        has={await hasOf(ask, counted)}
        counted={counted.length}
        undone={undone}
        isRevoked={await isRevoked(ask, ids[0])}
        now={now()}
      />,
    );
  };
  router.get('/publish/receipt/:receipt', (request, response) =>
    opened(request, response, (_who, receipt, ask) => show(response, request.params.receipt, receipt, ask)),
  );
  router.post('/publish/receipt/:receipt', (request, response) =>
    opened(request, response, async (who, receipt, ask) => {
      rates.take(who.account, 'writes');
      const isInTime = now() < receipt.at + UNDO_MS && field(request, 'do') === 'undo';
      const undone = isInTime ? await undo(ask, storedIn(receipt)) : undefined;
      await show(response, request.params.receipt, receipt, ask, undone);
    }),
  );
}

/** Revokes everything that a submission has stored. Each object is a decision of its own, with its own result. */
async function undo(ask: Ask, ids: readonly string[]): Promise<Undone> {
  const failed: { id: string; message: string }[] = [];
  for (const id of ids)
    try {
      await ask('revokeObject', { parameters: { object: id } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failed.push({ id, message: sentencesOf(error) });
    }
  return { revoked: ids.length - failed.length, failed };
}

/** Returns how many of the objects each member has received, as far as the person may know. */
async function hasOf(ask: Ask, ids: readonly string[]): Promise<readonly HasShown[]> {
  const found = new Map<string, { received: number; at: string | undefined }>();
  const logs = await Promise.all(
    ids.map((id) => allowed(ask('getDeliveries', { parameters: { object: id } }))),
  );
  for (const log of logs)
    for (const { member, state, opened, answered, available } of log?.items ?? []) {
      const one = found.get(member) ?? { received: 0, at: undefined };
      if (state !== 'available' && state !== 'announced') {
        one.received++;
        one.at = answered ?? opened ?? available;
      }
      found.set(member, one);
    }
  return [...found].map(([member, one]) => ({ member, ...one }));
}

async function isRevoked(ask: Ask, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const found = await allowed(ask('getObject', { parameters: { object: id } }));
  return found?.state === 'revoked';
}
