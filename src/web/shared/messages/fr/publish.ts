import type { Messages } from '../en.ts';
import { accord, count, counted } from './words.ts';

/** The page for new indicators. */
export const publish: Messages['publish'] = {
  title: 'Publier des indicateurs',
  noCollection:
    'Vous ne pouvez écrire dans aucune collection. Demandez un droit d’écriture à un administrateur de la plateforme.',
  steps: {
    values: 'Qu’avez-vous observé ?',
    about: 'Que doivent savoir les autres ?',
    audience: 'Qui peut voir ces indicateurs ?',
  },
  values: 'Collez des valeurs, une par ligne, sous n’importe quelle forme',
  valuesHint: (most) =>
    `Adresses, réseaux, plages, numéros d’AS, noms de domaine, URL, adresses électroniques et condensats, ${count(most)} au maximum. Le texte neutralisé est accepté : hxxp, [.] et (dot) sont rétablis. Les lignes qui commencent par # sont ignorées. Aucune recherche n’est faite hors de cette plateforme.`,
  kind: 'Nature des valeurs',
  kindHint: 'Ne choisissez une nature que si la valeur ne la montre pas, comme le SHA-256 d’un certificat.',
  kinds: {
    auto: 'Reconnaître la nature de chaque valeur',
    ip: 'Adresses IP, réseaux et plages',
    asn: 'Numéros d’AS',
    domain: 'Noms de domaine',
    url: 'URL',
    email: 'Adresses électroniques',
    hash: 'Condensats de fichiers',
    certificate: 'Empreintes de certificats',
  },
  known: 'Si une valeur est déjà connue',
  knownHint:
    'Connue : la collection contient déjà un indicateur valide de cette valeur, que vous pouvez lire.',
  ifKnown: {
    skip: 'Ne rien publier pour cette valeur',
    sighting: 'Ajouter une observation : vous l’avez vue aussi',
    new: 'Publier un nouvel indicateur',
  },
  accept: 'Publier aussi les valeurs des listes d’avertissement',
  acceptHint:
    'Les listes d’avertissement contiennent des valeurs que personne ne devrait bloquer, comme les résolveurs publics. Si vous cochez cette case, ces valeurs sont publiées avec une étiquette. Sinon, elles sont écartées.',
  name: 'Titre (facultatif)',
  nameHint: 'Le nom de tous ces indicateurs. Si le champ est vide, chacun porte le nom de sa valeur.',
  description: 'Ce qui s’est passé et ce qu’il faut faire (facultatif)',
  malware: 'Famille de logiciels malveillants (facultatif)',
  malwareHint: 'Chaque indicateur est lié à un objet de ce nom.',
  labels: 'Étiquettes (facultatif)',
  labelsHint: 'Séparées par des virgules.',
  confidence: 'Quel est votre degré de certitude ? (facultatif)',
  confidenceHint: '0 est une supposition, 100 est confirmé.',
  days: 'Durée de validité, en jours',
  daysHint: 'Passé ce délai, les outils cessent d’utiliser les indicateurs.',
  from: 'Valide à partir du (facultatif)',
  fromHint: 'Un jour, en UTC. Si le champ est vide, les indicateurs sont valides dès maintenant.',
  references: 'Références (facultatif)',
  referencesHint: 'URL de pages sur la menace, une par ligne.',
  behalf: 'Au nom de (facultatif)',
  behalfNobody: 'La plateforme elle-même',
  behalfHint: 'Un membre qui a signalé les valeurs. Le journal d’audit le consigne.',
  more: 'Autres champs : références, début de validité',
  level: 'Marquage TLP',
  levels: {
    clear: 'Tout le monde.',
    green: 'Tous les membres et leurs pairs.',
    amber: 'Les membres destinataires et leurs clients.',
    'amber+strict': 'Les membres destinataires uniquement.',
  },
  redNote:
    'Un élément TLP:RED est transmis à des personnes désignées, et n’est jamais publié dans une collection.',
  collection: 'Collection',
  collectionOption: (title, level) => `${title}, jusqu’à ${level}`,

  problems: (number) => (number === 1 ? 'Il y a un problème' : `Il y a ${count(number)} problèmes`),
  kept: 'Rien n’a été publié. Votre saisie figure ci-dessous.',
  changed: 'Vous avez modifié le formulaire après la vérification. Voici ce qui serait publié maintenant.',
  check: 'Vérifier et prévisualiser les destinataires',
  checkAgain: 'Vérifier de nouveau',
  nothingYet: 'Rien n’est publié avant que vous n’ayez vu la vérification.',
  toMembers: (members) => `Publier auprès de ${counted(members, 'membre')}`,
  toEverybody: 'Publier pour tout le monde',
  toNobodyYet: (indicators) => `Publier ${counted(indicators, 'indicateur')}`,
  onlyNote: (beside) => `Publier ${counted(beside, 'observation')}`,

  checks: 'Vérifications',
  ready: 'Prêt',
  nothingToPublish: 'Rien à publier',
  validStix: (number) => `${counted(number, 'indicateur')} en STIX 2.1 valide`,
  leftOut: (number) =>
    `${counted(number, 'valeur')} ${accord(number, 'ne serait pas publiée', 'ne seraient pas publiées')}. La liste des valeurs indique pourquoi.`,
  held: (number) =>
    `${counted(number, 'valeur')} ${accord(number, 'serait mise', 'seraient mises')} en attente de validation.`,
  warned: (number) => `${counted(number, 'valeur')} avec un avertissement`,
  sightings: (number) => `${counted(number, 'observation')} d’indicateurs connus`,
  until: (day) => `Valide jusqu’au ${day}`,
  linked: (name) => `Lié au logiciel malveillant ${name}`,
  found: 'Valeurs telles que la plateforme les lit',
  isNew: 'Nouvelle ici',
  alsoIn: 'Connue :',
  outcomes: {
    stored: 'Publiée',
    known: 'Déjà connue',
    held: 'En attente de validation',
    refused: 'Non publiée',
    pending: 'En cours de traitement',
  },

  receive: 'Destinataires',
  reached: (reached, all) => `${counted(reached, 'membre')} sur les ${count(all)} que vous pouvez voir.`,
  reachedAll: (number) =>
    number === 1
      ? 'Le seul membre que vous pouvez voir.'
      : `Les ${count(number)} membres que vous pouvez voir.`,
  reachedNone: 'Aucun membre que vous pouvez voir.',
  limited:
    'Les membres que vous ne pouvez pas voir ne sont pas comptés. Leurs réseaux ne sont vérifiés qu’à la publication.',
  everybody: 'La collection est publique. Tout le monde peut la lire.',
  how: 'Comment chaque membre reçoit les objets',
  notSent: (number) => `Non transmis à ${counted(number, 'membre')}, et pourquoi`,
  member: 'Membre',
  objects: 'Objets',
  ofAll: (number, all) => `${count(number)} sur ${count(all)}`,
  asStored: 'Tel qu’il sera enregistré',
  asStoredMore: (number) => `Le premier de ${count(number)}. Les autres diffèrent par leur valeur.`,

  faults: {
    noValue: 'Saisissez au moins une valeur.',
    tooMany: (most, given) =>
      `Le formulaire accepte au plus ${count(most)} valeurs, et vous en avez saisi ${count(given)}. Au-delà, utilisez talanoa publish --file.`,
    kind: 'Choisissez une nature dans la liste.',
    known: 'Choisissez ce qu’il advient des valeurs connues.',
    line: (line, value, fault) => `Ligne ${line} : « ${value} » ne peut pas être publiée : ${fault}.`,
    sameValue: (line, first) =>
      `La ligne ${line} contient la même valeur que la ligne ${first}. Elle est publiée une fois.`,
    collection: 'Choisissez une collection dans laquelle vous pouvez écrire.',
    days: 'Saisissez le nombre de jours, par exemple 30.',
    confidence: 'Saisissez un nombre entier de 0 à 100.',
    from: 'Saisissez un jour, par exemple 2026-11-23.',
    level: 'Choisissez un niveau TLP dans la liste.',
  },

  publishing: 'La publication des indicateurs est en cours',
  publishingText:
    'Ce formulaire a déjà été envoyé et la plateforme le traite encore. Rechargez cette page dans quelques secondes pour voir le résultat.',
  processed: 'Le formulaire a déjà été traité',
  processedText:
    'La liste des résultats était trop longue pour être conservée. Saisissez de nouveau les valeurs : la vérification indique lesquelles sont déjà publiées, si vous pouvez les lire.',
  unknown: 'Le résultat est inconnu',
  unknownText: (problem) =>
    `${problem} Certains indicateurs ont peut-être été publiés. Saisissez de nouveau les valeurs : la vérification indique lesquelles sont déjà publiées, si vous pouvez les lire.`,
};

