import { gunzipSync, gzipSync } from 'node:zlib';
import type { Idempotency } from '../../access/idempotency.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import { EMPTY, type PublishForm } from './publish-form.ts';
import type { Outcome } from './views/publish-check.tsx';

/** Time in milliseconds in which a submission can be undone from its receipt. */
export const UNDO_MS = 600_000;
/** Number of characters of a description and of a name that a receipt keeps. */
const KEPT = { description: 2_000, name: 200 } as const;

/** The content of the receipt of a submission. The hub keeps it for a day. */
export interface Receipt {
  /** The form without its values, for another submission like this one. */
  readonly form: PublishForm;
  readonly collection: { readonly name: string; readonly title: string; readonly isReadable: boolean };
  readonly until: string;
  /** The indicators in the order of the values. */
  readonly items: readonly {
    readonly id: string;
    readonly outcome: Outcome;
    readonly name: string;
    readonly notes: readonly string[];
  }[];
  /** Objects other than the indicators that were stored: malware, relationships and sightings. */
  readonly beside: readonly string[];
}

/** A kept receipt. */
export interface KeptReceipt extends Receipt {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The owner of receipts: the account, in all of its sessions. */
export function receiptOwner({ account }: AccountPrincipal): { account: string; credential: string } {
  return { account, credential: JSON.stringify([account, 'console']) };
}

/** Returns a receipt as a short text. A list of a hundred values fits what the hub keeps of a response. */
export function packReceipt({ form, items, ...rest }: Receipt): string {
  const short: Receipt = {
    ...rest,
    form: { ...form, values: '', description: form.description.slice(0, KEPT.description) },
    items: items.map((item) => ({ ...item, name: item.name.slice(0, KEPT.name) })),
  };
  return gzipSync(JSON.stringify(short)).toString('base64');
}

/** Returns a receipt of the account, or undefined. */
export async function receiptOf(
  idempotency: Pick<Idempotency, 'recall'>,
  who: AccountPrincipal,
  token: string,
): Promise<KeptReceipt | undefined> {
  const kept = await idempotency.recall(receiptOwner(who), token);
  return kept === undefined ? undefined : { ...unpackReceipt(kept.body), at: kept.at };
}

/** Returns the receipt that a text contains. */
function unpackReceipt(body: string): Receipt {
  // The hub itself has packed the text and sealed it.
  const receipt = JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString()) as Receipt;
  return { ...receipt, form: { ...EMPTY, ...receipt.form } };
}

/** The ids of everything that the submission has stored. Objects that refer to others come first. */
export function storedIn({ items, beside }: Receipt): readonly string[] {
  const indicators = items.filter(({ outcome }) => outcome === 'stored').map(({ id }) => id);
  const links = beside.filter((id) => /^(?:relationship|sighting)--/.test(id));
  return [...links, ...indicators, ...beside.filter((id) => !links.includes(id))];
}
