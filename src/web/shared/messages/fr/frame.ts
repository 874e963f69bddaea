import type { Messages } from '../en.ts';
import { counted } from './words.ts';

/** Links between the pages of a list. */
export const paging: Messages['paging'] = {
  rowCount: (number) => counted(number, 'ligne'),
};

/** Pages that ask before an action. */
export const question: Messages['question'] = {
  whatWillHappen: 'Ce qui va se passer',
};

/** Pages that report a problem. */
export const problem: Messages['problem'] = {
  confirmAgain:
    'Vous avez confirmé votre identité il y a plus de cinq minutes. Ouvrez /console/confirm dans un autre onglet, confirmez-la de nouveau, puis renvoyez ce formulaire.',
  goToTheOverview: 'Aller à la vue d’ensemble',
  searchTheHub: 'Rechercher sur la plateforme',
  youCantOpenThis: 'Vous ne pouvez pas ouvrir cette page',
  yourRoleDoesntInclude: (role, title) =>
    `Votre rôle, ${role}, ne donne pas accès à la page « ${title} ». Si vous en avez besoin, adressez-vous à un administrateur de la plateforme. Rien n’a été modifié.`,
  weCantFindThat: 'Page introuvable',
  nothingWithThisAddress:
    'Rien de visible pour vous ne correspond à cette adresse. L’élément a peut-être été retiré, ou le lien est tronqué.',
};

/** The frame around every page of the console. */
export const frame: Messages['frame'] = {
  skipToContent: 'Aller au contenu',
  menu: 'Menu',
  console: 'Console',
  timesAreIn: (zone) => `Fuseau horaire : ${zone}`,
  keyboard: 'Raccourcis clavier',
  help: 'Aide',
  api: 'API',
  searchTheHub: 'Rechercher sur la plateforme',
  pasteAValueHash: 'Collez une valeur, un condensat ou un identifiant STIX',
  search: 'Rechercher',
  account: 'Mon compte',
  publish: 'Publier',
};

/** The frame around pages of running text. */
export const page: Messages['page'] = {
  talanoaAHubFor:
    'Talanoa, une plateforme de partage d’informations sur les menaces au moyen de STIX et TAXII 2.1.',
};

/** The head of a page of the console. */
export const screen: Messages['screen'] = {
  breadcrumb: 'Fil d’Ariane',
};

/** Components. */
export const components: Messages['components'] = {
  pages: 'Pages',
  nextPage: 'Page suivante',
};

/** The navigation. */
export const navigation: Messages['navigation'] = {
  groups: { Watch: 'Surveiller', Share: 'Partager', Network: 'Réseau', Run: 'Administrer' },
  publish: 'Publier',
};
