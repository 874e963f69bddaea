/** The four kinds of documentation, in the order of the navigation. */
export const KINDS = [
  { folder: 'tutorials', title: 'Tutorials' },
  { folder: 'how-to', title: 'How-to guides' },
  { folder: 'reference', title: 'Reference' },
  { folder: 'explanation', title: 'Explanation' },
] as const;
