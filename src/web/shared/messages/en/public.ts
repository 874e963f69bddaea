import { rich, type Node } from '../rich.ts';

/** One-time links. */
export const firstLink = {
  reasons: {
    used: 'Somebody set a password with it. If that was you, sign in. If not, tell the hub, then ask for a new link.',
    replaced:
      'A newer link or another credential has replaced it. Use the newest link. If you do not have it, ask the person who gave you this link for a new one.',
    expired: 'It was valid for one day and has expired. Ask the person who gave it to you for a new one.',
    unknown:
      'The hub does not know it. Check that you copied the whole link. Ask the person who gave it to you for a new one.',
  },
  thisLinkDoesNot: 'This link does not work',
  signIn: 'Sign in',
  signInAsWith: (account: string) =>
    `Sign in as ${account} with it from now on. TAXII clients that know only HTTP Basic can use it too, unless your account needs a second factor.`,
  yourPasswordIsSet: 'Your password is set',
  somethingWentWrong: 'Something went wrong',
  tryAgainLater: 'Try again later.',
  thisLinkCannotBe: 'This link cannot be used now',
  tryAgain: 'Try again.',
};

/** The first sign-in. */
export const first = {
  welcome: (account: string) => `Welcome, ${account}`,
  chooseAPasswordFor: 'Choose a password for your account. This page works once.',
  passwordAtLeast12: 'Password, at least 12 characters. Several words in a row are easy to remember.',
  setThePassword: 'Set the password',
  goToTheStart: 'Go to the start page',
};

/** Links in emails. */
export const answerLink = {
  ended: {
    title: 'This link does not work',
    text: 'It has expired, or the object no longer exists. Contact the hub instead.',
  },
  thankYou: 'Thank you',
  responseRecorded: 'Response recorded.',
  somethingWentWrong: 'Something went wrong',
  tryAgainLater: 'Try again later.',
};

/** The page behind a link in an email. */
export const answer = {
  words: {
    acknowledged: {
      title: 'Confirm receipt',
      asks: 'Have you received this item?',
      button: 'Confirm receipt',
    },
    'not-ours': {
      title: 'Not ours',
      asks: 'Report that this item does not affect your organisation?',
      button: 'Report as not ours',
    },
    'false-positive': {
      title: 'False positive',
      asks: 'Is this item a false positive?',
      button: 'Report a false positive',
    },
    stop: { title: 'Unsubscribe', asks: 'Stop these emails?', button: 'Unsubscribe' },
  },
  youRespondOnBehalf: (asks: string, member: string) => `${asks} You respond on behalf of ${member}.`,
  itemMarkedAdded: (strong: Node, time: Node) => rich`Item marked ${strong}, added ${time}.`,
};

/** The home page. */
export const home = {
  threatInformationSharing: 'Threat information sharing',
  thisHubCollectsThreat:
    'This hub collects threat information, checks it, decides who may see it, and routes it to the members it affects.',
  forSecurityToolsThe: 'For security tools: the TAXII 2.1 service',
  forAdministratorsAndOfficers: 'For administrators and officers: the REST API',
  forMembersAndHub: 'For members and hub staff: sign in',
  documentation: 'Documentation',
  contact: (contact: string) => `Contact: ${contact}`,
};

/** No page. */
export const notFound = {
  title: 'Page not found',
  text: 'There is no page at this URL, or you do not have access to it. The link may be incomplete, or you may have to sign in.',
  homePage: 'Home page',
  signIn: 'Sign in',
  taxii21Service: 'TAXII 2.1 service for security tools',
  documentation: 'Documentation',
  error: (code: string) => `Error ${code}.`,
};
