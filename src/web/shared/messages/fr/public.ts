import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';

const ANOTHER = 'Demandez-en un nouveau à la personne qui vous l’a remis.';

/** One-time links. */
export const firstLink: Messages['firstLink'] = {
  reasons: {
    used: 'Quelqu’un s’en est servi pour choisir un mot de passe. Si c’était vous, connectez-vous. Sinon, prévenez la plateforme, puis demandez un nouveau lien.',
    replaced: `Un lien plus récent ou un autre moyen de connexion l’a remplacé. Utilisez le dernier lien reçu. ${ANOTHER}`,
    expired: `Il était valable un jour et il a expiré. ${ANOTHER}`,
    unknown: `La plateforme ne le connaît pas. Vérifiez que vous avez copié le lien en entier. ${ANOTHER}`,
  },
  thisLinkDoesNot: 'Ce lien ne fonctionne pas',
  signIn: 'Se connecter',
  signInAsWith: (account) =>
    `Utilisez-le désormais pour vous connecter en tant que ${account}. Les clients TAXII qui ne connaissent que HTTP Basic peuvent aussi l’utiliser, sauf si votre compte exige un second facteur.`,
  yourPasswordIsSet: 'Votre mot de passe est défini',
  somethingWentWrong: 'Un problème est survenu',
  tryAgainLater: 'Réessayez plus tard.',
  thisLinkCannotBe: 'Ce lien est inutilisable pour le moment',
  tryAgain: 'Réessayez.',
};

/** The first sign-in. */
export const first: Messages['first'] = {
  welcome: (account) => `Bienvenue, ${account}`,
  chooseAPasswordFor: 'Choisissez un mot de passe pour votre compte. Cette page ne fonctionne qu’une fois.',
  passwordAtLeast12:
    'Mot de passe, 12 caractères au minimum. Plusieurs mots à la suite sont faciles à retenir.',
  setThePassword: 'Définir le mot de passe',
  goToTheStart: 'Aller à la page d’accueil',
};

/** Links in emails. */
export const answerLink: Messages['answerLink'] = {
  ended: {
    title: 'Ce lien ne fonctionne pas',
    text: 'Il a expiré ou l’objet n’existe plus. Contactez plutôt la plateforme.',
  },
  thankYou: 'Merci',
  responseRecorded: 'Réponse enregistrée.',
  somethingWentWrong: 'Un problème est survenu',
  tryAgainLater: 'Réessayez plus tard.',
};

/** The page behind a link in an email. */
export const answer: Messages['answer'] = {
  words: {
    acknowledged: {
      title: 'Confirmer la réception',
      asks: 'Avez-vous reçu cet élément ?',
      button: 'Confirmer la réception',
    },
    'not-ours': {
      title: 'Non concerné',
      asks: 'Confirmez-vous que cet élément ne concerne pas votre organisation ?',
      button: 'Répondre « non concerné »',
    },
    'false-positive': {
      title: 'Faux positif',
      asks: 'Cet élément est-il un faux positif ?',
      button: 'Signaler un faux positif',
    },
    stop: { title: 'Se désabonner', asks: 'Ne plus recevoir ces courriels ?', button: 'Se désabonner' },
  },
  youRespondOnBehalf: (asks, member) => `${asks} Vous répondez au nom de ${member}.`,
  itemMarkedAdded: (marking, time) => rich`Élément marqué ${marking}, ajouté le ${time}.`,
};

/** The home page. */
export const home: Messages['home'] = {
  threatInformationSharing: 'Partage d’informations sur les menaces',
  thisHubCollectsThreat:
    'Cette plateforme recueille des informations sur les menaces, les vérifie, décide qui peut les voir et les achemine vers les membres concernés.',
  forSecurityToolsThe: 'Pour les outils de sécurité : le service TAXII 2.1',
  forAdministratorsAndOfficers: 'Pour les administrateurs et les agents : l’API d’administration',
  forMembersAndHub: 'Pour les membres et l’équipe de la plateforme : se connecter',
  documentation: 'Documentation',
  contact: (contact) => `Contact : ${contact}`,
};

/** No page. */
export const notFound: Messages['notFound'] = {
  title: 'Page introuvable',
  text: 'Aucune page ne correspond à cette URL, ou vous n’y avez pas accès. Le lien est peut-être incomplet, ou vous devez vous connecter.',
  homePage: 'Page d’accueil',
  signIn: 'Se connecter',
  taxii21Service: 'Service TAXII 2.1 pour les outils de sécurité',
  documentation: 'Documentation',
  error: (code) => `Erreur ${code}.`,
};
