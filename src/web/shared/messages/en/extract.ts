import { count, counted } from './words.ts';

/** The page that finds values in a document. */
export const extract = {
  title: 'Extract from a report',
  note: 'Find the addresses, domain names, URLs, email addresses and hashes of a report, and publish those that you choose.',
  document: 'The report',
  file: 'File (optional)',
  fileHint: 'PDF, Word (.docx), HTML, email (.eml) or text, up to 10 MB.',
  text: 'Or paste its text',
  textHint: 'Defanged text is fine. If you choose a file, this text is left out.',
  find: 'Find values',
  stays: 'The report is read on this hub and is not kept. Nothing in it is looked up elsewhere.',
  nothingGiven: 'Choose a file, or paste a text.',
  nothingChosen: 'Tick at least one value.',
  pasted: 'Pasted text, read on this hub.',
  fileRead: (name: string, format: string, pages: number) =>
    `${name} (${format}${pages > 1 ? `, ${counted(pages, 'page')}` : ''}), read on this hub.`,
  formats: { text: 'text', html: 'HTML', email: 'email', pdf: 'PDF', docx: 'Word' },
  another: 'Read another report',
  values: 'Values found',
  none: 'No value found',
  noneText: 'The text contains no address, domain name, URL, email address or hash.',
  sum: (all: number, chosen: number) => `${counted(all, 'value')} found, ${count(chosen)} selected.`,
  doubtful: (number: number) =>
    number === 1
      ? '1 value is not selected, because it is on a warning list, in the networks of a member or suppressed, or cannot be published.'
      : `${count(number)} values are not selected, because they are on warning lists, in the networks of members or suppressed, or cannot be published.`,
  mostChosen: (most: number) =>
    `At most ${count(most)} values can be published at once. Each button below checks a part of the selected values in a new tab.`,
  cut: 'The report is longer than the hub reads (500 pages, 1,000,000 characters), and the rest was not read.',
  unpublishable: (fault: string) => `It cannot be published: ${fault}`,
  emptyFile: 'The file is empty. Choose another one.',
  moreLines: (lines: number) => `${counted(lines, 'further line')} with values not shown.`,
  more: 'The report contains more than 1,000 values, and the others are not shown.',
  incomplete: 'The hub is still reading new objects, so known values can appear as not known.',
  written: (text: string) => `written as ${text}`,
  textTitle: 'Text',
  linesTitle: 'Lines with values',
  publish: 'Check selected values',
  publishPart: (from: number, to: number) => `Check selected values ${count(from)} to ${count(to)}`,
};
