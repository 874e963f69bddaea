import type { Collection, Member, Whoami } from '../api/schema-types.ts';
import type { LocalClient } from './local-client.ts';

/** A member with the name of its own collection. */
export interface NamedMember {
  readonly member: Member;
  /** Undefined for a member without a collection of its own. */
  readonly collection: string | undefined;
}

/**
 * Returns the name of a collection for people. Everybody gets the names of the collections that they can use, and hub
 * staff those of all. Others see its id. They are not asked for a list that they cannot read: the audit log would hold
 * the refused request against them.
 */
async function collectionName(client: LocalClient, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const { collections = [], member } = await client.get<Whoami>('/api/v1/whoami');
  const own = collections.find((collection) => collection.id === id);
  if (own !== undefined || member !== undefined) return own?.name ?? id;
  const all = await client.list<Collection>('/api/v1/collections');
  return all.find((collection) => collection.id === id)?.alias ?? id;
}

/** Adds the name of its collection to a member. */
export async function withName(client: LocalClient, member: Member): Promise<NamedMember> {
  return { member, collection: await collectionName(client, member.collection) };
}
