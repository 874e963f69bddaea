import { count, counted } from './words.ts';

/** The page for new indicators. */
export const publish = {
  title: 'Publish indicators',
  noCollection:
    'You can’t write to any collection. Ask an administrator of the hub for write access to a collection.',
  steps: {
    values: 'What did you see?',
    about: 'What should others know?',
    audience: 'Who may see it?',
  },
  values: 'Paste values, one per line, in any notation',
  valuesHint: (most: number) =>
    `Addresses, networks, ranges, AS numbers, domain names, URLs, email addresses and hashes, at most ${count(most)}. Defanged text is fine: hxxp, [.] and (dot) are converted back. Lines that begin with # are left out. Nothing is looked up outside this hub.`,
  kind: 'Kind of the values',
  kindHint: 'Choose a kind only if the value does not show it, such as the SHA-256 of a certificate.',
  kinds: {
    auto: 'Detect the kind of each value',
    ip: 'IP addresses, networks and ranges',
    asn: 'AS numbers',
    domain: 'Domain names',
    url: 'URLs',
    email: 'Email addresses',
    hash: 'Hashes of files',
    certificate: 'Fingerprints of certificates',
  },
  known: 'If a value is already known',
  knownHint: 'Known: the collection has a valid indicator for it that you can read.',
  ifKnown: {
    skip: 'Publish nothing for it',
    sighting: 'Add a sighting: you saw it too',
    new: 'Publish a new indicator',
  },
  accept: 'Also publish values on warning lists',
  acceptHint:
    'Warning lists contain values that nobody should block, such as public resolvers. If you tick this box, these values are published with a label. Otherwise they are left out.',
  name: 'Title (optional)',
  nameHint: 'The name of all these indicators. If empty, each one is named after its value.',
  description: 'What happened, and what to do about it (optional)',
  malware: 'Malware family (optional)',
  malwareHint: 'Each indicator is linked to a malware object with this name.',
  labels: 'Labels (optional)',
  labelsHint: 'Separated by commas.',
  confidence: 'How sure are you? (optional)',
  confidenceHint: '0 is a guess, 100 is confirmed.',
  days: 'Stop using after (days)',
  daysHint: 'After this time, tools stop using the indicators.',
  from: 'Valid from (optional)',
  fromHint: 'A day in UTC. If empty, the indicators are valid from now.',
  references: 'References (optional)',
  referencesHint: 'URLs of pages about the threat, one per line.',
  behalf: 'On behalf of (optional)',
  behalfNobody: 'The hub itself',
  behalfHint: 'A member that reported the values. The audit log records it.',
  more: 'More fields: references, start of validity',
  level: 'TLP marking',
  levels: {
    clear: 'Anyone.',
    green: 'All members and their peers.',
    amber: 'Receiving members and their clients.',
    'amber+strict': 'Receiving members only.',
  },
  redNote: 'TLP:RED is given to people by name, and never published in a collection.',
  collection: 'Collection',
  collectionOption: (title: string, level: string) => `${title}, up to ${level}`,

  problems: (count: number) => (count === 1 ? 'There is a problem' : `There are ${count} problems`),
  kept: 'Nothing was published. Your input is below.',
  changed: 'You changed the form after the check. Below is what would be published now.',
  check: 'Check and preview recipients',
  checkAgain: 'Check again',
  nothingYet: 'Nothing is published before you have seen the check.',
  toMembers: (members: number) => `Publish to ${counted(members, 'member')}`,
  toEverybody: 'Publish to everybody',
  toNobodyYet: (indicators: number) => `Publish ${counted(indicators, 'indicator')}`,
  onlyNote: (beside: number) => `Publish ${counted(beside, 'sighting')}`,

  checks: 'Checks',
  ready: 'Ready',
  nothingToPublish: 'Nothing to publish',
  validStix: (count: number) => `${counted(count, 'indicator')} in valid STIX 2.1`,
  leftOut: (count: number) =>
    `${counted(count, 'value')} would not be published. The list of values shows why.`,
  held: (count: number) =>
    `${counted(count, 'value')} would be put on hold until somebody reviews ${count === 1 ? 'it' : 'them'}.`,
  warned: (count: number) => `${counted(count, 'value')} with a warning`,
  sightings: (count: number) => `${counted(count, 'sighting')} of known indicators`,
  until: (day: string) => `Valid until ${day}`,
  linked: (name: string) => `Linked to the malware ${name}`,
  found: 'Values as the hub reads them',
  isNew: 'New here',
  alsoIn: 'Known:',
  outcomes: {
    stored: 'Published',
    known: 'Already known',
    held: 'On hold for review',
    refused: 'Not published',
    pending: 'Being processed',
  },

  receive: 'Recipients',
  reached: (reached: number, all: number) => `${reached} of ${counted(all, 'member')} that you can see.`,
  reachedAll: (count: number) =>
    count === 1 ? 'The one member that you can see.' : `All ${count} members that you can see.`,
  reachedNone: 'No member that you can see.',
  limited: 'Members that you can’t see are not counted. Their networks are checked only when you publish.',
  everybody: 'The collection is public. Anybody can read it.',
  how: 'How each member receives it',
  notSent: (count: number) => `Not sent to ${counted(count, 'member')}, and why`,
  member: 'Member',
  objects: 'Objects',
  ofAll: (count: number, all: number) => `${count} of ${all}`,
  asStored: 'As it will be stored',
  asStoredMore: (count: number) => `The first of ${count}. The others differ in their values.`,

  faults: {
    noValue: 'Enter at least one value.',
    tooMany: (most: number, given: number) =>
      `The form accepts at most ${count(most)} values, and you entered ${count(given)}. For more, use talanoa publish --file.`,
    kind: 'Choose a kind from the list.',
    known: 'Choose what happens to known values.',
    line: (line: number, value: string, fault: string) =>
      `Line ${line}: "${value}" cannot be published: ${fault}.`,
    sameValue: (line: number, first: number) =>
      `Line ${line} is the same value as line ${first}. It is published once.`,
    collection: 'Choose a collection that you can write to.',
    days: 'Enter the number of days, such as 30.',
    confidence: 'Enter a whole number from 0 to 100.',
    from: 'Enter a day, such as 2026-11-23.',
    level: 'Choose a TLP level from the list.',
  },

  publishing: 'The indicators are being published',
  publishingText:
    'This form was sent before, and the hub is still processing it. Load this page again in a few seconds to see the result.',
  processed: 'The form was already processed',
  processedText:
    'The list of results was too long to be kept. Enter the values again: the check shows which of them are already published, if you can read them.',
  unknown: 'The result is not known',
  unknownText: (problem: string) =>
    `${problem} Some of the indicators may have been published. Enter the values again: the check shows which of them are already published, if you can read them.`,
};

