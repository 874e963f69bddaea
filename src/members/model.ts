import type { MemberSelfChange, Registration } from '../api/schema-types.ts';
import { MEMBER_KINDS } from '../access/member-model.ts';
import { flag, list, maybe, oneOf, RecordKind, shape, text } from '../store/records.ts';

/** A registration, or a request of a member to change its own properties. */
export interface MemberRequestRecord {
  readonly kind: 'registration' | 'change';
  /** The name of the member, or the name that the organisation asks for. */
  readonly member: string;
  readonly registration?: Registration;
  readonly change?: MemberSelfChange;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly state: 'pending' | 'approved' | 'refused';
  readonly decided_by?: string;
  readonly note?: string;
  /** The address that a registration came from. */
  readonly address?: string;
}

export const MEMBER_REQUESTS = new RecordKind<MemberRequestRecord>({
  kind: 'member-request',
  fields: {
    kind: oneOf('registration', 'change'),
    member: text,
    registration: maybe(
      shape<Registration>({
        name: text,
        title: text,
        kind: maybe(oneOf(...MEMBER_KINDS)),
        countries: maybe(list(text)),
        contact: text,
        message: maybe(text),
      }),
    ),
    change: maybe(
      shape<MemberSelfChange>({ title: maybe(text), identities: maybe(list(text)), copies: maybe(flag) }),
    ),
    by: text,
    at: text,
    state: oneOf('pending', 'approved', 'refused'),
    decided_by: maybe(text),
    note: maybe(text),
    address: maybe(text),
  },
  keys: ({ state }) => ({ state }),
});
