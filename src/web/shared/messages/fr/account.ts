import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** The account page. */
export const account: Messages['account'] = {
  signIn: 'Se connecter',
  account: 'Compte',
  password: 'Mot de passe',
  signInWith: (signOn) => `Se connecter avec ${signOn}`,
  forgotYourPassword: 'Mot de passe oublié ?',
  noPasswordYetAsk:
    'Vous n’avez pas encore de mot de passe ? Demandez un lien de connexion à votre administrateur.',
  theHub: 'la plateforme',
  youAreSignedIn: (role, member, link) =>
    rich`Vous êtes connecté avec le rôle ${role} pour ${member}. Vos programmes peuvent utiliser l’${link('API')} avec des clés.`,
  signOut: 'Se déconnecter',
  publishIndicators: 'Publier des indicateurs',
  oneItemItemsOf: (red) => `${counted(red, 'élément')} TLP:RED pour vous`,
  singleSignOn: 'Authentification unique',
  linkThisAccountTo: (signOn) => `Associer ce compte à votre identité auprès de ${signOn}`,
  notifications: 'Notifications',
  yourSessions: 'Vos sessions',
  since: 'Ouverte le',
  lastUsed: 'Dernière utilisation',
  from: 'Adresse',
  browser: 'Navigateur',
  with: 'Méthode',
  endIt: 'Terminer',
  session: 'Session',
  thisOne: 'celle-ci',
  end: 'Terminer',
  yourPassword: 'Votre mot de passe',
  aNewPasswordEnds: 'Un nouveau mot de passe met fin à toutes vos sessions, sauf celle-ci.',
  currentPassword: 'Mot de passe actuel',
  newPasswordAtLeast: 'Nouveau mot de passe, 12 caractères au minimum',
  changeThePassword: 'Changer le mot de passe',
};

function codesLeft(left: number): string {
  return `Il vous reste ${count(left)} ${accord(left, 'code', 'codes')} de secours sur 10.`;
}

/** Second factors and sign-ins. */
export const security: Messages['security'] = {
  results: { accepted: 'acceptée', refused: 'refusée' },
  yourSecondFactor: 'Votre second facteur',
  noAuthenticatorAppIs: (passkeys, left) =>
    `Aucune application d’authentification n’est configurée.${passkeys === 0 ? '' : ` ${codesLeft(left)}`}`,
  authenticatorAppSinceOf: (time, left) =>
    rich`Application d’authentification, depuis le ${time}. ${codesLeft(left)}`,
  thisHubRequiresA: ' Cette plateforme exige un second facteur pour votre compte.',
  setUpAnAuthenticator: 'Configurer une application d’authentification',
  replaceTheAuthenticatorApp: 'Remplacer l’application d’authentification',
  setUpAPasskey: (number) =>
    number === 0 ? 'Configurer une clé d’accès' : 'Configurer une autre clé d’accès',
  createNewRecoveryCodes: 'Créer de nouveaux codes de secours',
  removeTheAuthenticatorApp: 'Retirer l’application d’authentification',
  since: (label, time) => rich`${label}, depuis le ${time}`,
  removeThePasskey: 'Retirer la clé d’accès',
  lastSignIns: 'Dernières connexions',
  ifYouDoNot:
    'Si vous ne reconnaissez pas une connexion acceptée, changez votre mot de passe et prévenez votre administrateur.',
  time: 'Heure',
  result: 'Résultat',
  with: 'Méthode',
  address: 'Adresse',
  browser: 'Navigateur',
};

/** The email address of an account. */
export const email: Messages['email'] = {
  resetAForgottenPassword: 'Réinitialiser un mot de passe oublié',
  ifTheAccountHas:
    'Si le compte a une adresse électronique confirmée, la plateforme y envoie un lien. Il fonctionne pendant 30 minutes.',
  accountNameOrEmail: 'Nom du compte ou adresse électronique',
  sendTheLink: 'Envoyer le lien',
  backToSignIn: 'Retour à la connexion',
  chooseANewPassword: (account) => `Choisissez un nouveau mot de passe pour ${account}`,
  thisEndsAllSessions: 'Toutes les sessions du compte se terminent. Le second facteur ne change pas.',
  newPasswordAtLeast: 'Nouveau mot de passe, 12 caractères au minimum',
  setThePassword: 'Définir le mot de passe',
  confirmYourEmailAddress: 'Confirmez votre adresse électronique',
  confirmThatIsYours: (address) =>
    rich`Confirmez que l’adresse ${address} est la vôtre. Vous devez être connecté à votre compte dans ce navigateur.`,
  confirmAddress: 'Confirmer l’adresse',
  yourEmailAddress: 'Votre adresse électronique',
  noneWithAConfirmed:
    'Aucune. Une adresse confirmée vous permet de réinitialiser un mot de passe oublié et de recevoir les avis de sécurité.',
  text: (address, isVerified) => `${address} (${isVerified ? 'confirmée' : 'non confirmée'})`,
  address: 'Adresse',
  newAddress: 'Nouvelle adresse',
  sendConfirmationLink: 'Envoyer le lien de confirmation',
};

/** Pages behind links in emails about an account. */
export const emailPages: Messages['emailPages'] = {
  ended: {
    title: 'Ce lien ne fonctionne pas',
    text: 'Il a déjà été utilisé ou il a expiré. Demandez-en un nouveau.',
  },
  ifThisAccountExists:
    'Si ce compte existe et a une adresse électronique confirmée, un lien vient de lui être envoyé. Consultez votre boîte de réception et vos courriers indésirables. Si le compte n’a pas d’adresse confirmée, demandez un nouveau lien à votre administrateur.',
  checkYourInbox: 'Consultez votre boîte de réception',
  signIn: 'Se connecter',
  yourPasswordWasChanged: 'Votre mot de passe a été changé',
  allSessionsHaveEnded: 'Toutes les sessions sont terminées.',
  openTheLinkIn:
    'Ouvrez le lien qu’il contient dans les 24 heures, dans ce navigateur. L’adresse prend alors effet.',
  backToYourAccount: 'Retour à votre compte',
  aConfirmationLinkIs: 'Un lien de confirmation vous a été envoyé',
};

/** The preferences of a person. */
export const preferences: Messages['preferences'] = {
  title: 'Langue, fuseau horaire et couleurs',
  language: 'Langue',
  ofBrowser: 'La langue du navigateur',
  zone: 'Fuseau horaire (facultatif)',
  zoneHint:
    'Par exemple Pacific/Noumea. Si le champ est vide, les pages utilisent le fuseau de la plateforme.',
  theme: 'Couleurs',
  ofDevice: 'Celles de l’appareil',
  day: 'Jour',
  night: 'Nuit',
  contrast: 'Contraste renforcé',
  firstSteps: 'Masquer les premiers pas d’une nouvelle plateforme',
  save: 'Enregistrer les préférences',
};
