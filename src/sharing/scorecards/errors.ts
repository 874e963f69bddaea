import { errorTable } from '../../kernel/error-table.ts';

/** Errors of scorecards. */
export const scorecardErrors = errorTable({
  notFound: {
    code: 'TLN-Y-416',
    kind: 'not-found',
    title: 'No scorecard of "{source}"',
    description:
      'It reported no value in this period, you are not allowed to see its scorecard, or fewer than three members reported values.',
    hint: 'To list the scorecards that you can see, run: talanoa scorecard list',
  },
});
