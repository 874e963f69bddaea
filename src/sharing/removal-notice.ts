import { texts, type StixObject } from '../stix/types.ts';

/** The label of removal notices. Channels send them whatever their filters are. */
export const REMOVAL_LABEL = 'talanoa:remove';

/** True for a removal notice that the hub placed. Others can write the same object, but it is not a notice. */
export function isRemovalNotice(object: StixObject, owner: string): boolean {
  return owner === 'hub' && object['type'] === 'opinion' && texts(object, 'labels').includes(REMOVAL_LABEL);
}
