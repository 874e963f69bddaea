import { account, preferences, security, email, emailPages } from './en/account.ts';
import { accounts, accountActions, newAccount } from './en/accounts.ts';
import { channels } from './en/channels.ts';
import { connect, collections } from './en/collections.ts';
import { contacts } from './en/contacts.ts';
import { exercises } from './en/exercises.ts';
import { extract } from './en/extract.ts';
import { feeds, feedState, newFeed, quarantine } from './en/feeds.ts';
import { paging, question, problem, frame, page, screen, components, navigation } from './en/frame.ts';
import { health, settings } from './en/health.ts';
import { keys, keyFields } from './en/keys.ts';
import { lists } from './en/lists.ts';
import { members, decisions } from './en/members.ts';
import { why, object, objectFacts, objectVersions, objectState, objectDeliveries } from './en/object.ts';
import { objectActions } from './en/object-actions.ts';
import { chart, firstSteps, overview } from './en/overview.ts';
import { firstLink, first, answerLink, answer, home, notFound } from './en/public.ts';
import { valueKinds, publish, receipt } from './en/publish.ts';
import { red } from './en/red.ts';
import { review } from './en/review.ts';
import { run } from './en/run.ts';
import { bulk, check, savedSearches, search } from './en/search.ts';
import { keyboard, script } from './en/script.ts';
import { signing, factorSetup, factorForms, secondStep, factors, signOn } from './en/sign-in.ts';
import { words } from './en/words.ts';

/** The texts of all pages in English. They are the source: their type is what every other language must have. */
export const en = {
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

/** The texts of a language. A language that lacks one does not compile. */
export type Messages = typeof en;
