import { errorTable } from '../../kernel/error-table.ts';

/** Errors of channels. */
export const channelErrors = errorTable({
  noDeadLetters: {
    code: 'TLN-V-427',
    kind: 'not-found',
    title: 'The channel "{name}" has no such dead letters',
    hint: 'To list the dead letters of a channel, run: talanoa channel show {name}',
  },
  notFound: {
    code: 'TLN-V-405',
    kind: 'not-found',
    title: 'Channel "{name}" not found',
    hint: 'To list the channels, run: talanoa channel list',
  },
  noMailServer: {
    code: 'TLN-V-411',
    kind: 'conflict',
    title: 'The hub has no mail server',
    hint: 'Configure mail in the settings file and restart the hub: docs/reference/settings.md',
  },
  secretRequired: {
    code: 'TLN-V-423',
    kind: 'invalid-content',
    title: 'A webhook needs a secret, because its requests are signed',
    hint: 'Run talanoa secret set NAME --host HOST, then use --secret secret:NAME. The receiver needs the same secret.',
  },
  applicationRequired: {
    code: 'TLN-V-429',
    kind: 'invalid-content',
    title: 'A channel to Microsoft Sentinel or Defender needs an application of the tenant',
    hint: 'Register an application, store its secret with "talanoa secret set NAME --host login.microsoftonline.com HOST" (HOST is the host of --url), and use --token-url, --username with the client id, and --secret secret:NAME.',
  },
  notEncrypted: {
    code: 'TLN-V-431',
    kind: 'invalid-content',
    title: 'The addresses of a channel of the kind "{kind}" must start with https://',
    description: 'Anybody on the way could read the secret of the application and its tokens.',
    hint: 'Use https:// for --url and --token-url.',
  },
  fieldOfOtherKind: {
    code: 'TLN-V-430',
    kind: 'invalid-content',
    title: 'A channel of the kind "{kind}" cannot have the field "{field}"',
    description: 'token_url is for the kinds sentinel and defender, and action for defender.',
    hint: 'Leave the field out, or choose another kind.',
  },
  exists: {
    code: 'TLN-V-409',
    kind: 'conflict',
    title: 'A channel named "{name}" already exists',
  },
  noOwnCollection: {
    code: 'TLN-V-406',
    kind: 'not-found',
    title: '{member} has no collection of its own',
    hint: 'Name a collection that the member can read.',
  },
  notReadable: {
    code: 'TLN-V-403',
    kind: 'conflict',
    title: '{member} cannot read this collection, so nothing in it is sent to {member}',
    hint: 'talanoa grant create {collection} member:{member} --read',
  },
  invalidTime: {
    code: 'TLN-V-424',
    kind: 'invalid-content',
    title: 'Invalid time',
    hint: 'Use the format 2026-01-15T00:00:00Z.',
  },
  invalidAddress: {
    code: 'TLN-V-425',
    kind: 'invalid-content',
    title: 'Invalid address of the channel',
  },
  secretInAddress: {
    code: 'TLN-V-428',
    kind: 'invalid-content',
    title: 'The address of a channel cannot contain a user name or password',
    description:
      'The address of {host} contains one before the @. The hub shows and logs the addresses of channels.',
    hint: 'Remove it, store the password with "talanoa secret set", and use --username and --secret secret:NAME.',
  },
  invalidTimeZone: {
    code: 'TLN-V-426',
    kind: 'invalid-content',
    title: 'Unknown time zone: "{zone}"',
    hint: 'Use a name of the IANA database, such as Pacific/Tongatapu.',
  },
  localOnly: {
    code: 'TLN-V-407',
    kind: 'forbidden',
    title: 'A channel that reads files or variables of the hub can be added only on the machine of the hub',
    hint: 'Store the key in the hub (talanoa secret set NAME --host HOST) and refer to it as secret:NAME.',
  },
});
