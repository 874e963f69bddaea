/** The texts that the script of the console adds to pages. */
export const script = {
  copy: 'Copy',
  copied: 'Copied',
  print: 'Print',
  draft: 'You have an unsent draft from {time}.',
  restore: 'Restore it',
  discard: 'Discard it',
};

/** The page of keys. */
export const keyboard = {
  title: 'Keyboard shortcuts',
  note: 'These keys work on every page of the console while no text field has the focus. Tab and Enter work everywhere.',
  table: 'Keys and what they do',
  key: 'Key',
  does: 'What it does',
  then: 'then',
  keys: {
    search: 'Go to the search field',
    publish: 'Publish indicators',
    overview: 'Overview',
    find: 'Search',
    review: 'Review',
    feeds: 'Feeds',
    members: 'Members',
    deliveries: 'Deliveries',
    next: 'Next row of a table',
    previous: 'Previous row of a table',
    select: 'Select the row',
    open: 'Open the row',
    leave: 'Leave a text field',
    help: 'This page',
  },
  needsScript: 'Keyboard shortcuts need JavaScript.',
};
