import { hash, randomBytes, randomUUID } from 'node:crypto';

/** The only source of random ids and secrets. */
export interface Ids {
  /** A random UUID (version 4, RFC 9562). */
  uuid(): string;
  /** `bytes` bytes of a secure random source as base64url. */
  secret(bytes: number): string;
}

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};

/** The bytes of namespaces, cached. */
const namespaces = new Map<string, Buffer>();

/** Returns a name-based UUID (version 5, SHA-1, RFC 9562 §5.5). The same name always gives the same id. */
export function uuidV5(name: string, namespace: string): string {
  let prefix = namespaces.get(namespace);
  if (prefix === undefined) {
    prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex');
    namespaces.set(namespace, prefix);
  }
  const digits = hash('sha1', Buffer.concat([prefix, Buffer.from(name)]));
  const variant = ((Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** Namespace of all name-based ids that the hub creates. */
export const HUB_NAMESPACE = '5b0e7a3c-6d52-5c8e-9c57-2f6c0c1d8a40';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a lower-case RFC 9562 UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
