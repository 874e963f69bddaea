import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';

/** Signing in and out. */
export const signing: Messages['signing'] = {
  incorrectAccountNameOr: 'Nom de compte ou mot de passe incorrect.',
  signOutAtThe: 'Se déconnecter du fournisseur d’identité',
  yourSessionAtThis:
    'Votre session sur cette plateforme est terminée. La déconnexion du fournisseur d’identité est en cours.',
  youAreSignedOut: 'Vous êtes déconnecté',
  yourPasswordWasChanged: 'Votre mot de passe a été changé.',
  theCurrentPasswordIs: 'Le mot de passe actuel est incorrect.',
};

/** Setting up a second factor. */
export const factorSetup: Messages['factorSetup'] = {
  setUpASecond: 'Configurer un second facteur',
  thisHubRequiresA: (account) =>
    `Cette plateforme exige un second facteur pour ${account} : en plus de votre mot de passe, vous saisissez un code fourni par une application de votre téléphone.`,
  besidesYourPasswordYou:
    'En plus de votre mot de passe, vous saisirez un code fourni par une application de votre téléphone.',
  cancelAndSignOut: 'Annuler et se déconnecter',
  backToYourAccount: 'Retour à votre compte',
  setUpAnAuthenticator: 'Configurer une application d’authentification',
  n1AddThisHub: '1. Ajoutez cette plateforme à votre application d’authentification',
  scanThisCodeWith: 'Scannez ce code avec l’application, ou saisissez le secret à la main.',
  qrCodeOfThe: 'Code QR du secret',
  secret: (code) => rich`Secret : ${code}`,
  n2EnterTheCode: '2. Saisissez le code affiché par l’application',
  turnOnSecondFactor: 'Activer le second facteur',
  orUseAPasskey: 'Ou utilisez une clé d’accès',
  aPasskeyIsStored:
    'Une clé d’accès (passkey) est enregistrée sur votre appareil, dans votre navigateur ou sur une clé de sécurité. Vous l’utilisez à la place d’un code.',
  addAPasskey: 'Ajouter une clé d’accès',
  yourRecoveryCodesHave: 'Vos codes de secours n’ont pas changé.',
  saveTheseRecoveryCodes:
    'Conservez ces codes de secours dans un endroit accessible sans votre téléphone, par exemple sur papier dans un coffre. Chaque code remplace une fois votre second facteur. Les codes ne sont affichés que maintenant.',
  continueToYourAccount: 'Continuer vers votre compte',
};

/** Forms for a second factor. */
export const factorForms: Messages['factorForms'] = {
  codeFromYourAuthenticator: 'Code de votre application d’authentification',
  sixDigitsANew: 'Six chiffres. Un nouveau code apparaît toutes les 30 secondes.',
  thePasskeyWasNot: 'La clé d’accès n’a pas été utilisée. Réessayez ou utilisez un code.',
  passkeysNeedJavascriptAnd:
    'Les clés d’accès exigent JavaScript et un navigateur compatible. Les codes fonctionnent sans JavaScript.',
};

/** The second step of signing in. */
export const secondStep: Messages['secondStep'] = {
  confirmYourIdentity: 'Confirmez votre identité',
  signingInAsUse: (account, link) =>
    rich`Connexion en tant que ${account}. ${link('Utiliser un autre compte')}`,
  useAPasskey: 'Utiliser une clé d’accès',
  signIn: 'Se connecter',
  ifYouCannotUse: 'Si vous ne pouvez pas l’utiliser',
  recoveryCode: 'Code de secours',
  oneOfTheTen:
    'L’un des dix codes que vous avez conservés, par exemple 7Q4K-M2RD-X0V9-3HTN. Chacun fonctionne une fois.',
  useRecoveryCode: 'Utiliser le code de secours',
  noCodesLeftAsk:
    'Vous n’avez plus de code ? Demandez à l’administrateur de votre compte de réinitialiser votre second facteur.',
  ifCodesAreRefused: (time) =>
    rich`Si les codes sont refusés à plusieurs reprises, vérifiez que votre téléphone règle son horloge automatiquement. Heure actuelle : ${time}.`,
  aboutToChange: (isOwn, account, hasAuthenticator) =>
    `${isOwn ? `Vous allez modifier la façon dont ${account} se connecte. ` : 'Vous allez modifier ce que des personnes ou des programmes peuvent faire. '}Saisissez de nouveau votre mot de passe${hasAuthenticator ? ', ou un code de votre application d’authentification' : ''}. La confirmation est valable cinq minutes.`,
  codeFromYourAuthenticator: 'Code de votre application d’authentification, ou code de secours',
  sixDigitsFromThe:
    'Six chiffres fournis par l’application. Un nouveau code apparaît toutes les 30 secondes.',
  confirmWithCode: 'Confirmer avec le code',
  confirmWith: (signOn) => `Confirmer avec ${signOn}`,
  password: 'Mot de passe',
  confirmWithPassword: 'Confirmer avec le mot de passe',
};

/** Results of changes of second factors. */
export const factors: Messages['factors'] = {
  wrong: 'Ce code est incorrect ou a déjà été utilisé.',
  wrongPasskey:
    'La plateforme n’a pas accepté la clé d’accès. Vérifiez que l’adresse de cette page est bien celle de la plateforme, puis réessayez.',
  yourSecondFactorIs: 'Votre second facteur est activé',
  passkeyOf: (browser) => `Clé d’accès de ${browser}`,
  yourPasskeyWasAdded: 'Votre clé d’accès a été ajoutée',
  yourNewRecoveryCodes: 'Vos nouveaux codes de secours',
  thePasswordOrCode: 'Le mot de passe ou le code est incorrect.',
  aBrowser: 'un navigateur',
};

/** Single sign-on. */
export const signOn: Messages['signOn'] = {
  continue: 'Continuer',
  theAccountIsLinked: (linked) =>
    `Le compte ${linked} est associé à votre identité chez le fournisseur d’identité.`,
  yourAccountIsLinked: 'Votre compte est associé',
  youAreSignedIn: 'Vous êtes connecté',
  oneMoment: 'Un instant.',
  noAccountOfThis:
    'Aucun compte de cette plateforme n’est associé à votre identité chez le fournisseur, ou la connexion a pris trop de temps. Réessayez ou adressez-vous à votre administrateur.',
  backToSignIn: 'Retour à la connexion',
  signInFailed: 'Échec de la connexion',
};
