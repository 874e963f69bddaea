import type { Collection, Member } from '../api/schema-types.ts';
import { Problem } from '../kernel/problem.ts';
import type { LocalClient } from './local-client.ts';

/** A member with the name of its own collection. */
export interface NamedMember {
  readonly member: Member;
  /** Undefined for a member without a collection of its own. */
  readonly collection: string | undefined;
}

/** Returns the name of a collection for people. Only hub staff can list all collections; others see its id. */
async function collectionName(client: LocalClient, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  try {
    const all = await client.list<Collection>('/api/v1/collections');
    return all.find((collection) => collection.id === id)?.alias ?? id;
  } catch (error) {
    if (error instanceof Problem && error.kind === 'forbidden') return id;
    throw error;
  }
}

/** Adds the name of its collection to a member. */
export async function withName(client: LocalClient, member: Member): Promise<NamedMember> {
  return { member, collection: await collectionName(client, member.collection) };
}
