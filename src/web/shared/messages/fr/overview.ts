import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** The first steps of a new hub, on the overview. */
export const firstSteps: Messages['firstSteps'] = {
  title: 'Premiers pas',
  note: 'Trois étapes rendent cette plateforme utile.',
  doneOf: (done, all) => `${count(done)} sur ${counted(all, 'étape')}`,
  progress: { done: 'Terminé', started: 'Commencé', open: 'À faire' },
  feeds: {
    title: 'Importer des renseignements sur les menaces',
    notes: {
      done: 'Un flux arrive. Ajoutez vos propres sources à tout moment.',
      started: 'Un flux existe, mais aucun ne s’est encore exécuté sans problème.',
      open: 'Un flux importe des objets automatiquement, depuis un modèle ou une adresse.',
    },
    actions: { done: 'Ajouter un autre flux', open: 'Ajouter un flux' },
  },
  members: {
    title: 'Ajouter le premier membre',
    notes: {
      done: 'Un membre a récupéré des objets.',
      started: 'Un membre existe, mais n’a encore rien récupéré. Créez-lui un compte et une clé.',
      open: 'Un membre est une organisation qui reçoit des objets, comme un CERT national. Ajoutez-le avec « talanoa member create ».',
    },
    actions: { done: 'Afficher les membres', open: 'Afficher les membres' },
  },
  publishing: {
    title: 'Publier un indicateur',
    notes: {
      done: 'Un indicateur a été publié.',
      started: '',
      open: 'Envoyez une valeur à votre membre et suivez son arrivée. Vous pourrez la révoquer ensuite.',
    },
    actions: { done: 'En publier un autre', open: 'Publier un indicateur' },
  },
  beforeUse: 'Avant l’usage par les membres',
  allChecks: 'Toutes les vérifications',
  hide: 'Masquer ces étapes',
  demo: (command) =>
    rich`Pour explorer d’abord, démarrez une plateforme avec des données d’exemple dans un dossier séparé : ${command}. Elle n’envoie rien à de vrais membres.`,
};

/** The overview. */
export const overview: Messages['overview'] = {
  overview: 'Vue d’ensemble',
  lookAt: (title) => `Examiner ${title}`,
  feedsNeedAttention: (number, title) =>
    number === 1 ? `${title} demande votre attention.` : `${count(number)} flux demandent votre attention.`,
  openTheReviewQueue: 'Ouvrir la file de validation',
  itemWaitingForReview: (waiting) =>
    `${counted(waiting, 'élément')} ${accord(waiting, 'attend', 'attendent')} une validation.`,
  nobodyReceivesThemUntil: 'Personne ne les reçoit avant une décision.',
  youCantReadAny: 'Vous ne pouvez encore lire aucune collection.',
  askAnAdministratorOf: 'Demandez l’accès à une collection à un administrateur de la plateforme.',
  nothingNeedsYourAttention: 'Rien ne demande votre attention.',
  noFeedReportsA: 'Aucun flux ne signale de problème et la file de validation est vide.',
  newIn24Hours: 'Nouveautés des dernières 24 heures',
  objectsThatYouCan: 'objets que vous pouvez lire',
  objects: 'objets',
  collections: 'Collections',
  thatYouCanRead: 'que vous pouvez lire',
  feeds: 'Flux',
  of: (number, number2) => `${count(number)} sur ${count(number2)}`,
  withoutProblems: 'sans problème',
  onHold: 'En attente',
  oldest: (time) => rich`depuis le ${time}`,
  triage: 'Tri',
  reportsWithoutAMember: 'signalements sans membre',
  itemOfTlpRed: (red) => `${counted(red, 'élément')} TLP:RED pour vous`,
  needsAttention: (title) => `${title} demande votre attention`,
  objectOnHold: (number) => `${counted(number, 'objet')} en attente`,
  reportToAssignTo: (number) => `${counted(number, 'signalement')} à attribuer à des membres`,
  attention: 'À traiter',
  nothingIsWaitingFor: 'Rien à traiter.',
  allFeeds: (number) => (number > 1 ? `Les ${count(number)} flux` : 'Tous les flux'),
  noFeedsYetA: 'Aucun flux pour l’instant. Un flux importe des objets automatiquement.',
  feed: 'Flux',
  lastRun: 'Dernière exécution',
  arrivals: 'Objets soumis et lignes lues chaque jour',
  arrivalsLabel: (highest, number) =>
    `Objets soumis et lignes lues chaque jour, par source. Le jour le plus chargé est le ${highest}, avec ${count(number)}.`,
  otherFeeds: 'Autres flux',
  hubAndMembers: 'Hub et membres',
  latest: 'Dernières arrivées',
  nothingHasArrivedYet: 'Rien n’est encore arrivé',
  newObjectsOfThe: 'Les nouveaux objets des collections que vous pouvez lire apparaissent ici.',
  theNewestObjectsThat: 'Les objets les plus récents que vous pouvez lire',
  title: 'Titre',
  type: 'Type',
  collection: 'Collection',
  state: 'État',
  marking: 'Marquage',
  age: 'Âge',
};

/** Charts. */
export const chart: Messages['chart'] = {
  numbers: 'Afficher les nombres',
  day: 'Jour',
  total: 'Total',
};
