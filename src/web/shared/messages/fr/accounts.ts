import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';

/** The pages of accounts. */
export const accounts: Messages['accounts'] = {
  done: {
    disabled: 'Le compte est désactivé. Ses sessions sont terminées et ses clés ne fonctionnent plus.',
    enabled:
      'Le compte est de nouveau utilisable. Les sessions et les clés arrivées à leur terme ne sont pas rétablies.',
    role: 'Le rôle a été modifié. Les sessions du compte sont terminées.',
    reset:
      'Le second facteur a été réinitialisé. La personne en configure un nouveau à sa prochaine connexion.',
    ended: 'La session est terminée.',
  },
  accounts: 'Comptes',
  disabled: 'Désactivé',
  noPasswordYet: 'Pas encore de mot de passe',
  active: 'Actif',
  peopleAndProgramsThat: (code) =>
    rich`Les personnes et les programmes qui peuvent se connecter. La même liste : ${code}.`,
  inviteAPerson: 'Inviter une personne',
  theAccountWasDeletedWith: (strong) =>
    rich`${strong('Le compte a été supprimé,')} avec ses clés et ses droits d’accès.`,
  accountsThatYouCan: 'Comptes que vous pouvez voir',
  noAccountsYet: 'Aucun compte pour l’instant',
  inviteAPersonOr: 'Invitez une personne ou créez un compte pour un programme.',
  account: 'Compte',
  member: 'Membre',
  role: 'Rôle',
  email: 'Adresse électronique',
  state: 'État',
  aPerson: 'une personne',
  aProgram: 'un programme',
  theHub: 'la plateforme',
  createASignIn: 'Créer un lien de connexion',
  changeTheRole: 'Modifier le rôle',
  resetTheSecondFactor: 'Réinitialiser le second facteur',
  enable: 'Activer',
  disable: 'Désactiver',
  delete: 'Supprimer',
  facts: 'Informations',
  kind: 'Catégorie',
  password: 'Mot de passe',
  set: 'défini',
  none: 'aucun',
  text: (email, isVerified) => `${email}, ${isVerified ? 'confirmée' : 'pas encore confirmée'}`,
  singleSignOn: 'Authentification unique',
  tlpOfUnmarkedObjects: 'TLP des objets sans marquage',
  managedBy: 'Géré par',
  theSettingsOfThe: 'les paramètres de la plateforme',
  theConsoleAndThe: 'la console et l’API',
  lastSignIns: 'Dernières connexions',
  neverSignedIn: 'Jamais connecté',
  signInsAndRefused: 'Les connexions et les tentatives refusées apparaissent ici.',
  text2: (isAccepted, way) => `${isAccepted ? 'Connexion' : 'Refus'} : ${way}`,
  from: (time, address, isUnknown, agent) =>
    rich`${time}, depuis ${address}, ${isUnknown ? 'programme inconnu' : agent}`,
  sessions: 'Sessions',
  noOpenSession: 'Aucune session ouverte',
  aSessionAppearsHere: 'Une session apparaît ici tant que quelqu’un est connecté.',
  browser: 'Navigateur',
  address: 'Adresse',
  since: 'Ouverte le',
  lastUse: 'Dernière utilisation',
  action: 'Action',
  unknownProgram: 'programme inconnu',
  thisSession: 'cette session',
  end: 'Terminer',
};

