/** OpenPGP keys of contacts, as members send them. */
import type { Key } from 'openpgp';
import type { ContactKey } from './model.ts';

/** The reasons why a key is refused, as sentences. No sentence contains a part of a private key. */
const FAULTS = {
  unreadable:
    'A key cannot be read. Paste the whole public key, from its line -----BEGIN PGP PUBLIC KEY BLOCK----- to its last line.',
  private:
    'This is a private key, which nobody else may have. Send the public key instead, and replace the private key, because it left your computer.',
  several: 'Write each key into a block of its own.',
} as const;

/** Maximum number of names of a key, and of characters of each. All are kept, because a key with a hidden address is hidden. */
const MOST_IDS = 20;
const LONGEST_ID = 300;

/** Either a key, or the reason why it is refused. */
export type ReadKey = { readonly key: ContactKey } | { readonly fault: string };

/**
 * Reads a public key at `now`, in milliseconds since 1970. It must be valid, able to encrypt, and name one of the addresses.
 * A key with other names only is probably that of somebody else.
 */
export async function readContactKey(armored: string, addresses: readonly string[], now: number): Promise<ReadKey> {
  // A hub without keys never loads the library, which takes 15 MB.
  const { readKeys } = await import('openpgp');
  let keys: readonly Key[];
  try {
    keys = await readKeys({ armoredKeys: armored });
  } catch {
    return { fault: FAULTS.unreadable };
  }
  const [key] = keys;
  if (key === undefined) return { fault: FAULTS.unreadable };
  if (keys.length > 1) return { fault: FAULTS.several };
  if (key.isPrivate()) return { fault: FAULTS.private };
  const fingerprint = key.getFingerprint();
  const name = `The key ${fingerprint}`;
  const date = new Date(now);
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && expires <= date) return { fault: `${name} ended on ${expires.toISOString().slice(0, 10)}.` };
  try {
    await key.verifyPrimaryKey(date);
  } catch {
    return { fault: `${name} is revoked, or not valid.` };
  }
  try {
    await key.getEncryptionKey(undefined, date);
  } catch {
    return { fault: `${name} cannot encrypt now.` };
  }
  const ids = key.getUserIDs();
  if (ids.length > MOST_IDS || ids.some((id) => id.length > LONGEST_ID))
    return { fault: `${name} has more than ${MOST_IDS} names, or a name of more than ${LONGEST_ID} characters.` };
  const isNamed = addresses.some((address) => ids.some((id) => addressIn(id) === address.toLowerCase()));
  if (!isNamed) return { fault: `${name} names ${ids.join(', ').slice(0, 200)}, and no email address of the contact. Add the address, or send the right key.` };
  const end = expires instanceof Date ? { expires: expires.toISOString() } : {};
  return { key: { fingerprint, user_ids: ids, ...end, armored: key.armor() } };
} // prettier-ignore

/** Returns the address of a user id, such as `Name <name@example.org>`. */
function addressIn(id: string): string {
  return (/<([^<>]+)>\s*$/.exec(id)?.[1] ?? id).trim().toLowerCase();
}

/** Stages before the end of a key, in days, at which its officers are notified. */
const STAGES = [1, 7, 30] as const;
const DAY_MS = 86_400_000;

/** Returns the stage of a key at `now`. Undefined for a key that is valid for longer, or without an end. */
export function stageOf({ expires }: Pick<ContactKey, 'expires'>, now: number): number | undefined {
  if (expires === undefined) return undefined;
  const days = (Date.parse(expires) - now) / DAY_MS;
  return STAGES.find((stage) => days <= stage);
}
