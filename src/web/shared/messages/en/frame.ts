import { counted } from './words.ts';

/** Links between the pages of a list. */
export const paging = {
  rowCount: (number: number) => counted(number, 'row'),
};

/** Pages that ask before an action. */
export const question = {
  whatWillHappen: 'What will happen',
};

/** Pages that report a problem. */
export const problem = {
  confirmAgain:
    'You confirmed your identity more than five minutes ago. Open /console/confirm in another tab, confirm it there, and then send this form again.',
  goToTheOverview: 'Go to the overview',
  searchTheHub: 'Search the hub',
  youCantOpenThis: 'You can’t open this page',
  yourRoleDoesntInclude: (role: string, title: string) =>
    `Your role, ${role}, doesn’t include “${title}”. Ask an administrator of the hub if you need it. Nothing was changed.`,
  weCantFindThat: 'We can’t find that',
  nothingWithThisAddress:
    'Nothing with this address is visible to you. It may have been withdrawn, or the link may be cut off.',
};

/** The frame around every page of the console. */
export const frame = {
  skipToContent: 'Skip to content',
  menu: 'Menu',
  console: 'Console',
  timesAreIn: (zone: string) => `Times are in ${zone}`,
  help: 'Help',
  api: 'API',
  keyboard: 'Keyboard shortcuts',
  searchTheHub: 'Search the hub',
  pasteAValueHash: 'Paste a value, hash or STIX ID',
  search: 'Search',
  account: 'Account',
  publish: 'Publish',
};

/** The frame around pages of running text. */
export const page = {
  talanoaAHubFor: 'Talanoa, a hub for sharing threat information over STIX and TAXII 2.1.',
};

/** The head of a page of the console. */
export const screen = {
  breadcrumb: 'Breadcrumb',
};

/** Components. */
export const components = {
  pages: 'Pages',
  nextPage: `Next page`,
};

/** The navigation. */
export const navigation = {
  groups: { Watch: 'Watch', Share: 'Share', Network: 'Network', Run: 'Run' },
  publish: 'Publish',
};
