import { errorTable } from '../kernel/error-table.ts';

/** Errors of intake, routing, review, search and deliveries. */
export const sharingErrors = errorTable({
  invalidDeadline: {
    code: 'TLN-D-422',
    kind: 'invalid-content',
    title: 'The deadline must be within the next 90 days',
    hint: 'Use the format 2026-01-15T00:00:00Z.',
  },
  tooManyAcknowledgementRequests: {
    code: 'TLN-D-409',
    kind: 'conflict',
    title: 'You have open acknowledgement requests for {most} objects, which is the maximum',
    hint: 'Try again when their deadlines have passed.',
  },
  changedTooOften: {
    code: 'TLN-D-429',
    kind: 'rate-limited',
    title: 'The deadline of this object was set {most} times within a day, which is the maximum',
    description: 'Everybody who is asked gets a message about each change.',
    hint: 'Try again tomorrow.',
  },
  notActiveMember: {
    code: 'TLN-B-423',
    kind: 'invalid-content',
    title: '"{member}" is not an active member',
    hint: 'To list the members, run: talanoa member list',
  },
  notWritable: {
    code: 'TLN-L-408',
    kind: 'not-found',
    title: 'Collection not found',
    hint: 'An administrator of the hub can grant write access: talanoa grant create COLLECTION RECEIVER --write',
  },
  objectNotFound: {
    code: 'TLN-O-404',
    kind: 'not-found',
    title: 'Object "{id}" not found',
    hint: "Objects that are only in a member's own collection cannot be revoked or corrected.",
  },
  notCreator: {
    code: 'TLN-O-403',
    kind: 'forbidden',
    title: 'Only the owner can change this object',
    description: 'It belongs to {owner}.',
    hint: 'Ask the owner to revoke it, or remove it from the collection with DELETE.',
  },
  alreadyRevoked: {
    code: 'TLN-O-409',
    kind: 'conflict',
    title: 'The object is already revoked',
  },
  notVersioned: {
    code: 'TLN-O-422',
    kind: 'invalid-content',
    title: 'Objects of this type have no versions, so they cannot be revoked or corrected',
    hint: 'Remove the object from the collection with DELETE.',
  },
  madeByFeed: {
    code: 'TLN-O-425',
    kind: 'conflict',
    title: 'A feed keeps this object up to date, so a correction would not last',
    hint: 'Revoke the object, which is permanent, or change the document of the feed.',
  },
  noValidity: {
    code: 'TLN-O-423',
    kind: 'invalid-content',
    title: 'Only indicators can expire',
    hint: 'Omit valid_days, or revoke the object.',
  },
  invalidStart: {
    code: 'TLN-O-424',
    kind: 'invalid-content',
    title: 'Invalid time in valid_from',
    hint: 'Use a date and time that exist, such as 2026-11-29T00:00:00Z.',
  },
  notRedItem: {
    code: 'TLN-H-409',
    kind: 'conflict',
    title: 'The object is not on hold because of TLP:RED',
    hint: 'To see what can be done with it, run: talanoa held show',
  },
  heldNotFound: {
    code: 'TLN-H-404',
    kind: 'not-found',
    title: 'No object on hold has the id "{id}"',
    hint: 'To list the objects on hold, run: talanoa held list',
  },
  ruleExists: {
    code: 'TLN-L-420',
    kind: 'conflict',
    title: 'A rule named "{name}" already exists',
  },
  savedSearchExists: {
    code: 'TLN-L-429',
    kind: 'conflict',
    title: 'A saved search named "{name}" already exists',
    hint: 'To replace its value, run: talanoa saved-search update {name} VALUE',
  },
  invalidRule: {
    code: 'TLN-L-422',
    kind: 'invalid-content',
    title: 'Invalid rule',
  },
  ruleNotFound: {
    code: 'TLN-L-421',
    kind: 'not-found',
    title: 'Rule "{name}" not found',
    hint: 'To list the rules, run: talanoa rule list',
  },
  collectionNotFound: {
    code: 'TLN-T-404',
    kind: 'not-found',
    title: 'Collection not found',
    hint: 'The list of collections of this API root shows the collections that you can use.',
  },
  objectNotInCollection: {
    code: 'TLN-T-410',
    kind: 'not-found',
    title: 'Object "{id}" not found',
    description: 'None of the collections that were searched, and that you can read, contains it.',
  },
  tooManyPending: {
    code: 'TLN-E-429',
    kind: 'rate-limited',
    title: '{owner} has too many envelopes without an outcome',
    hint: 'Wait until the status of earlier envelopes is complete, then send the rest.',
  },
  hubBusy: {
    code: 'TLN-E-503',
    kind: 'unavailable',
    title: '{owner} has too many envelopes without an outcome',
    hint: 'Wait until the status of earlier envelopes is complete, then send the rest.',
  },
  listFormatUnknown: {
    code: 'TLN-X-404',
    kind: 'not-found',
    title: 'Unknown format of a list: "{name}"',
  },
  listFilterUnknown: {
    code: 'TLN-X-400',
    kind: 'invalid-request',
    title: 'Unknown filter of a list: "{name}"',
  },
  listFilterInvalid: {
    code: 'TLN-X-422',
    kind: 'invalid-request',
    title: 'Invalid value of the filter "{name}"',
  },
  toolUnknown: {
    code: 'TLN-X-405',
    kind: 'not-found',
    title: 'Unknown tool: "{name}"',
    hint: 'The tools are: {tools}.',
  },
  listAmbiguous: {
    code: 'TLN-X-409',
    kind: 'invalid-request',
    title: 'Several collections have this alias',
    hint: 'Use the id of the collection in the URL: {names}.',
  },
  savedListNotFound: {
    code: 'TLN-X-406',
    kind: 'not-found',
    title: 'List not found',
    hint: 'To list the saved lists that you may read, run: talanoa list list',
  },
  savedListName: {
    code: 'TLN-X-424',
    kind: 'invalid-content',
    title: 'The member {member} cannot choose the name "{name}"',
    description:
      'Names that a member chooses begin with its own name and a hyphen, but not with the longer name of another member.',
    hint: 'Choose a name that begins with the name of the member and a hyphen.',
  },
  savedListExists: {
    code: 'TLN-X-410',
    kind: 'conflict',
    title: 'The name "{name}" is taken',
    description: 'A saved list or a collection has this name, or a list with this name was just deleted.',
    hint: 'Choose another name. If you have just deleted a list with this name, try again in a minute.',
  },
  savedListFormat: {
    code: 'TLN-X-423',
    kind: 'invalid-request',
    title: 'The list "{list}" cannot be written in the format "{format}"',
    description:
      'Its values were selected for the format "{own}". Another format must support some of them, and must not act more strongly: a list for tools that alert is not suitable for tools that block.',
    hint: 'Create a list in this format: talanoa list create',
  },
  savedListNothingHeld: {
    code: 'TLN-X-411',
    kind: 'conflict',
    title: 'No content of the list "{name}" is waiting for confirmation',
    hint: 'To see its state, run: talanoa list show {name}',
  },
  removalTime: {
    code: 'TLN-X-413',
    kind: 'invalid-request',
    title: 'Invalid time in "since"',
    hint: 'Use the format 2026-11-29T00:00:00Z, or "at" of the last removal that you have.',
  },
  removalsForgotten: {
    code: 'TLN-X-412',
    kind: 'invalid-request',
    title: 'Removals are kept for {days} days',
    hint: 'Fetch the whole list once, then request the removals since that time.',
  },
  listNotReady: {
    code: 'TLN-X-503',
    kind: 'unavailable',
    title: 'The list is not ready yet',
    description:
      'The hub is building the values of the collection, or is making other lists first. It returns no list that could lack values.',
    hint: 'Try again in a minute. "talanoa values list" shows the state.',
  },
  exportTooLarge: {
    code: 'TLN-X-425',
    kind: 'invalid-content',
    title: 'The objects of this view are too large for one export',
    hint: 'Add filters, or fetch the collections over TAXII.',
  },
});
