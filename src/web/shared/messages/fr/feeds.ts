import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** The pages of feeds. */
export const feeds: Messages['feeds'] = {
  ticks: {
    ok: 'À l’heure',
    'ok-empty': 'Rien de nouveau',
    'not-modified': 'Rien de nouveau',
    unchanged: 'Rien de nouveau',
    partial: 'Partielle',
    suspect: 'Non acceptée',
    failed: 'Échec',
  },
  done: {
    paused: 'Le flux est suspendu. Rien n’est récupéré jusqu’à sa reprise.',
    resumed: 'Le flux a repris. Sa prochaine exécution aura lieu comme prévu.',
    added: 'Le flux est enregistré. Sa première exécution aura lieu à la prochaine heure prévue.',
  },
  feeds: 'Flux',
  createAFeed: 'Créer un flux',
  noFeedReportsA: 'Aucun flux ne signale de problème.',
  feedOfAttention: (number, all) =>
    `${count(number)} flux sur ${count(all)} ${accord(number, 'demande', 'demandent')} votre attention.`,
  allFeeds: 'Tous les flux',
  theFirst1000: 'les 1 000 premiers',
  feedCount: (number) => counted(number, 'flux', 'flux'),
  noFeedsYet: 'Aucun flux pour l’instant',
  aFeedImportsObjects:
    'Un flux importe des objets automatiquement. Un administrateur en ajoute un par son adresse ou à partir des modèles.',
  feed: 'Flux',
  state: 'État',
  schedule: 'Fréquence',
  collection: 'Collection',
  marking: 'Marquage',
  lastRun: 'Dernière exécution',
  since: (time) => rich`Depuis le ${time}.`,
  resumeTheFeed: 'Reprendre le flux',
  pauseTheFeed: 'Suspendre le flux',
  runs: 'Exécutions',
  runFailed: (number, failed) => `${counted(number, 'exécution')}, dont ${count(failed)} en échec`,
  noRunYet: 'Aucune exécution pour l’instant',
  theFirstRunStarts: 'La première exécution aura lieu à la prochaine heure prévue.',
  runsNewestFirst: 'Exécutions, de la plus récente à la plus ancienne',
  started: 'Début',
  result: 'Résultat',
  new: 'Nouveaux',
  changed: 'Modifiés',
  quarantine: 'Quarantaine',
  facts: 'Informations',
  name: 'Nom',
  source: 'Source',
  switchedOff:
    'Ce processus du hub n’exécute aucun flux selon un horaire, car il a été démarré avec --no-feeds ou TALANOA_FEEDS=false.',
  nextRun: 'Prochaine exécution',
  licence: 'Licence',
  managedBy: 'Géré par',
  theSettingsOfThe: 'les paramètres de la plateforme',
  theConsoleAndThe: 'la console et l’API',
  alarms: 'Alertes',
  sinceSmall: (time) => rich`depuis le ${time}`,
  rowsThatTheLast: 'Lignes que les dernières exécutions n’ont pas pu utiliser',
  document: 'Document',
  showTheFeedDocument: 'Afficher le document du flux',
  feedDocument: 'Document du flux',
  pauseAFeed: 'Suspendre un flux',
  pause: (title) => `Suspendre ${title} ?`,
  keepItRunning: 'Le laisser en service',
  theHubFetchesNothing:
    'La plateforme ne récupère plus rien de cette source jusqu’à la reprise du flux. Les indicateurs enregistrés restent jusqu’à leur expiration.',
  reasonOptional: 'Raison (facultatif)',
  resumeAFeed: 'Reprendre un flux',
  resume: (title) => `Reprendre ${title} ?`,
  leaveItPaused: 'Le laisser suspendu',
  theHubFetchesFrom: 'La plateforme interroge de nouveau cette source à la prochaine heure prévue.',
};

/** The state of a feed. */
export const feedState: Messages['feedState'] = {
  states: {
    ready: 'En service',
    waiting: 'En attente de sa première exécution',
    off: 'Désactivé',
    paused: 'Suspendu',
    'needs-key': 'Clé manquante',
    gone: 'La source a disparu',
    failing: 'En échec',
    suspect: 'À examiner',
  },
};