/** The receipt of a submission. */
export const receipt: Messages['receipt'] = {
  title: (published, all) =>
    `${counted(published, 'indicateur publié', 'indicateurs publiés')} sur ${count(all)}`,
  out: (collection) => `Les indicateurs se trouvent dans ${collection}.`,
  nothingOut: 'Rien n’a été publié.',
  undoUntil: (time) =>
    `Vous pouvez annuler jusqu’au ${time}. L’annulation révoque les indicateurs, et tous les lecteurs reçoivent la révocation.`,
  undoOver: 'Le délai d’annulation est écoulé. Pour révoquer un indicateur, ouvrez sa page.',
  undo: 'Annuler la publication',
  undone: (number) =>
    `${counted(number, 'objet')} ${accord(number, 'a été révoqué', 'ont été révoqués')}. Les lecteurs reçoivent la révocation à leur prochaine consultation.`,
  notUndone: (number) =>
    `${counted(number, 'objet')} ${accord(number, 'n’a pas pu être révoqué', 'n’ont pas pu être révoqués')} :`,
  whoHas: 'Livraisons',
  has: 'Membre',
  state: 'État',
  nobody: 'Aucun membre ne peut encore le lire.',
  stored: 'Ce qui a été enregistré',
  value: 'Valeur',
  outcome: 'Résultat',
  collection: 'Collection',
  marking: 'Marquage',
  useUntil: 'Utiliser jusqu’au',
  published: 'Publié le',
  received: (number, all) => `${counted(number, 'reçu')} sur ${count(all)}`,
  notRead: 'Pas encore lu',
  first: (number) => `Pour les ${count(number)} premiers indicateurs.`,
  next: 'Suite',
  another: 'Publier d’autres valeurs de la même manière',
  more: 'Publier d’autres valeurs',
};

/** Kinds of values. */
export const valueKinds: Messages['valueKinds'] = {
  ipv4Address: 'Adresse IPv4',
  ipv6Address: 'Adresse IPv6',
  network: 'Réseau',
  addressWithAPort: 'Adresse avec un port',
  domainName: 'Nom de domaine',
  emailAddress: 'Adresse électronique',
  file: 'Fichier',
  fingerprint: 'Empreinte',
  ofACertificate: (keys) => `${keys} d’un certificat`,
};
