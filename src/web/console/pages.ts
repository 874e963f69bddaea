import type { ConsolePage } from './page-table.ts';
import {
  disablePage,
  enablePage,
  endSessionPage,
  invitePage,
  newAccountPage,
  removeAccountPage,
  resetFactorPage,
  rolePage,
} from './pages/account-actions.tsx';
import { accountPage, accountsPage } from './pages/accounts.tsx';
import { contactChangePage } from './pages/contact-decision.tsx';
import {
  deleteContactPage,
  editContactPage,
  newContactPage,
  verifyContactPage,
} from './pages/contact-form.tsx';
import { contactPage, contactsExport, contactsPage } from './pages/contacts.tsx';
import {
  endExercisePage,
  exerciseCallPage,
  exercisePage,
  exercisesPage,
  newExercisePage,
} from './pages/exercises.tsx';
import { checkValuesPage } from './pages/check-values.tsx';
import { componentsPage } from './pages/components-page.tsx';
import { feedPage, feedsPage, pausePage, resumePage } from './pages/feeds.tsx';
import { healthPage } from './pages/health.tsx';
import { memberPage, membersPage } from './pages/members.tsx';
import { answerPage, askPage, revisePage, revokePage } from './pages/object-actions.tsx';
import { objectPage } from './pages/object.tsx';
import { overviewPage } from './pages/overview.tsx';
import { assignPage, discardPage, dismissPage, heldPage, releasePage, reviewPage } from './pages/review.tsx';
import { auditPage, deliveriesPage } from './pages/run-pages.tsx';
import { createKeyPage, keysPage, revokeKeyPage, rotateKeyPage } from './pages/keys.tsx';
import {
  channelPage,
  channelsPage,
  deadLettersPage,
  pauseChannelPage,
  replayChannelPage,
  resumeChannelPage,
} from './pages/channels.tsx';
import {
  collectionPage,
  collectionReadersPage,
  collectionRulesPage,
  collectionsPage,
  connectPage,
} from './pages/collections.tsx';
import { confirmListPage, listPage, listsPage } from './pages/lists.tsx';
import { claimPage, requestPage } from './pages/decisions.tsx';
import { addFeedPage } from './pages/feed-add.tsx';
import { quarantinePage, retryQuarantinePage } from './pages/feed-quarantine.tsx';
import { deleteSearchPage, saveSearchPage } from './pages/saved-searches.tsx';
import { searchExport } from './pages/search-export.ts';
import { bulkPage } from './pages/search-bulk.tsx';
import { searchPage } from './pages/search.tsx';
import { settingsPage } from './pages/settings-page.tsx';
import { whyPage } from './pages/why.tsx';

/** Every page of the console that is made from operations. The navigation lists them in this order. */
export const PAGES: readonly ConsolePage[] = [
  overviewPage,
  searchPage,
  searchExport,
  checkValuesPage,
  bulkPage,
  saveSearchPage,
  deleteSearchPage,
  objectPage,
  revisePage,
  revokePage,
  askPage,
  answerPage,
  whyPage,
  reviewPage,
  claimPage,
  requestPage,
  heldPage,
  releasePage,
  discardPage,
  assignPage,
  dismissPage,
  membersPage,
  memberPage,
  contactsPage,
  contactsExport,
  newContactPage,
  contactPage,
  editContactPage,
  deleteContactPage,
  verifyContactPage,
  contactChangePage,
  exercisesPage,
  newExercisePage,
  exercisePage,
  exerciseCallPage,
  endExercisePage,
  feedsPage,
  addFeedPage,
  feedPage,
  pausePage,
  resumePage,
  quarantinePage,
  retryQuarantinePage,
  collectionsPage,
  collectionPage,
  connectPage,
  collectionReadersPage,
  collectionRulesPage,
  listsPage,
  listPage,
  confirmListPage,
  deliveriesPage,
  accountsPage,
  newAccountPage,
  accountPage,
  invitePage,
  rolePage,
  resetFactorPage,
  disablePage,
  enablePage,
  removeAccountPage,
  endSessionPage,
  channelsPage,
  channelPage,
  pauseChannelPage,
  resumeChannelPage,
  replayChannelPage,
  deadLettersPage,
  keysPage,
  createKeyPage,
  rotateKeyPage,
  revokeKeyPage,
  auditPage,
  settingsPage,
  healthPage,
  componentsPage,
];
