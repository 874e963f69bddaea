import type { Messages } from '../en.ts';
import { count, counted } from './words.ts';

export const extract: Messages['extract'] = {
  title: 'Extraire d’un rapport',
  note: 'Trouvez les adresses, noms de domaine, URL, adresses électroniques et condensats d’un rapport, et publiez les valeurs que vous choisissez.',
  document: 'Le rapport',
  file: 'Fichier (facultatif)',
  fileHint: 'PDF, Word (.docx), HTML, courriel (.eml) ou texte, jusqu’à 10 Mo.',
  text: 'Ou collez son texte',
  textHint: 'Le texte neutralisé est accepté. Si vous choisissez un fichier, ce texte est ignoré.',
  find: 'Trouver les valeurs',
  stays:
    'Le rapport est lu sur cette plateforme et n’est pas conservé. Rien de son contenu n’est recherché ailleurs.',
  nothingGiven: 'Choisissez un fichier, ou collez un texte.',
  nothingChosen: 'Cochez au moins une valeur.',
  pasted: 'Texte collé, lu sur cette plateforme.',
  fileRead: (name, format, pages) =>
    `${name} (${format}${pages > 1 ? `, ${counted(pages, 'page')}` : ''}), lu sur cette plateforme.`,
  formats: { text: 'texte', html: 'HTML', email: 'courriel', pdf: 'PDF', docx: 'Word' },
  another: 'Lire un autre rapport',
  values: 'Valeurs trouvées',
  none: 'Aucune valeur trouvée',
  noneText:
    'Le texte ne contient ni adresse, ni nom de domaine, ni URL, ni adresse électronique, ni condensat.',
  sum: (all, chosen) =>
    `${counted(all, 'valeur trouvée', 'valeurs trouvées')}, dont ${counted(chosen, 'sélectionnée')}.`,
  doubtful: (number) =>
    number === 1
      ? '1 valeur n’est pas sélectionnée, car elle figure sur une liste d’avertissement, se trouve dans les réseaux d’un membre, est exclue des listes ou ne peut pas être publiée.'
      : `${count(number)} valeurs ne sont pas sélectionnées, car elles figurent sur des listes d’avertissement, se trouvent dans les réseaux de membres, sont exclues des listes ou ne peuvent pas être publiées.`,
  mostChosen: (most) =>
    `Au plus ${count(most)} valeurs peuvent être publiées à la fois. Chaque bouton ci-dessous vérifie une partie des valeurs sélectionnées dans un nouvel onglet.`,
  cut: 'Le rapport est plus long que ce que la plateforme lit (500 pages, 1 000 000 de caractères), et le reste n’a pas été lu.',
  unpublishable: (fault) => `Publication impossible : ${fault}`,
  emptyFile: 'Le fichier est vide. Choisissez-en un autre.',
  moreLines: (lines) => `${counted(lines, 'autre ligne')} avec des valeurs, non affichées.`,
  more: 'Le rapport contient plus de 1 000 valeurs, et les autres ne sont pas affichées.',
  incomplete:
    'La plateforme lit encore de nouveaux objets. Des valeurs connues peuvent apparaître comme inconnues.',
  written: (text) => `écrit ${text}`,
  textTitle: 'Texte',
  linesTitle: 'Lignes avec des valeurs',
  publish: 'Vérifier les valeurs sélectionnées',
  publishPart: (from, to) => `Vérifier les valeurs sélectionnées ${count(from)} à ${count(to)}`,
};