/** The receipt of a submission. */
export const receipt = {
  title: (published: number, all: number) => `${published} of ${counted(all, 'indicator')} published`,
  out: (collection: string) => `The indicators are in ${collection}.`,
  nothingOut: 'Nothing was published.',
  undoUntil: (time: string) =>
    `You can undo until ${time}. Undo revokes the indicators, and every reader receives the revocation.`,
  undoOver: 'The time for undo is over. To revoke an indicator, open its page.',
  undo: 'Undo',
  undone: (count: number) =>
    `${counted(count, 'object')} ${count === 1 ? 'was' : 'were'} revoked. Readers receive the revocation at their next poll.`,
  notUndone: (count: number) => `${counted(count, 'object')} could not be revoked:`,
  whoHas: 'Deliveries',
  has: 'Member',
  state: 'State',
  nobody: 'No member can read it yet.',
  stored: 'What was stored',
  value: 'Value',
  outcome: 'Outcome',
  collection: 'Collection',
  marking: 'Marking',
  useUntil: 'Use until',
  published: 'Published',
  received: (count: number, all: number) => `${count} of ${all} received`,
  notRead: 'Not read yet',
  first: (count: number) => `For the first ${count} indicators.`,
  next: 'Next',
  another: 'Publish another like this',
  more: 'Publish other values',
};

/** Kinds of values. */
export const valueKinds = {
  ipv4Address: 'IPv4 address',
  ipv6Address: 'IPv6 address',
  network: 'Network',
  addressWithAPort: 'Address with a port',
  domainName: 'Domain name',
  emailAddress: 'Email address',
  file: 'File',
  fingerprint: 'Fingerprint',
  ofACertificate: (keys: string) => `${keys} of a certificate`,
};
