import type { Messages } from '../en.ts';
import { rich } from '../rich.ts';
import { accord, count, counted } from './words.ts';

/** Saved searches. */
export const savedSearches: Messages['savedSearches'] = {
  saved: 'Recherches enregistrées',
  save: 'Enregistrer cette recherche',
  name: 'Nom',
  hint: 'Lettres minuscules, chiffres et traits d’union.',
  share: (isOfMember) =>
    isOfMember
      ? 'La partager avec les autres personnes de votre organisation'
      : 'La partager avec le reste du personnel du hub',
  onlyYou:
    'La recherche est enregistrée avec ses filtres. Personne d’autre ne peut la voir, sauf si vous la partagez.',
  from: 'De',
  own: 'Vous',
  shared: 'Vous, partagée',
  keep: 'Ne pas l’enregistrer',
  value: 'Valeur recherchée',
  since: 'Enregistrée le',
  change: 'Modifier',
  delete: 'Supprimer',
  deleteOne: 'Supprimer une recherche enregistrée',
  keepIt: 'La garder',
};

/** The search. */
export const search: Messages['search'] = {
  search: 'Recherche',
  many: 'Vérifier plusieurs valeurs',
  save: 'Enregistrer cette recherche',
  export: 'Exporter',
  stixId: (id) => `identifiant STIX ${id}`,
  searchFor: (typed) => `Recherche : ${typed}`,
  valueNetworkHashStix: 'Valeur, réseau, condensat, identifiant STIX ou début d’un nom',
  searchTheHub: 'Rechercher sur la plateforme',
  whatYouCanSearch: 'Ce que vous pouvez rechercher',
  addressesNetworksDomainNames:
    'Adresses, réseaux, noms de domaine, URL, adresses électroniques, condensats et numéros d’AS, neutralisés ou non. La recherche d’un réseau trouve ce qu’il contient et ce qui le contient. Celle d’un nom de domaine trouve tout ce qui se trouve au-dessous.',
  orMore: ' ou plus',
  result: (number, more) => `${counted(number, 'résultat')}${more}`,
  understoodAs: (meaning, isPlain, results, isComplete) =>
    rich`Interprété comme ${meaning}. ${isPlain ? '' : 'La valeur était neutralisée : la plateforme l’a rétablie. '}${results}${isComplete ? '.' : '. L’indexation des nouveaux objets est en cours, il peut donc manquer des résultats.'}`,
  results: 'Résultats',
  exportThisView: (csv, json, stix) =>
    rich`Exporter cette vue : ${csv('CSV')} · ${json('JSON')} · ${stix('STIX')}`,
  filters: 'Filtres',
  clear: 'Effacer',
  remove: 'retirer',
  chosen: (facet, value) => `${facet} : ${value}`,
  facets: {
    type: 'Type',
    tlp: 'Marquage',
    state: 'État',
    collection: 'Collection',
    source: 'Source',
    label: 'Étiquette',
    age: 'Ajout',
  },
  ages: {
    day: 'Dans les dernières 24 heures',
    week: 'Il y a 1 à 7 jours',
    month: 'Il y a 7 à 30 jours',
    year: 'Il y a 30 jours à un an',
    older: 'Il y a plus d’un an',
  },
  capped:
    'Les filtres et les nombres portent sur les 2 000 premiers résultats. Précisez votre recherche pour voir les autres.',
  marking: 'Marquage',
  shown: (first, last, all) => `${count(first)} à ${count(last)} sur ${count(all)}`,
  andMore: (collections) => `et ${counted(collections, 'autre')}`,
  select: (title) => `Sélectionner ${title}`,
  noneLeft: 'Aucun résultat ne correspond à ces filtres',
  withoutFilters: 'Afficher tous les résultats',
  resultCount: (number) => counted(number, 'résultat'),
  objectsThatMatch: 'Objets correspondants',
  title: 'Titre',
  type: 'Type',
  state: 'État',
  collection: 'Collection',
  added: 'Ajouté',
  noResultsFor: (typed) => `Aucun résultat pour ${typed}`,
  nothingWithThisValue: (collections) =>
    collections === 0
      ? 'Rien de visible pour vous ne contient cette valeur.'
      : `La recherche a porté sur ${accord(collections, 'la collection', `les ${counted(collections, 'collection')}`)} que vous pouvez lire.`,
};

