import { nearest } from '../kernel/nearest.ts';
import { accessErrors } from './errors.ts';
import { isInReach } from './keys/limits.ts';
import { can, type CollectionRights } from './rights.ts';
import type { Principal } from './principal.ts';
import { accountResource, type CollectionInfo, type Snapshot } from './snapshot.ts';

/** Kinds of names whose visibility depends on the caller. */
export type NameKind = 'collection' | 'writable' | 'member' | 'account' | 'group' | 'feed' | 'rule';

/** Maximum number of names in one hint. */
const MOST_TOLD = 20;

/**
 * The names that a caller can list. Every name in a response that the request did not contain comes from this class:
 * suggestions, lists of available names, and the actor of a change. The class depends only on a snapshot of the
 * directory and the caller. Names that the caller cannot list therefore cannot appear in a response and cannot change
 * it.
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

  /** Returns all names of a kind, in the order of the directory. */
  list(kind: NameKind): readonly string[] {
    const directory = this.#directory;
    switch (kind) {
      case 'collection':
      case 'writable':
        return [...directory.collections.values()]
          .filter((collection) =>
            kind === 'collection' ? this.collection(collection) : this.#rightsOf(collection).write,
          )
          .map((collection) => this.nameOf(collection));
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

  /** True for a collection that the caller may list, as hub staff or by a grant. */
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

  /** True for an account id that the caller may list. */
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

  /** Returns a collection that the caller may list, by alias or id: the first if several have the alias. */
  find(name: string): CollectionInfo | undefined {
    return this.#directory.named(name).find((collection) => this.collection(collection));
  }

  /**
   * Returns the collection that a request means, among those that the caller may list. Collections that are hidden from
   * the caller do not matter, except damaged ones, which the caller may have meant. Throws a Problem for an alias that
   * several collections have, because an object must not reach the readers of a collection that was not meant.
   */
  chosen(name: string): CollectionInfo | undefined {
    const [found, ...others] = this.#meant(name);
    if (found !== undefined && others.length > 0)
      throw accessErrors.aliasShared({
        alias: name.slice(0, 64),
        names: [found, ...others]
          .filter((one) => this.collection(one))
          .map((one) => this.nameOf(one))
          .join(', '),
      });
    return found !== undefined && this.collection(found) ? found : undefined;
  }

  /** Returns a name by which the caller can choose a collection: its alias, unless another collection has the same alias. */
  nameOf({ id, alias, apiRoot }: CollectionInfo): string {
    if (alias === undefined) return id;
    return this.#meant(alias).length > 1 ? `${apiRoot}/${alias}` : alias;
  }

  /** Returns the collections that the caller could mean. */
  #meant(name: string): readonly CollectionInfo[] {
    const { damage } = this.#directory;
    const named = this.#directory.named(name);
    const meant = named.filter((one) => this.collection(one));
    return meant.length === 0
      ? []
      : named.filter((one) => meant.includes(one) || damage.has('collection', one.id));
  }

  /** Returns the receiver of a grant if the caller may see it. */
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

  /** Returns a label for an actor: the name of the account, or what it acts for, or a generic label. */
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

/** Returns the name that was probably meant, among the names that the caller can list. */
export function suggest(visible: VisibleNames, kind: NameKind, text: string): string | undefined {
  return nearest(text, visible.list(kind));
}

/**
 * Returns a hint for a caller who named something that they cannot list: the name that was probably meant, or
 * else `otherwise`.
 */
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

/** Returns a hint with the names of a kind that the caller can list. */
export function listHint(visible: VisibleNames, kind: NameKind): string {
  const names = visible.list(kind);
  const rest = names.length - MOST_TOLD;
  return `Available: ${names.slice(0, MOST_TOLD).join(', ') || 'none'}${rest > 0 ? ` and ${rest} more` : ''}.`;
}
