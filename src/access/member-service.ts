import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import { can } from './policy.ts';
import type { Principal } from './principal.ts';
import type { MemberInfo } from './snapshot.ts';

/** Shows members, with what they claim. */
export class MemberService {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** Members that somebody may see, by name. */
  async list(actor: Principal): Promise<readonly MemberInfo[]> {
    const { members } = await this.#directory.current();
    return [...members.values()].filter(
      ({ name }) => name !== 'hub' && can(actor, 'member.read', { kind: 'member', name }),
    );
  }

  async get(actor: Principal, name: string): Promise<MemberInfo> {
    const found = (await this.list(actor)).find((member) => member.name === name);
    if (found === undefined) throw new Problem('not-found', 'There is no such member', { code: 'TLN-M-404' });
    return found;
  }
}
