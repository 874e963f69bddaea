import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { count, counted } from './words.ts';

/** The explanation of a delivery. */
export const why: Messages['why'] = {
  answers: {
    received: (member) => `${member} l’a reçu.`,
    available: (member) => `${member} peut le lire, mais ne l’a pas encore lu.`,
    no: (member) => `${member} ne l’a pas.`,
  },
  explainADelivery: 'Expliquer une livraison',
  theObject: 'L’objet',
  reasons: 'Raisons',
};

/** The page of an object. */
export const object: Messages['object'] = {
  done: {
    revised: 'La nouvelle version est enregistrée. Les lecteurs la reçoivent à leur prochaine consultation.',
    revoked: 'L’objet est révoqué. Les lecteurs reçoivent la révocation à leur prochaine consultation.',
    asked: 'Les membres sont avertis. Leurs réponses apparaissent sous Livraisons.',
    answered: 'Votre réponse est enregistrée. Le propriétaire et la plateforme peuvent la voir.',
  },
  object: 'Objet',
  versionOf: (kind, time) => rich`${kind} · version du ${time}`,
  search: 'Recherche',
  json: 'JSON',
  showTheObjectAs: 'Afficher l’objet en JSON',
  theObjectAsJson: 'L’objet en JSON',
  description: 'Description',
  answerForYourMember: 'Répondre au nom de votre membre',
  revise: 'Corriger',
  requestAcknowledgement: 'Demander un accusé de réception',
  revoke: 'Révoquer',
};

/** The facts of an object. */
export const objectFacts: Messages['objectFacts'] = {
  revokedByItsOwner: 'Révoqué par son propriétaire.',
  doNotUseIt: 'Ne l’utilisez plus.',
  itDescribesSomethingTools: 'Cet objet est descriptif. Il ne déclenche aucune action dans les outils.',
  expired: 'Expiré.',
  itWasValidUntil: (time) => rich`Il était valide jusqu’au ${time}.`,
  toolsNoLongerUse: 'Les outils ne l’utilisent plus.',
  notValidYet: 'Pas encore valide.',
  itIsValidFrom: (time) => rich`Il est valide à partir du ${time}.`,
  activeIndicatorActive: (number, kinds) => (number === 0 ? 'Indicateur actif' : `Actif : ${kinds}`),
  confidence: (said, confidence) => `${said}, confiance ${confidence}.`,
  itHasNoEnd: 'Sa validité est illimitée.',
  useItUntil: (time) => rich`Utilisez-le jusqu’au ${time}.`,
  whatItMatches: 'Ce qu’il détecte',
  pattern: 'Motif',
  facts: 'Informations',
  type: 'Type',
  marking: 'Marquage',
  createdBy: 'Créé par',
  created: 'Créé le',
  changed: 'Modifié le',
  validFrom: 'Valide à partir du',
  validUntil: 'Valide jusqu’au',
  labels: 'Étiquettes',
  phase: 'Phase',
  references: 'Références',
  collections: 'Collections',
  stixId: 'Identifiant STIX',
};

/** The versions of an object. */
export const objectVersions: Messages['objectVersions'] = {
  versions: 'Versions',
  versionCount: (number) => counted(number, 'version'),
  newestEarlier: (position) => (position === 0 ? 'La plus récente' : 'Précédente'),
  theVersionChangedNothing: 'La version n’a modifié que sa date.',
  whatTheVersionChanged: 'Ce que la version a modifié',
  property: 'Propriété',
  before: 'Avant',
  after: 'Après',
};

/** The state of an object. */
export const objectState: Messages['objectState'] = {
  states: { valid: 'Actif', expired: 'Expiré', revoked: 'Révoqué', 'not-yet-valid': 'Pas encore valide' },
  until: (text, time) => rich`${text} jusqu’au ${time}`,
};

/** The deliveries of an object. */
export const objectDeliveries: Messages['objectDeliveries'] = {
  states: {
    available: 'Disponible, pas encore lu',
    announced: 'Annoncé',
    delivered: 'Livré',
    opened: 'Ouvert',
    acknowledged: 'Réception confirmée',
    'not-ours': 'Non concerné',
    'false-positive': 'Faux positif',
  },
  deliveries: 'Livraisons',
  ofMemberReceivedIt: (has, number) => `reçu par ${counted(has, 'membre')} sur ${count(number)}`,
  noMemberCanRead: 'Aucun membre ne peut encore lire cet objet.',
  deliveriesOfThisObject: 'Livraisons de cet objet',
  member: 'Membre',
  state: 'État',
  acknowledgementOverdue: 'Accusé de réception en retard',
  acknowledgeBy: (time) => rich`À confirmer avant le ${time}`,
  whyDidAMember: 'Pourquoi un membre l’a-t-il reçu ou non ?',
  explain: 'Expliquer',
};
