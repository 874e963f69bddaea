import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Config } from '../config.ts';
import type { Present, Wanted } from '../declared-records.ts';
import { masterKey } from '../master-key.ts';
import { declareAccount, sameAccount } from './accounts.ts';
import { declareCollection } from './collections.ts';
import { declareFeed } from './feeds.ts';
import { namedAccounts } from './grants.ts';
import { declareMember } from './members.ts';
import { declareRule } from './rules.ts';

/** Returns the records that the settings file declares. */
export async function wantedRecords(config: Config, present: Present, ids: Ids, log: Log): Promise<Wanted> {
  const wanted: Wanted = {
    'api-root': new Map(),
    collection: new Map(),
    grant: new Map(),
    group: new Map(),
    member: new Map(),
    account: new Map(),
    key: new Map(),
    feed: new Map(),
    channel: new Map(),
    rule: new Map(),
  };
  for (const { path, ...root } of config.apiRoots) wanted['api-root'].set(path, root);
  for (const group of config.groups)
    wanted.group.set(group.name, {
      ...(group.title === undefined ? {} : { title: group.title }),
      members: group.members ?? [],
    });
  for (const collection of config.collections) declareCollection(collection, config, wanted);
  for (const member of config.members)
    declareMember(member, config, present.member.get(member.name), ids, wanted);
  const key = masterKey(config);
  await Promise.all(
    config.accounts.map((account) =>
      declareAccount(
        account,
        config,
        key,
        sameAccount(account, present.account.get(account.name), log),
        ids,
        wanted,
        log,
      ),
    ),
  );
  for (const feed of config.feeds) declareFeed(feed, config, wanted);
  for (const rule of config.rules) declareRule(rule, config, wanted);
  namedAccounts(wanted, present);
  return wanted;
}
