import { MEMBER_KINDS } from '../access/member-model.ts';
import { flag, list, maybe, oneOf, RecordKind, shape, text } from '../store/records.ts';

/** An application of an organisation for membership. */
export interface Registration {
  readonly name: string;
  readonly title: string;
  readonly kind?: (typeof MEMBER_KINDS)[number];
  readonly countries?: readonly string[];
  /** The person to contact, and how to reach them. */
  readonly contact: string;
  readonly message?: string;
}

/** The properties of a member that the member can ask to change. Networks and similar resources are claimed instead. */
export interface SelfChange {
  readonly title?: string;
  readonly identities?: readonly string[];
  readonly copies?: boolean;
}

/** A registration, or a request of a member to change its own properties. */
export interface MemberRequestRecord {
  readonly kind: 'registration' | 'change';
  /** The name of the member, or the name that the organisation asks for. */
  readonly member: string;
  readonly registration?: Registration;
  readonly change?: SelfChange;
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
      shape<SelfChange>({ title: maybe(text), identities: maybe(list(text)), copies: maybe(flag) }),
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
