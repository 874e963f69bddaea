import type { SavedList } from '../api/schema-types.ts';

type Omitted = SavedList['omitted'];

/** Returns what to do about values that a list leaves out, where people can do something. */
export function omissionRemedies(omitted: Omitted): readonly string[] {
  return omitted.some(({ reason }) => reason === 'prefix-too-short')
    ? [
        'prefix-too-short: two people of the hub can approve such a network: talanoa wide-network create NETWORK --reason TEXT',
      ]
    : [];
}
