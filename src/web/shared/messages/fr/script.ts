import type { Messages } from '../en.ts';

/** The texts that the script of the console adds to pages. */
export const script: Messages['script'] = {
  copy: 'Copier',
  copied: 'Copié',
  print: 'Imprimer',
  draft: 'Le {time}, vous avez saisi ici un texte que vous n’avez pas envoyé.',
  restore: 'Le rétablir',
  discard: 'L’abandonner',
};

/** The page of keys. */
export const keyboard: Messages['keyboard'] = {
  title: 'Raccourcis clavier',
  note: 'Ces touches fonctionnent sur toutes les pages de la console tant qu’aucun champ de texte n’est actif. Tab et Entrée fonctionnent partout.',
  table: 'Touches et leur effet',
  key: 'Touche',
  does: 'Effet',
  then: 'puis',
  keys: {
    search: 'Aller au champ de recherche',
    publish: 'Publier des indicateurs',
    overview: 'Vue d’ensemble',
    find: 'Recherche',
    review: 'À valider',
    feeds: 'Flux',
    members: 'Membres',
    deliveries: 'Livraisons',
    next: 'Ligne suivante d’un tableau',
    previous: 'Ligne précédente d’un tableau',
    select: 'Sélectionner la ligne',
    open: 'Ouvrir la ligne',
    leave: 'Quitter un champ de texte',
    help: 'Cette page',
  },
  needsScript:
    'Les touches exigent des scripts. Elles sont sans effet dans un navigateur qui n’en exécute pas.',
};
