import { accountErrors } from '../access/accounts/errors.ts';
import { accessErrors } from '../access/errors.ts';
import { factorErrors } from '../access/factors/errors.ts';
import { keyErrors } from '../access/keys/errors.ts';
import { signOnErrors } from '../access/oidc/errors.ts';
import { sessionErrors } from '../access/sessions/errors.ts';
import { apiErrors } from '../api/errors.ts';
import { commandErrors } from '../cli/command-errors.ts';
import { settingsErrors } from '../config/errors.ts';
import { feedErrors } from '../feeds/errors.ts';
import { entriesOf, type ErrorEntry } from '../kernel/error-table.ts';
import { kernelErrors } from '../kernel/errors.ts';
import { contactErrors } from '../members/contacts/errors.ts';
import { exerciseErrors } from '../members/exercises/errors.ts';
import { memberErrors } from '../members/errors.ts';
import { serverErrors } from './errors.ts';
import { channelErrors } from '../sharing/channels/errors.ts';
import { extractionErrors } from '../sharing/extraction/errors.ts';
import { sharingErrors } from '../sharing/errors.ts';
import { redErrors } from '../sharing/red/errors.ts';
import { shareErrors } from '../sharing/shares/errors.ts';
import { feedbackErrors } from '../sharing/feedback/errors.ts';
import { anonymousErrors } from '../sharing/anonymous/errors.ts';
import { wideNetworkErrors } from '../sharing/wide-networks/errors.ts';
import { suppressionErrors } from '../sharing/suppression/errors.ts';
import { scorecardErrors } from '../sharing/scorecards/errors.ts';
import { stixErrors } from '../stix/errors.ts';
import { storeErrors } from '../store/errors.ts';
import { peerErrors } from '../taxii/client/errors.ts';
import { taxiiErrors } from '../taxii/server/errors.ts';
import { webErrors } from '../web/errors.ts';

/** The errors of a part of the hub. */
export interface CataloguePart {
  readonly title: string;
  readonly entries: Readonly<Record<string, ErrorEntry>>;
}

/** The catalogue: every error of the hub, by the part that reports it. */
export const ERROR_CATALOGUE: readonly CataloguePart[] = [
  { title: 'Authentication and permissions', entries: entriesOf(accessErrors) },
  { title: 'Accounts', entries: entriesOf(accountErrors) },
  { title: 'Sessions and sign-ins', entries: entriesOf(sessionErrors) },
  { title: 'Second factors', entries: entriesOf(factorErrors) },
  { title: 'Single sign-on', entries: entriesOf(signOnErrors) },
  { title: 'API keys, certificates and secrets', entries: entriesOf(keyErrors) },
  { title: 'Members and groups', entries: entriesOf(memberErrors) },
  { title: 'Contacts', entries: entriesOf(contactErrors) },
  { title: 'Exercises', entries: entriesOf(exerciseErrors) },
  { title: 'TAXII server', entries: entriesOf(taxiiErrors) },
  { title: 'API', entries: entriesOf(apiErrors) },
  { title: 'Pages', entries: entriesOf(webErrors) },
  { title: 'Requests, JSON and connections to other servers', entries: entriesOf(kernelErrors) },
  { title: 'Collections, review queue and deliveries', entries: entriesOf(sharingErrors) },
  { title: 'Documents', entries: entriesOf(extractionErrors) },
  { title: 'Channels', entries: entriesOf(channelErrors) },
  { title: 'Sharing by hand and triage', entries: entriesOf(shareErrors) },
  { title: 'Suppressed values', entries: entriesOf(suppressionErrors) },
  { title: 'Anonymous objects', entries: entriesOf(anonymousErrors) },
  { title: 'Wide networks', entries: entriesOf(wideNetworkErrors) },
  { title: 'Feedback and false positives', entries: entriesOf(feedbackErrors) },
  { title: 'Scorecards', entries: entriesOf(scorecardErrors) },
  { title: 'TLP:RED', entries: entriesOf(redErrors) },
  { title: 'Values and indicators', entries: entriesOf(stixErrors) },
  { title: 'Feeds', entries: entriesOf(feedErrors) },
  { title: 'TAXII client', entries: entriesOf(peerErrors) },
  { title: 'Command line', entries: entriesOf(commandErrors) },
  { title: 'Settings', entries: entriesOf(settingsErrors) },
  { title: 'Start of the hub', entries: entriesOf(serverErrors) },
  { title: 'Store', entries: entriesOf(storeErrors) },
];
