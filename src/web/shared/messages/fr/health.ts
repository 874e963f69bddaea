import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** The page of the health of the hub. */
export const health: Messages['health'] = {
  health: 'État du système',
  checkedAtTheSame: (time, code) =>
    rich`Vérifié le ${time}. La commande ${code} effectue les mêmes vérifications.`,
  checkAgain: 'Vérifier de nouveau',
  memory: 'Mémoire',
  mb: (memoryMb) => `${count(memoryMb)} Mo`,
  ofThisProcess: 'de ce processus',
  up: 'En service depuis',
  version: (version) => `version ${version}`,
  objects: 'Objets',
  inCollection: (number) => `dans ${counted(number, 'collection')}`,
  onHold: 'En attente',
  objectsThatWaitFor: 'objets en attente d’une décision',
  checks: 'Vérifications',
  theCheckPassesAll: (number) =>
    number === 1 ? 'La vérification a réussi.' : `Les ${count(number)} vérifications ont réussi.`,
  ofCheck: (passed, number) =>
    `${counted(passed, 'vérification')} sur ${count(number)} ${accord(passed, 'a', 'ont')} réussi.`,
  alarmsOfFeeds: 'Alertes des flux',
  noAlarms: 'Aucune alerte',
  aFeedThatIs: 'Un flux en retard, en échec ou suspect apparaît ici.',
  since: (time, code) => rich`depuis le ${time}, ${code}`,
  collections: 'Collections',
  noCollections: 'Aucune collection',
  theSettingsFileOr: 'Les collections s’ajoutent dans le fichier de paramètres ou par l’API.',
  sizesOfTheCollections: 'Taille des collections',
  collection: 'Collection',
  apiRoot: 'Racine d’API',
  dayCount: (days) => counted(days, 'jour'),
  hourCount: (hours) => counted(hours, 'heure'),
  minuteCount: (minutes) => counted(minutes, 'minute'),
};

/** The page of settings. */
export const settings: Messages['settings'] = {
  sources: {
    default: 'par défaut',
    file: 'fichier',
    demo: 'démonstration',
    'command line': 'ligne de commande',
    environment: 'environnement',
  },
  unlimited: 'illimité',
  yes: 'oui',
  no: 'non',
  none: 'aucun',
  sections: {
    hub: 'Plateforme',
    listen: 'Connexions',
    sign_in: 'Authentification',
    limits: 'Limites',
    egress: 'Connexions sortantes',
  },
  settings: 'Paramètres',
  theValuesThatThe: 'Les valeurs qu’utilise la plateforme. Les secrets ne sont jamais affichés.',
  theDemoHasSettings:
    'La démonstration a ses propres paramètres. Pour exploiter votre plateforme, démarrez-la sans --demo.',
  theHubRunsWithout:
    'La plateforme fonctionne sans fichier de paramètres. Pour modifier une valeur, copiez talanoa.example.yaml et démarrez la plateforme avec --config.',
  changeAValueWhere: (file, revision) =>
    `Modifiez une valeur là où elle est définie, puis redémarrez la plateforme. Le fichier de paramètres est ${file}, révision ${revision}.`,
  process: 'Processus',
  setting: 'Paramètre',
  value: 'Valeur',
  setBy: 'Défini par',
  notSet: 'non défini',
};
