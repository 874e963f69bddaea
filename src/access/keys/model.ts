import { flag, list, maybe, number, oneOf, RecordKind, text } from '../../store/records.ts';
import { SCOPES, type Scope } from '../principal.ts';

/**
 * A stored credential for programs: an API key or a client certificate. Its id is the digest of the secret or of the
 * certificate's public key. Times are in milliseconds since 1970.
 */
export interface KeyRecord {
  /** Id of the account. */
  readonly account: string;
  /** The first characters of the secret, after `tln_`. */
  readonly prefix: string;
  /** The fingerprint of a client certificate's public key. */
  readonly certificate?: string;
  /** The private key of the certificate was proven at registration. Versions before this field did not ask for it. */
  readonly proven?: boolean;
  readonly created?: number;
  /** Absent for keys that the settings file declares. */
  readonly expires?: number;
  readonly label?: string;
  readonly scopes?: readonly Scope[];
  /** Ids of the collections to which the key is limited. */
  readonly collections?: readonly string[];
  /** Addresses and networks from which the key may be used. */
  readonly addresses?: readonly string[];
  /** The account created the key for itself, after it had signed in personally. */
  readonly own?: boolean;
  readonly managed?: string;
}

/**
 * True for a certificate that an earlier version registered without proof of its private key. Certificates are public, so
 * it may be that of somebody else, who would then act as this account. The settings file needs no proof.
 */
export function isUnproven({ certificate, proven, managed }: KeyRecord): boolean {
  return certificate !== undefined && proven !== true && managed !== 'file';
}

/** Returns the public name of a key: the beginning of its digest. It is used wherever the secret must not appear. */
export function keyId(digest: string): string {
  return digest.slice(0, 16);
}

export const KEYS = new RecordKind<KeyRecord>({
  kind: 'key',
  fields: {
    account: text,
    prefix: text,
    certificate: maybe(text),
    proven: maybe(flag),
    created: maybe(number),
    expires: maybe(number),
    label: maybe(text),
    scopes: maybe(list(oneOf(...SCOPES))),
    collections: maybe(list(text)),
    addresses: maybe(list(text)),
    own: maybe(flag),
    managed: maybe(text),
  },
});

/** A secret of feeds and channels, sealed. Its id is its name. */
export interface SealedSecretRecord {
  readonly sealed: string;
  /** Hosts to which the secret may be sent. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly changed: number;
}

export const SEALED_SECRETS = new RecordKind<SealedSecretRecord>({
  kind: 'sealed-secret',
  fields: { sealed: text, hosts: list(text), changed: number },
});
