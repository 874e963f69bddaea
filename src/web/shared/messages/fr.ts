import type { Messages } from './en.ts';
import { account, preferences, security, email, emailPages } from './fr/account.ts';
import { accounts, accountActions, newAccount } from './fr/accounts.ts';
import { channels } from './fr/channels.ts';
import { connect, collections } from './fr/collections.ts';
import { contacts } from './fr/contacts.ts';
import { exercises } from './fr/exercises.ts';
import { extract } from './fr/extract.ts';
import { feeds, feedState, newFeed, quarantine } from './fr/feeds.ts';
import { paging, question, problem, frame, page, screen, components, navigation } from './fr/frame.ts';
import { health, settings } from './fr/health.ts';
import { keys, keyFields } from './fr/keys.ts';
import { lists } from './fr/lists.ts';
import { members, decisions } from './fr/members.ts';
import { why, object, objectFacts, objectVersions, objectState, objectDeliveries } from './fr/object.ts';
import { objectActions } from './fr/object-actions.ts';
import { chart, firstSteps, overview } from './fr/overview.ts';
import { firstLink, first, answerLink, answer, home, notFound } from './fr/public.ts';
import { valueKinds, publish, receipt } from './fr/publish.ts';
import { red } from './fr/red.ts';
import { review } from './fr/review.ts';
import { run } from './fr/run.ts';
import { bulk, check, savedSearches, search } from './fr/search.ts';
import { keyboard, script } from './fr/script.ts';
import { signing, factorSetup, factorForms, secondStep, factors, signOn } from './fr/sign-in.ts';
import { words } from './fr/words.ts';

/** The texts of all pages in French. */
export const fr: Messages = {
  account,
  preferences,
  security,
  email,
  emailPages,
  accounts,
  accountActions,
  newAccount,
  channels,
  connect,
  collections,
  contacts,
  exercises,
  extract,
  feeds,
  feedState,
  newFeed,
  quarantine,
  paging,
  question,
  problem,
  frame,
  page,
  screen,
  components,
  navigation,
  health,
  settings,
  keys,
  keyFields,
  lists,
  members,
  decisions,
  why,
  object,
  objectFacts,
  objectVersions,
  objectState,
  objectDeliveries,
  objectActions,
  overview,
  chart,
  firstSteps,
  firstLink,
  first,
  answerLink,
  answer,
  home,
  notFound,
  valueKinds,
  publish,
  receipt,
  red,
  review,
  run,
  script,
  keyboard,
  search,
  savedSearches,
  check,
  bulk,
  signing,
  factorSetup,
  factorForms,
  secondStep,
  factors,
  signOn,
  words,
};
