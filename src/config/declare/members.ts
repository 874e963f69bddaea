import type { MemberRecord } from '../../access/member-model.ts';
import { parseNetwork } from '../../kernel/address.ts';
import type { Ids } from '../../kernel/ids.ts';
import { nearest } from '../../kernel/nearest.ts';
import { clientsRecords, ownRecords, type MemberCollection } from '../../members/member-collections.ts';
import type { Stored } from '../../store/records.ts';
import type { Config } from '../config.ts';
import type { Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';
import type { MemberSetting } from '../settings.ts';
import { suggestion } from './suggestion.ts';

/** Declares a member, with its collections and its channel. */
export function declareMember(
  member: MemberSetting,
  config: Config,
  before: Stored<MemberRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
): void {
  for (const network of member.networks ?? []) {
    if (parseNetwork(network) === undefined)
      throw settingsErrors.networkInvalid({ member: member.name, network });
  }
  let own: string | undefined;
  if (member.collection !== undefined && member.collection !== false) {
    const kept = before?.document.collection;
    own = member.collection === true ? (kept ?? ids.uuid()) : member.collection.id;
    const root = member.collection === true ? undefined : member.collection.api_root;
    const named = { name: member.name, title: member.title ?? member.name };
    add(wanted, ownRecords(own, named, root ?? config.apiRoots[0]?.path, member.parent !== undefined));
  }
  const { name, collection: _collection, push, ...rest } = member;
  const clients = declareClients(member, config, before, ids, wanted);
  wanted.member.set(name, {
    ...rest,
    ...(own === undefined ? {} : { collection: own }),
    ...(clients === undefined ? {} : { clients }),
  });
  if (push === undefined) return;
  if (own === undefined) throw settingsErrors.pushWithoutCollection({ member: name });
  const variable = push.password_env ?? push.key_env;
  wanted.channel.set(`push-${name}`.slice(0, 63), {
    name: `push-${name}`.slice(0, 63),
    member: name,
    kind: 'taxii',
    url: push.url,
    collection: own,
    ...(push.username === undefined ? {} : { username: push.username }),
    ...(variable === undefined ? {} : { secret: `env:${variable}` }),
  });
}

/**
 * Adds the collection that the clients of a member read, if the member has clients. The member itself can write to it.
 */
function declareClients(
  { name, title, parent }: MemberSetting,
  config: Config,
  before: Stored<MemberRecord> | undefined,
  ids: Ids,
  wanted: Wanted,
): string | undefined {
  const chain = [name];
  for (let next = parent; next !== undefined;) {
    if (chain.includes(next))
      throw settingsErrors.clientOfItself({ member: name, chain: [...chain, next].join(' is a client of ') });
    chain.push(next);
    next = config.members.find((member) => member.name === next)?.parent;
  }
  if (parent !== undefined && !config.members.some((member) => member.name === parent)) {
    const near = nearest(
      parent,
      config.members.map((member) => member.name),
    );
    throw settingsErrors.parentUnknown({ member: name, parent }, suggestion(near));
  }
  const kept = before?.document.clients;
  const hasClients = config.members.some((member) => member.parent === name);
  if (kept === undefined && !hasClients) return undefined;
  const id = kept ?? ids.uuid();
  add(wanted, clientsRecords(id, { name, title: title ?? name }, config.apiRoots[0]?.path));
  return id;
}

/** Adds a collection of a member, with its grants. */
function add(wanted: Wanted, { id, collection, grants }: MemberCollection): void {
  wanted.collection.set(id, collection);
  for (const [grant, document] of grants) wanted.grant.set(grant, document);
}
