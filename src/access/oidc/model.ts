import { number, RecordKind } from '../../store/records.ts';

/** A completed single sign-on, so that none is used twice. The id of the record is a digest of its state. */
export interface SignOnRecord {
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export const SIGN_ONS = new RecordKind<SignOnRecord>({ kind: 'sign-on', fields: { expires: number } });