/** A new feed. */
export const newFeed: Messages['newFeed'] = {
  createAFeed: 'Créer un flux',
  enterAnAddressOr: 'Saisissez une adresse ou choisissez un modèle',
  anAddressBeginsWith: 'Une adresse commence par https:// ou http://',
  enterAName: 'Saisissez un nom',
  chooseACollection: 'Choisissez une collection',
  feeds: 'Flux',
  nothingIsStoredUntil: 'Rien n’est enregistré avant que vous ne validiez.',
  n1WhereIsIt: '1. Où se trouve-t-il ?',
  address: 'Adresse',
  taxiiMispStixCsv:
    'TAXII, MISP, STIX, CSV, JSON, RSS ou une simple liste. La plateforme reconnaît le format.',
  orAPreset: 'Ou un modèle',
  noPreset: 'Aucun modèle',
  n2HowShouldIt: '2. Comment doit-il fonctionner ?',
  name: 'Nom',
  aToZ0: 'Lettres de a à z, chiffres et traits d’union, par exemple cert-nz.',
  titleOptional: 'Titre (facultatif)',
  theNameThatPeople: 'Le nom affiché.',
  putObjectsIn: 'Placer les objets dans',
  marking: 'Marquage',
  theDefaultOfThe: 'La valeur par défaut de la source',
  saveItWithoutStarting: 'L’enregistrer sans le démarrer',
  previewTheSource: 'Prévisualiser la source',
  previewAgain: 'Prévisualiser de nouveau',
  saveWithoutStarting: 'Enregistrer sans démarrer',
  saveAndStart: 'Enregistrer et démarrer',
  ofRowCanBe: (accepted, records) =>
    `${counted(accepted, 'ligne')} sur ${count(records)} ${accord(accepted, 'est utilisable', 'sont utilisables')}.`,
  areNewRepeatedFiltered: (fresh, repeated, filtered, quarantined) =>
    `Nouvelles : ${count(fresh)}, répétées : ${count(repeated)}, filtrées : ${count(filtered)}, en quarantaine : ${count(quarantined)}.`,
  areHeld: (held) =>
    `${counted(held, 'objet')} ${accord(held, 'serait mis', 'seraient mis')} en attente de validation, car TLP:RED ou plus strict que le maximum de la collection.`,
  goesOnHold: 'Mis en attente de validation',
  notes: 'Remarques',
  sampleOfWhatCame: 'Échantillon de ce qui a été reçu',
  theFirstRowsAnd: 'Les premières lignes, et les objets qui en résultent',
  row: 'Contenu',
  line: 'Ligne',
  becomes: 'Devient',
  nothing: 'rien',
  asItWillBe: 'Tel qu’il sera enregistré',
  showTheFeedDocument: 'Afficher le document du flux',
  feedDocument: 'Document du flux',
};

/** The quarantine of a feed. */
export const quarantine: Messages['quarantine'] = {
  rowsInQuarantine: 'Lignes en quarantaine',
  tryThemAgain: 'Les retraiter',
  rowCouldNotBe: (number) =>
    `${counted(number, 'ligne')} ${accord(number, 'n’a pas pu être utilisée', 'n’ont pas pu être utilisées')}.`,
  everythingElseInThe: (code) =>
    rich`Le reste de l’exécution est enregistré. Corrigez le document du flux avec ${code}, puis réessayez.`,
  rows: 'Lignes',
  theFirst: (most) => `les ${count(most)} premières`,
  rowCount: (number) => counted(number, 'ligne'),
  nothingIsInQuarantine: 'Rien n’est en quarantaine',
  theLastRunsCould: 'Les dernières exécutions ont pu utiliser toutes les lignes.',
  rowsWithTheirReasons: 'Lignes, avec la raison de leur mise en quarantaine',
  row: 'Contenu',
  line: 'Ligne',
  reason: 'Raison',
  tryRowsAgain: 'Retraiter des lignes',
  tryRowAgain: (number) => `Retraiter ${counted(number, 'ligne')} ?`,
  tryRows: (number) => `Retraiter ${counted(number, 'ligne')}`,
  leaveThemInQuarantine: 'Les laisser en quarantaine',
  theHubReadsThese:
    'La plateforme relit ces lignes avec le document actuel du flux. Les lignes désormais utilisables sont enregistrées et quittent la quarantaine. La source n’est pas interrogée.',
  theRowsWereTried: 'Les lignes ont été retraitées',
  objectStoredRowStill: (stored, still) =>
    `${counted(stored, 'objet enregistré', 'objets enregistrés')}, ${counted(still, 'ligne')} encore en quarantaine.`,
  objectOnHoldFor: (held) => `${counted(held, 'objet')} en attente de validation. `,
  objectRefused: (refused) => `${counted(refused, 'objet refusé', 'objets refusés')}.`,
  backToTheFeed: 'Retour au flux',
};
