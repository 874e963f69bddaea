import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import { can } from './policy.ts';
import type { Principal } from './principal.ts';
import type { MemberInfo } from './snapshot.ts';

/** A member as those see it who answer for it. */
export interface MemberListed {
  readonly name: string;
  readonly title: string;
  readonly active: boolean;
  readonly identities: readonly string[];
  readonly countries: readonly string[];
  readonly asns: readonly number[];
  readonly networks: readonly string[];
  readonly domains: readonly string[];
  /** Id of its own collection. */
  readonly collection: string | undefined;
}

/** Shows members, with what they claim. */
export class MemberService {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Members that somebody may see, by name. */
  async list(actor: Principal): Promise<readonly MemberListed[]> {
    const { members } = await this.#directory.current();
    return [...members.values()]
      .filter(({ name }) => name !== 'hub' && can(actor, 'member.read', { kind: 'member', name }))
      .map(listed);
  }

  async get(actor: Principal, name: string): Promise<MemberListed> {
    const found = (await this.list(actor)).find((member) => member.name === name);
    if (found === undefined) throw new Problem('not-found', 'There is no such member', { code: 'TLN-M-404' });
    return found;
  }
}

function listed(member: MemberInfo): MemberListed {
  const { name, title, active, identities, countries, asns, networks, domains, collection } = member;
  return { name, title, active, identities, countries, asns, networks, domains, collection };
}
