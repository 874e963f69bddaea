import { USUAL_MAXIMUM } from '../../access/lowered-maximum.ts';
import { audienceOfGrant } from '../../access/audience.ts';
import { grantId } from '../../access/model.ts';
import { audienceMaximum, audienceWords, grantFits } from '../../access/policy.ts';
import type { Config } from '../config.ts';
import type { Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';
import type { CollectionSetting } from '../settings.ts';

/** Declares a collection and its grants. */
export function declareCollection(
  { id, grants, ...collection }: CollectionSetting,
  config: Config,
  wanted: Wanted,
): void {
  wanted.collection.set(id, collection);
  const max = collection.max_tlp ?? USUAL_MAXIMUM;
  if (max === 'red') throw settingsErrors.collectionRed({ title: collection.title });
  for (const grant of grants ?? []) {
    const audience = audienceOfGrant(
      grant.to,
      (name) => config.accounts.find((account) => account.name === name)?.member,
      (name) => config.members.find((member) => member.name === name)?.parent,
    );
    if (grant.read === true && !grantFits(audience, max)) {
      throw settingsErrors.grantTooWide({
        title: collection.title,
        audience: audienceWords(audience),
        max: max.toUpperCase(),
        maximum: audienceMaximum(audience).toUpperCase(),
        remedy: audienceMaximum(audience),
      });
    }
    if (grant.to === 'public' && grant.write === true)
      throw settingsErrors.publicWrite({ title: collection.title });
    wanted.grant.set(grantId({ collection: id, to: grant.to }), {
      collection: id,
      to: grant.to,
      read: grant.read === true,
      write: grant.write === true,
    });
  }
}
