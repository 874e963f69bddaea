import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import type { ContactMail } from './notices.ts';

/** An email to one address. */
export interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** The emails about changes of contacts. They contain nothing that somebody wrote, and no number. */
const TEXTS = {
  asked:
    'Somebody requested a change of a 24/7 contact of your team. The hub checks it before it comes into force.',
  declined:
    'The hub declined a requested change of a 24/7 contact of your team. The contact stays as it was.',
  changed: 'A 24/7 contact of your team was changed.',
} as const;

/** Returns the way to send emails about changes. Each address gets an email of its own, so that no reader sees the others. */
export function contactMail({
  send,
  hub,
  log,
}: {
  readonly send: ((letter: Letter) => Promise<void>) | undefined;
  readonly hub: { readonly title: string; readonly url: () => string };
  readonly log: Log;
}): ContactMail | undefined {
  if (send === undefined) return undefined;
  return async (addresses, event) => {
    for (const address of addresses)
      await send({
        to: [address],
        subject: `${hub.title}: contacts of your team`,
        text: `${TEXTS[event]}\n\nIf your team did not ask for it, call the hub at once. To see the change, an officer of your team opens:\n${hub.url()}/console/contacts\n`,
      }).catch((error: unknown) => log.warn('contact.email_failed', { reason: reasonOf(error) }));
  };
}