/** The page that checks many values at once. */
export const check: Messages['check'] = {
  title: 'Vérifier plusieurs valeurs',
  search: 'Recherche',
  values: 'Vos valeurs',
  field: 'Une valeur par ligne, ou n’importe quel texte',
  hint: (most) =>
    `Jusqu’à ${count(most)} adresses, réseaux, noms de domaine, URL, adresses électroniques et condensats. Le format CSV et le texte neutralisé sont acceptés.`,
  button: 'Vérifier les valeurs',
  stays: 'Les valeurs restent sur cette plateforme. Personne d’autre ne peut les voir.',
  noValue: 'Saisissez au moins une valeur.',
  tooMany: (most, given) =>
    `Le formulaire accepte au plus ${count(most)} valeurs, et vous en avez saisi ${count(given)}. Au-delà, utilisez talanoa values check FILE.`,
  active: (known, all) =>
    `${counted(known, 'valeur')} sur ${count(all)} ${accord(known, 'est un indicateur actif', 'sont des indicateurs actifs')}.`,
  noneActive: (all) =>
    all === 1
      ? 'La valeur n’est pas un indicateur actif.'
      : `Aucune des ${count(all)} valeurs n’est un indicateur actif.`,
  incomplete: 'La lecture des nouveaux objets est en cours, il peut donc manquer des valeurs.',
  tally: (number, verdict) => `${verdict} : ${count(number)}`,
  tallies: {
    active: 'actives',
    suppressed: 'exclues des listes',
    'warning-list': 'sur des listes d’avertissement',
    'own-network': 'dans des réseaux de membres',
    pending: 'pas encore valides',
    expired: 'expirées',
    withdrawn: 'retirées',
    unknown: 'inconnues',
    invalid: 'non reconnues',
  },
  verdicts: {
    active: 'Active',
    suppressed: 'Exclue des listes',
    'warning-list': 'Sur une liste d’avertissement',
    'own-network': 'Appartient à un membre',
    pending: 'Pas encore valide',
    expired: 'Expirée',
    withdrawn: 'Retirée',
    unknown: 'Inconnue',
    invalid: 'Non reconnue',
  },
  heading: 'Verdicts',
  caption: 'Le verdict sur chaque valeur',
  exportView: 'Exporter en CSV',
  columns: { value: 'Valeur', verdict: 'Verdict', why: 'Raison', marking: 'Marquage' },
  why: {
    active: (sources, day) => rich`${counted(sources, 'source')}. Valide jusqu’au ${day}.`,
    pending: 'Un indicateur la mentionne, mais il n’est pas encore valide.',
    expired: (day) => rich`Expirée le ${day}.`,
    withdrawn: 'Ses indicateurs ont été révoqués.',
    suppressed: 'Une décision l’exclut de toutes les listes.',
    unknown: 'Aucune collection que vous pouvez lire ne la contient.',
    invalid: (line) =>
      `Ligne ${count(line)}. Ce n’est ni une adresse, ni un réseau, ni un nom de domaine, ni une URL, ni une adresse électronique, ni un condensat.`,
    through: (around) => `Couverte par ${around}.`,
    lists: (names) => `Sur la liste d’avertissement ${names}.`,
    owner: (claim, member) => `Dans ${claim} de ${member}.`,
  },
};

