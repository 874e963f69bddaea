import { rich, type Node } from '../rich.ts';

/** Signing in and out. */
export const signing = {
  incorrectAccountNameOr: 'Incorrect account name or password.',
  signOutAtThe: 'Sign out at the sign-in provider',
  yourSessionAtThis:
    'Your session at this hub has ended. You are now being signed out at the sign-in provider.',
  youAreSignedOut: 'You are signed out',
  yourPasswordWasChanged: 'Your password was changed.',
  theCurrentPasswordIs: 'The current password is incorrect.',
};

/** Setting up a second factor. */
export const factorSetup = {
  setUpASecond: 'Set up a second factor',
  thisHubRequiresA: (account: string) =>
    `This hub requires a second factor for ${account}: besides your password, you enter a code from an app on your phone.`,
  besidesYourPasswordYou: 'Besides your password, you will enter a code from an app on your phone.',
  cancelAndSignOut: 'Cancel and sign out',
  backToYourAccount: 'Back to your account',
  setUpAnAuthenticator: 'Set up an authenticator app',
  n1AddThisHub: '1. Add this hub to your authenticator app',
  scanThisCodeWith: 'Scan this code with the app, or enter the secret by hand.',
  qrCodeOfThe: 'QR code of the secret',
  secret: (code: Node) => rich`Secret: ${code}`,
  n2EnterTheCode: '2. Enter the code that the app shows',
  turnOnSecondFactor: 'Turn on second factor',
  orUseAPasskey: 'Or use a passkey',
  aPasskeyIsStored:
    'A passkey is stored on your device, in your browser or on a security key. You use it instead of a code.',
  addAPasskey: 'Add a passkey',
  yourRecoveryCodesHave: 'Your recovery codes have not changed.',
  saveTheseRecoveryCodes:
    'Save these recovery codes in a place that you can reach without your phone, such as on paper in a safe. Each code works once instead of your second factor. The codes are shown only now.',
  continueToYourAccount: 'Continue to your account',
};

/** Forms for a second factor. */
export const factorForms = {
  codeFromYourAuthenticator: 'Code from your authenticator app',
  sixDigitsANew: 'Six digits. A new code appears every 30 seconds.',
  thePasskeyWasNot: 'The passkey was not used. Try again, or use a code.',
  passkeysNeedJavascriptAnd:
    'Passkeys need JavaScript and a browser that supports them. Codes work without JavaScript.',
};

/** The second step of signing in. */
export const secondStep = {
  confirmYourIdentity: 'Confirm your identity',
  signingInAsUse: (strong: Node, link: (text: Node) => Node) =>
    rich`Signing in as ${strong}. ${link('Use a different account')}`,
  useAPasskey: 'Use a passkey',
  signIn: 'Sign in',
  ifYouCannotUse: 'If you cannot use it',
  recoveryCode: 'Recovery code',
  oneOfTheTen: 'One of the ten codes that you saved, such as 7Q4K-M2RD-X0V9-3HTN. Each works once.',
  useRecoveryCode: 'Use recovery code',
  noCodesLeftAsk: `No codes left? Ask the administrator of your account to reset your second factor.`,
  ifCodesAreRefused: (time: Node) =>
    rich`If codes are refused again and again, check that your phone sets its clock automatically. It is now ${time}.`,
  aboutToChange: (isOwn: boolean, account: string, hasAuthenticator: boolean) =>
    `${isOwn ? `You are about to change how ${account} signs in. ` : 'You are about to change what people or programs can do. '}Enter your password${hasAuthenticator ? ', or a code from your authenticator app,' : ''} again. The confirmation lasts for five minutes.`,
  codeFromYourAuthenticator: 'Code from your authenticator app, or a recovery code',
  sixDigitsFromThe: 'Six digits from the app. A new code appears every 30 seconds.',
  confirmWithCode: 'Confirm with code',
  confirmWith: (signOn: string) => `Confirm with ${signOn}`,
  password: 'Password',
  confirmWithPassword: 'Confirm with password',
};

/** Results of changes of second factors. */
export const factors = {
  wrong: 'This code is incorrect or was already used.',
  wrongPasskey:
    'The hub did not accept the passkey. Check that the address of this page is that of the hub, then try again.',
  yourSecondFactorIs: 'Your second factor is turned on',
  passkeyOf: (browser: string) => `Passkey of ${browser}`,
  yourPasskeyWasAdded: 'Your passkey was added',
  yourNewRecoveryCodes: 'Your new recovery codes',
  thePasswordOrCode: 'The password or code is incorrect.',
  aBrowser: 'a browser',
};

/** Single sign-on. */
export const signOn = {
  continue: 'Continue',
  theAccountIsLinked: (linked: string) => `The account ${linked} is linked to you at the sign-in provider.`,
  yourAccountIsLinked: 'Your account is linked',
  youAreSignedIn: 'You are signed in',
  oneMoment: 'One moment.',
  noAccountOfThis:
    'No account of this hub is linked to you at the provider, or the sign-in took too long. Try again, or ask your administrator.',
  backToSignIn: 'Back to sign in',
  signInFailed: 'Sign-in failed',
};
