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

/** Maximum number of bytes of a name for which no buffer is made. */
const SHORT_NAME = 1_024;
const NAMESPACE_BYTES = 16;

/** A buffer for each namespace, which begins with the bytes of the namespace. */
const namespaces = new Map<string, Buffer>();

/** Returns a name-based UUID (version 5, SHA-1, RFC 9562 §5.5). The same name always gives the same id. */
export function uuidV5(name: string, namespace: string): string {
  let bytes = namespaces.get(namespace);
  if (bytes === undefined) {
    bytes = Buffer.alloc(NAMESPACE_BYTES + SHORT_NAME);
    bytes.write(namespace.replaceAll('-', ''), 'hex');
    namespaces.set(namespace, bytes);
  }
  // A character has at most three bytes.
  const named =
    name.length * 3 <= SHORT_NAME
      ? bytes.subarray(0, NAMESPACE_BYTES + bytes.write(name, NAMESPACE_BYTES))
      : Buffer.concat([bytes.subarray(0, NAMESPACE_BYTES), Buffer.from(name)]);
  const digits = hash('sha1', named);
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
