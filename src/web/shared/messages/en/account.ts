import { rich, type Node } from '../rich.ts';

/** The account page. */
export const account = {
  signIn: 'Sign in',
  account: 'Account',
  password: 'Password',
  signInWith: (signOn: string) => `Sign in with ${signOn}`,
  forgotYourPassword: 'Forgot your password?',
  noPasswordYetAsk: 'No password yet? Ask your administrator for a sign-in link.',
  theHub: 'the hub',
  youAreSignedIn: (role: string, member: string, link: (text: Node) => Node) =>
    rich`You are signed in as ${role} of ${member}. Your programs can use the ${link('API')} with keys.`,
  signOut: 'Sign out',
  publishIndicators: 'Publish indicators',
  oneItemItemsOf: (red: number) => `${red === 1 ? 'One item' : `${red} items`} of TLP:RED for you`,
  singleSignOn: 'Single sign-on',
  linkThisAccountTo: (signOn: string) => `Link this account to you at ${signOn}`,
  notifications: 'Notifications',
  yourSessions: 'Your sessions',
  since: 'Since',
  lastUsed: 'Last used',
  from: 'From',
  browser: 'Browser',
  with: 'With',
  endIt: 'End it',
  session: 'Session',
  thisOne: 'this one',
  end: 'End',
  yourPassword: 'Your password',
  aNewPasswordEnds: 'A new password ends all your sessions except this one.',
  currentPassword: 'Current password',
  newPasswordAtLeast: 'New password, at least 12 characters',
  changeThePassword: 'Change the password',
};

/** Second factors and sign-ins. */
export const security = {
  results: { accepted: 'accepted', refused: 'refused' },
  yourSecondFactor: 'Your second factor',
  noAuthenticatorAppIs: (number: number, left: number) =>
    `No authenticator app is set up.${number === 0 ? '' : ` ${left} of 10 recovery codes left.`}`,
  authenticatorAppSinceOf: (time: Node, left: number) =>
    rich`Authenticator app, since ${time}. ${left} of 10 recovery codes left.`,
  thisHubRequiresA: ' This hub requires a second factor for your account.',
  setUpAnAuthenticator: 'Set up an authenticator app',
  replaceTheAuthenticatorApp: 'Replace the authenticator app',
  setUpAPasskey: (number: number): string => (number === 0 ? 'Set up a passkey' : 'Set up another passkey'),
  createNewRecoveryCodes: 'Create new recovery codes',
  removeTheAuthenticatorApp: 'Remove the authenticator app',
  since: (label: string, time: Node) => rich`${label}, since ${time}`,
  removeThePasskey: 'Remove the passkey',
  lastSignIns: 'Recent sign-ins',
  ifYouDoNot:
    'If you do not recognise one that was accepted, change your password and tell your administrator.',
  time: 'Time',
  result: 'Result',
  with: 'With',
  address: 'Address',
  browser: 'Browser',
};

/** The email address of an account. */
export const email = {
  resetAForgottenPassword: 'Reset a forgotten password',
  ifTheAccountHas:
    'If the account has a confirmed email address, the hub sends a link there. It works for 30 minutes.',
  accountNameOrEmail: 'Account name or email address',
  sendTheLink: 'Send the link',
  backToSignIn: 'Back to sign in',
  chooseANewPassword: (account: string) => `Choose a new password for ${account}`,
  thisEndsAllSessions: 'This ends all sessions of the account. A second factor does not change.',
  newPasswordAtLeast: 'New password, at least 12 characters',
  setThePassword: 'Set the password',
  confirmYourEmailAddress: 'Confirm your email address',
  confirmThatIsYours: (strong: Node) =>
    rich`Confirm that ${strong} is yours. You must be signed in to your account in this browser.`,
  confirmAddress: 'Confirm address',
  yourEmailAddress: 'Your email address',
  noneWithAConfirmed:
    'None. With a confirmed address you can reset a forgotten password and receive security notices.',
  text: (email: string, isVerified: boolean) => `${email} (${isVerified ? 'confirmed' : 'not confirmed'})`,
  address: 'Address',
  newAddress: 'New address',
  sendConfirmationLink: 'Send confirmation link',
};

/** Pages behind links in emails about an account. */
export const emailPages = {
  ended: {
    title: 'This link does not work',
    text: 'It was already used, or it has expired. Request a new one.',
  },
  ifThisAccountExists:
    'If this account exists and has a confirmed email address, a link is on its way. Check your inbox and your spam folder. If the account has no confirmed address, ask your administrator for a new link.',
  checkYourInbox: 'Check your inbox',
  signIn: 'Sign in',
  yourPasswordWasChanged: 'Your password was changed',
  allSessionsHaveEnded: 'All sessions have ended.',
  openTheLinkIn: 'Open the link in it within 24 hours, in this browser. The address takes effect then.',
  backToYourAccount: 'Back to your account',
  aConfirmationLinkIs: 'A confirmation link is on its way',
};

/** The preferences of a person. */
export const preferences = {
  title: 'Language, time zone and colours',
  language: 'Language',
  ofBrowser: 'Follow the browser',
  zone: 'Time zone (optional)',
  zoneHint: 'Such as Pacific/Noumea. If empty, pages show the time zone of the hub.',
  theme: 'Colours',
  ofDevice: 'Follow the device',
  day: 'Day',
  night: 'Night',
  contrast: 'More contrast',
  firstSteps: 'Hide the first steps of a new hub',
  save: 'Save the preferences',
};
