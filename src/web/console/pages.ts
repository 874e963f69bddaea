import type { ConsolePage } from './page-table.ts';
import { componentsPage } from './pages/components-page.tsx';
import { answerPage, askPage, revisePage, revokePage } from './pages/object-actions.tsx';
import { objectPage } from './pages/object.tsx';
import { overviewPage } from './pages/overview.tsx';
import { searchExport, searchPage } from './pages/search.tsx';
import { whyPage } from './pages/why.tsx';

/** Every page of the console that is made from operations. The navigation lists them in this order. */
export const PAGES: readonly ConsolePage[] = [
  overviewPage,
  searchPage,
  searchExport,
  objectPage,
  revisePage,
  revokePage,
  askPage,
  answerPage,
  whyPage,
  componentsPage,
];