/** Actions on an account. */
export const accountActions: Messages['accountActions'] = {
  invitation: {
    asks: (name) => `Créer un lien de connexion pour ${name} ?`,
    action: 'Créer le lien',
    keep: 'Ne pas créer de lien',
  },
  disabling: {
    asks: (name) => `Désactiver ${name} ?`,
    action: 'Désactiver le compte',
    keep: 'Le laisser tel quel',
  },
  enabling: {
    asks: (name) => `Activer ${name} ?`,
    action: 'Activer le compte',
    keep: 'Le laisser désactivé',
  },
  changingRole: {
    asks: (name) => `Modifier le rôle de ${name}`,
    heading: 'Nouveau rôle',
    action: 'Modifier le rôle',
    keep: 'Conserver le rôle',
  },
  resetting: {
    asks: (name) => `Réinitialiser le second facteur de ${name} ?`,
    action: 'Réinitialiser le second facteur',
    keep: 'Le conserver',
  },
  deleting: {
    asks: (name) => `Supprimer ${name} ?`,
    heading: 'Cette action est irréversible',
    action: 'Supprimer le compte',
    keep: 'Le conserver',
  },
  inviteAPerson: 'Inviter une personne',
  enterANameFor: 'Saisissez un nom pour le compte',
  chooseARoleFrom: 'Choisissez un rôle dans la liste',
  chooseTheMemberThat: 'Choisissez le membre pour lequel l’agent travaille',
  linkFor: (account) => `Lien pour ${account}`,
  giveThisLinkTo: 'Remettez ce lien à la personne dès maintenant.',
  itIsShownOnly: (time) =>
    rich`Il n’est affiché qu’une fois. Il ne fonctionne qu’une fois, jusqu’au ${time}.`,
  oneTimeLink: 'Lien à usage unique',
  avoidEmailIfYou:
    'Évitez le courriel si possible : la première personne qui ouvre le lien choisit le mot de passe du compte. Lorsque le lien est utilisé, les éléments TLP:RED transmis au compte sont retirés.',
  goTo: (account) => `Aller à ${account}`,
  inviteAnotherPerson: 'Inviter une autre personne',
  createASignIn: 'Créer un lien de connexion',
  youSeeALink:
    'Un lien à usage unique s’affiche. La première personne qui l’ouvre choisit un nouveau mot de passe pour le compte.',
  earlierLinksOfThe: 'Les liens précédents du compte cessent de fonctionner.',
  tlpRedThatWas:
    'Les éléments TLP:RED transmis au compte sont retirés lorsque le lien est utilisé, et leurs expéditeurs sont avertis.',
  disableAnAccount: 'Désactiver un compte',
  itsSessionsEndNow: 'Ses sessions se terminent immédiatement et ses clés cessent de fonctionner.',
  itsObjectsGrantsAnd:
    'Ses objets, ses droits d’accès et ses réglages sont conservés. Vous pourrez réactiver le compte plus tard.',
  enableAnAccount: 'Activer un compte',
  thePersonOrProgram: 'La personne ou le programme peut de nouveau se connecter.',
  sessionsThatHaveEnded: 'Les sessions terminées ne sont pas rétablies.',
  changeTheRole: 'Modifier le rôle',
  theSessionsOfThe: 'Les sessions du compte se terminent et la personne doit se reconnecter.',
  role: 'Rôle',
  resetTheSecondFactor: 'Réinitialiser le second facteur',
  confirmByTelephoneOr:
    'Vérifiez par téléphone ou de vive voix que la demande vient bien de cette personne : après la réinitialisation, le mot de passe suffit pour se connecter.',
  theAuthenticatorAppThe:
    'L’application d’authentification, les clés d’accès et les codes de secours cessent de fonctionner, et la personne est avertie.',
  deleteAnAccount: 'Supprimer un compte',
  itsSessionsKeysAnd:
    'Ses sessions, ses clés et ses droits d’accès prennent fin immédiatement. Les éléments TLP:RED qui lui ont été transmis sont retirés.',
  anAccountThatLater:
    'Un compte qui recevrait plus tard le même nom n’hérite de rien. Les objets qu’il a publiés sont conservés.',
  enterToConfirm: (name) => `Saisissez ${name} pour confirmer`,
  enterTheNameOf: (name) => `Pour supprimer le compte, saisissez son nom, ${name}`,
  endASession: 'Terminer une session',
  endThisSessionOf: (account) => `Terminer cette session de ${account} ?`,
  endTheSession: 'Terminer la session',
  leaveItOpen: 'La laisser ouverte',
  theBrowserIsSigned: (isUnknown, agent) =>
    `Le navigateur est déconnecté : ${isUnknown ? 'programme inconnu' : agent}.`,
  thePersonCanSign: 'La personne peut se reconnecter. Pour l’en empêcher, désactivez le compte.',
};

/** A new account. */
export const newAccount: Messages['newAccount'] = {
  roles: {
    officer: 'Agent : travaille pour un membre',
    analyst: 'Analyste : travaille pour la plateforme',
    administrator: 'Administrateur : exploite la plateforme',
    machine: 'Compte de service : un programme',
  },
  inviteAPerson: 'Inviter une personne',
  accounts: 'Comptes',
  thePerson: 'La personne',
  createTheAccountAnd: 'Créer le compte et un lien',
  inviteNobody: 'N’inviter personne',
  accountName: 'Nom du compte',
  aToZ0: 'Lettres de a à z, chiffres et traits d’union, par exemple sina ou duty-tonga.',
  aToZ0To: (own) =>
    `Lettres de a à z, chiffres et traits d’union. Le nom commence par ${own}-, par exemple ${own}-sina.`,
  emailOptional: 'Adresse électronique (facultatif)',
  itIsUsedAfter: 'L’adresse est utilisée une fois que la personne l’a confirmée.',
  role: 'Rôle',
  chooseARole: 'Choisir un rôle',
  member: 'Membre',
  anOfficerWorksFor: 'Un agent travaille pour un membre, tous les autres pour la plateforme.',
  none: 'Aucun',
};
