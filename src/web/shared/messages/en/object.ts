import { counted } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** The explanation of a delivery. */
export const why = {
  answers: {
    received: (member: string) => `${member} received it.`,
    available: (member: string) => `${member} can read it, and has not read it yet.`,
    no: (member: string) => `${member} does not have it.`,
  },
  explainADelivery: 'Explain a delivery',
  theObject: 'The object',
  reasons: 'Reasons',
};

/** The page of an object. */
export const object = {
  done: {
    revised: 'The new version is stored. Readers receive it at their next poll.',
    revoked: 'The object is revoked. Readers receive the revocation at their next poll.',
    asked: 'The members are notified. Their answers appear under Deliveries.',
    answered: 'Your answer is stored. The owner and the hub can see it.',
  },
  object: 'Object',
  versionOf: (kind: string, time: Node) => rich`${kind} · version of ${time}`,
  search: 'Search',
  json: 'JSON',
  showTheObjectAs: 'Show the object as JSON',
  theObjectAsJson: 'The object as JSON',
  description: 'Description',
  answerForYourMember: 'Answer for your member',
  revise: 'Revise',
  requestAcknowledgement: 'Request acknowledgement',
  revoke: 'Revoke',
};

/** The facts of an object. */
export const objectFacts = {
  revokedByItsOwner: 'Revoked by its owner.',
  doNotUseIt: `Do not use it.`,
  itDescribesSomethingTools: `It only describes something. Tools do not act on it.`,
  expired: 'Expired.',
  itWasValidUntil: (time: Node) => rich`It was valid until ${time}.`,
  toolsNoLongerUse: `Tools no longer use it.`,
  notValidYet: 'Not valid yet.',
  itIsValidFrom: (time: Node) => rich`It is valid from ${time}.`,
  activeIndicatorActive: (number: number, kinds: string) =>
    number === 0 ? 'Active indicator' : `Active: ${kinds}`,
  confidence: (said: string, confidence: number) => `${said}, confidence ${confidence}.`,
  itHasNoEnd: 'It does not expire.',
  useItUntil: (time: Node) => rich`Use it until ${time}.`,
  whatItMatches: 'What it matches',
  pattern: 'Pattern',
  facts: 'Facts',
  type: 'Type',
  marking: 'Marking',
  createdBy: 'Created by',
  created: 'Created',
  changed: 'Changed',
  validFrom: 'Valid from',
  validUntil: 'Valid until',
  labels: 'Labels',
  phase: 'Phase',
  references: 'References',
  collections: 'Collections',
  stixId: 'STIX ID',
};

/** The versions of an object. */
export const objectVersions = {
  versions: 'Versions',
  versionCount: (number: number) => counted(number, 'version'),
  newestEarlier: (position: number): string => (position === 0 ? 'Newest' : 'Earlier'),
  theVersionChangedNothing: 'The version changed nothing but its time.',
  whatTheVersionChanged: 'What the version changed',
  property: 'Property',
  before: 'Before',
  after: 'After',
};

/** The state of an object. */
export const objectState = {
  states: { valid: 'Active', expired: 'Expired', revoked: 'Revoked', 'not-yet-valid': 'Not valid yet' },
  until: (text: string, time: Node) => rich`${text} until ${time}`,
};

/** The deliveries of an object. */
export const objectDeliveries = {
  states: {
    available: 'Available, not read yet',
    announced: 'Announced',
    delivered: 'Delivered',
    opened: 'Opened',
    acknowledged: 'Acknowledged',
    'not-ours': 'Not ours',
    'false-positive': 'False positive',
  },
  deliveries: 'Deliveries',
  ofMemberReceivedIt: (has: number, number: number) => `${has} of ${counted(number, 'member')} received it`,
  noMemberCanRead: 'No member can read this object yet.',
  deliveriesOfThisObject: 'Deliveries of this object',
  member: 'Member',
  state: 'State',
  acknowledgementOverdue: 'Acknowledgement overdue',
  acknowledgeBy: (time: Node) => rich`Acknowledge by ${time}`,
  whyDidAMember: 'Why did a member receive it, or not?',
  explain: 'Explain',
};
