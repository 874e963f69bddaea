import { nearest } from '../kernel/nearest.ts';
import { isInReach } from './limits.ts';
import { can, type CollectionRights } from './rights.ts';
import type { Principal } from './principal.ts';
import { accountResource, type CollectionInfo, type Snapshot } from './snapshot.ts';

/** Kinds of names that somebody may know of, or not. */
export type NameKind = 'collection' | 'writable' | 'member' | 'account' | 'group' | 'feed' | 'rule';

/** Names that a hint tells at once. */
const MOST_TOLD = 20;

/**
 * The names that a caller can list. Whatever an answer says of names beyond what was asked for (a suggestion, a list of what there
 * is, who did something) is taken from here. It is made from a reading of the directory and a caller, and from nothing else: what
 * the caller cannot list cannot be told, and cannot change what is told.
 */
export class VisibleNames {
  readonly #directory: Snapshot;
  readonly #principal: Principal;
  readonly #isHub: boolean;

  private constructor(directory: Snapshot, principal: Principal) {
    this.#directory = directory;
    this.#principal = principal;
    this.#isHub = can(principal, 'hub.read', { kind: 'hub' });
  }

  static of(directory: Snapshot, principal: Principal): VisibleNames {
    return new VisibleNames(directory, principal);
  }

  /** All names of a kind, in the order of the directory. */
  list(kind: NameKind): readonly string[] {
    const directory = this.#directory;
    switch (kind) {
      case 'collection':
      case 'writable':
        return [...directory.collections.values()]
          .filter((collection) =>
            kind === 'collection' ? this.collection(collection) : this.#rightsOf(collection).write,
          )
          .map(({ alias, id }) => alias ?? id);
      case 'member':
        return [...directory.members.keys()].filter((name) => this.member(name));
      case 'account':
        return [...directory.accounts.values()].map(({ name }) => name).filter((name) => this.account(name));
      case 'group':
        return directory.groups.filter((name) => this.group(name));
      case 'feed':
        return this.#isHub ? directory.feeds.map(({ name }) => name) : [];
      case 'rule':
        return this.#isHub ? directory.rules.map(({ name }) => name) : [];
    }
  }

  /** A collection that the caller may list: as one of the hub, or by a grant. */
  collection(collection: CollectionInfo): boolean {
    if (!isInReach(this.#principal, collection.id)) return false;
    return (
      this.#isHub ||
      can(this.#principal, 'collection.see', { kind: 'collection', rights: this.#rightsOf(collection) })
    );
  }

  #rightsOf(collection: CollectionInfo): CollectionRights {
    return this.#directory.rights(this.#principal, collection);
  }

  member(name: string): boolean {
    return name !== 'hub' && can(this.#principal, 'member.read', { kind: 'member', name });
  }

  account(name: string): boolean {
    const account = this.#directory.accountNamed(name);
    return account !== undefined && can(this.#principal, 'account.read', accountResource(account));
  }

  /** An account by its id. */
  accountOf(id: string): boolean {
    const account = this.#directory.accounts.get(id);
    return account !== undefined && can(this.#principal, 'account.read', accountResource(account));
  }

  group(name: string): boolean {
    const principal = this.#principal;
    return (
      this.#directory.groups.includes(name) &&
      (this.#isHub ||
        (principal.kind === 'account' &&
          (principal.groups.includes(name) || this.#directory.isListedGroup(name))))
    );
  }

  /** A collection that the caller may list, by alias or id. */
  find(name: string): CollectionInfo | undefined {
    const found = this.#directory.find(name);
    return found !== undefined && this.collection(found) ? found : undefined;
  }

  /** The receiver of a grant, where the caller may know of it. */
  grant(to: string): string | undefined {
    const [kind, name = ''] = to.split(':');
    switch (kind) {
      case 'group':
        return this.group(name) ? to : undefined;
      case 'account':
        return this.account(name) ? to : undefined;
      case 'member':
      case 'clients':
        return name === 'hub' || this.member(name) || this.#isParent(name) ? to : undefined;
      default:
        return to;
    }
  }

  /** Who somebody is: the name of the account, else of what it acts for, else nobody in particular. */
  actor(idOrName: string, label?: string): string {
    const account = this.#directory.accounts.get(idOrName) ?? this.#directory.accountNamed(idOrName);
    if (account === undefined) {
      const isHub = !idOrName.startsWith('acc-');
      return isHub || (this.#isHub && label !== undefined) ? (label ?? idOrName) : 'removed account';
    }
    if (this.account(account.name)) return account.name;
    const { member } = account;
    if (member === undefined) return 'hub';
    return this.member(member) ? member : 'another member';
  }

  #isParent(name: string): boolean {
    const principal = this.#principal;
    return (
      principal.kind === 'account' &&
      principal.member !== undefined &&
      this.#directory.activeParent(principal.member) === name
    );
  }
}

/** The name that was meant, of those that the caller can list. */
export function suggest(visible: VisibleNames, kind: NameKind, text: string): string | undefined {
  return nearest(text, visible.list(kind));
}

/** A hint for whoever named something that is not there for him: the name that was meant, else `otherwise`. */
export function suggestion(
  visible: VisibleNames,
  kind: NameKind,
  text: string,
  otherwise?: string,
): { readonly hint?: string } {
  const near = suggest(visible, kind, text);
  if (near !== undefined) return { hint: `Did you mean "${near}"?` };
  return otherwise === undefined ? {} : { hint: otherwise };
}

/** The names of a kind that the caller can list, for a hint. */
export function thereAre(visible: VisibleNames, kind: NameKind): string {
  const names = visible.list(kind);
  const rest = names.length - MOST_TOLD;
  return `There are ${names.slice(0, MOST_TOLD).join(', ') || 'none'}${rest > 0 ? ` and ${rest} more` : ''}.`;
}