/** Actions on several results of a search. */
export const bulk: Messages['bulk'] = {
  search: 'Recherche',
  selected: 'Avec les objets sélectionnés :',
  all: (number) =>
    `Sélectionner les ${count(number)} objets correspondants, pas seulement ceux de cette page`,
  actions: {
    revoke: 'Révoquer',
    label: 'Ajouter une étiquette',
    share: 'Partager',
    seen: 'Signaler des observations',
    'false-positive': 'Signaler des faux positifs',
  },
  titles: {
    revoke: (number) => `Révoquer ${counted(number, 'objet')} ?`,
    label: (number) => `Ajouter une étiquette à ${counted(number, 'objet')}`,
    share: (number) => `Partager ${counted(number, 'objet')}`,
    seen: (number) => `Signaler l’observation de ${counted(number, 'objet')}`,
    'false-positive': (number) =>
      `Signaler ${counted(number, 'objet')} comme ${accord(number, 'faux positif', 'faux positifs')}`,
  },
  buttons: {
    revoke: (number) => `Révoquer ${counted(number, 'objet')}`,
    label: (number) => `Étiqueter ${counted(number, 'objet')}`,
    share: (number) => `Partager ${counted(number, 'objet')}`,
    seen: (number) => `Signaler ${counted(number, 'observation')}`,
    'false-positive': (number) =>
      `Signaler ${accord(number, 'un faux positif', `${count(number)} faux positifs`)}`,
  },
  keep: 'Ne rien changer',
  willHappen: 'Ce qui va se passer',
  consequences: {
    revoke: [
      'Une nouvelle version marque chaque objet comme révoqué, dans chaque collection qui le contient.',
      'Les lecteurs reçoivent la révocation à leur prochaine consultation. Leurs outils n’utilisent plus l’objet.',
      'Cette action est irréversible.',
    ],
    label: [
      'Chaque objet reçoit une nouvelle version avec l’étiquette. Les lecteurs la reçoivent à leur prochaine consultation.',
    ],
    share: [
      'Les membres reçoivent les objets. Si le TLP l’exige, la plateforme demande d’abord l’accord du propriétaire.',
    ],
    seen: [
      'La plateforme enregistre une observation de votre membre pour chaque indicateur. Les autres ne voient qu’un nombre.',
    ],
    'false-positive': [
      'La plateforme enregistre un signalement de votre membre pour chaque indicateur, et l’équipe de la plateforme décide.',
    ],
  },
  each: 'Chaque objet est traité comme si vous l’aviez choisi seul, et a son propre résultat.',
  objects: (number) => `Afficher ${accord(number, 'l’objet', `les ${counted(number, 'objet')}`)}`,
  andMore: (number) => `et ${counted(number, 'autre')}`,
  label: 'Étiquette',
  members: 'Membres',
  membersHint: 'Noms de membres, séparés par des virgules.',
  reason: 'Raison (facultatif)',
  faults: {
    none: 'Sélectionnez au moins un objet.',
    tooMany: (most, given) =>
      `Une action modifie au plus ${count(most)} objets, et ${count(given)} sont sélectionnés. Ajoutez des filtres.`,
    changed: (what) =>
      `La liste a changé depuis que vous l’avez vue. ${what} Vérifiez les objets ci-dessous, puis confirmez de nouveau.`,
    number: (before, now) =>
      `Elle contenait ${counted(before, 'objet')}, et en contient maintenant ${count(now)}.`,
    revised: (number, some) =>
      `Depuis, ${counted(number, 'objet')} en plus ou avec une nouvelle version, par exemple ${some}.`,
    label: 'Saisissez une étiquette de 200 caractères au plus.',
    members: 'Saisissez le nom d’au moins un membre.',
  },
  done: (done, all) => `${counted(done, 'objet traité', 'objets traités')} sur ${count(all)}.`,
  again: 'Ce formulaire avait déjà été envoyé. Rien n’a été fait deux fois.',
  results: 'Résultats',
  object: 'Objet',
  outcome: 'Résultat',
  outcomes: { done: 'Effectué', known: 'Rien à changer', failed: 'Non effectué' },
  why: 'Raison',
  back: 'Retour à la recherche',
};
