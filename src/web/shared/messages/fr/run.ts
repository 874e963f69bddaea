import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** Audit log and deliveries. */
export const run: Messages['run'] = {
  readers: {
    current: 'À jour',
    behind: 'En retard',
    silent: 'Silencieux',
    never: 'N’a jamais rien lu',
    'no grant': 'Sans accès',
  },
  deliveries: 'Livraisons',
  toSeeWhoReceived: 'Pour savoir qui a reçu un objet, ouvrez sa page.',
  readersTitle: 'Lecteurs',
  nobodyHasReadAnything: 'Personne n’a encore rien lu',
  accountsThatReadA: 'Les comptes qui lisent une collection apparaissent ici.',
  readersAndTheirProgress: 'Lecteurs et leur avancement',
  reader: 'Lecteur',
  collection: 'Collection',
  state: 'État',
  waiting: 'En attente',
  lastSeen: 'Dernière activité',
  auditLog: 'Journal d’audit',
  deliveriesOfAnObject: (link) =>
    rich`Les livraisons d’un objet figurent sur sa page, et les exécutions d’un flux sur celle du flux. ${link('Ce que le journal d’audit consigne')}`,
  entries: 'Entrées',
  noEntries: 'Aucune entrée',
  changesThatYouMay: 'Les modifications que vous avez le droit de voir apparaissent ici.',
  entriesOfTheAudit: 'Entrées du journal d’audit',
  action: 'Action',
  resource: 'Ressource',
  by: 'Par',
  result: 'Résultat',
  time: 'Heure',
  done: 'Effectué',
  refused: 'Refusé',
  showTheOldestFirst: 'Afficher d’abord les plus anciennes',
  showTheNewestFirst: 'Afficher d’abord les plus récentes',
  verifyTheHashChain: 'Vérifier la chaîne de hachage',
  theHashChainIs: (seq) => `La chaîne de hachage est rompue à l’entrée ${count(seq)}.`,
  theHashChainIsComplete: 'La chaîne de hachage est complète.',
  entryWereChecked: (entries) =>
    `${counted(entries, 'entrée')} ${accord(entries, 'a été vérifiée', 'ont été vérifiées')}.`,
};
