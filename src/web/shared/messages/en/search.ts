import { counted } from './words.ts';
import { rich, type Node } from '../rich.ts';

/** The search. */
export const search = {
  search: 'Search',
  export: 'Export',
  stixId: (id: string) => `STIX ID ${id}`,
  searchFor: (typed: string) => `Search: ${typed}`,
  valueNetworkHashStix: 'Value, network, hash, STIX ID or the beginning of a name',
  searchTheHub: 'Search the hub',
  whatYouCanSearch: 'What you can search for',
  addressesNetworksDomainNames:
    'Addresses, networks, domain names, URLs, email addresses, hashes and AS numbers, defanged or not. A network finds what is inside and around it, and a domain name everything below it.',
  orMore: ' or more',
  result: (number: number, more: string) => `${counted(number, 'result')}${more}`,
  understoodAs: (strong: Node, isPlain: boolean, strong2: Node, complete: boolean) =>
    rich`Understood as ${strong}. ${isPlain ? '' : 'The value was defanged. The hub has converted it back. '}${strong2}${complete ? '.' : '. The hub is still indexing new objects, so results may be missing.'}`,
  results: 'Results',
  exportThisViewCsv: (link: (text: Node) => Node, link2: (text: Node) => Node) =>
    rich`Export this view: ${link('CSV')} · ${link2('JSON')}`,
  resultCount: (number: number) => counted(number, 'result'),
  objectsThatMatch: 'Objects that match',
  title: 'Title',
  type: 'Type',
  state: 'State',
  collection: 'Collection',
  added: 'Added',
  noResultsFor: (typed: string) => `No results for ${typed}`,
  nothingWithThisValue: (collections: number) =>
    collections === 0
      ? 'Nothing with this value is visible to you.'
      : `We searched the ${counted(collections, 'collection')} that you can read.`,
};
