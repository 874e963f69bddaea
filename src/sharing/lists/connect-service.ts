import type { ListConnection, Reader } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Principal } from '../../access/principal.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { suggestion, listHint, VisibleNames } from '../../access/visible-names.ts';
import type { Deliveries } from '../deliveries/lag.ts';
import { sharingErrors } from '../errors.ts';
import { formatOf } from '../saved-lists/serving.ts';
import type { SavedLists } from '../saved-lists/service.ts';
import { keyAdvice } from './key-advice.ts';
import { formatWords, savedListWords } from './list-query.ts';
import type { MispFeeds } from '../misp/feed.ts';
import type { Lists } from './lists.ts';
import { LIST_TOOLS, type ListTool } from './tools.ts';

/** Returns how a tool is connected to a list, and whether it fetches the list. */
export class Connections {
  readonly #outlets: Readonly<Record<NonNullable<ListTool['outlet']>, Outlet>>;
  readonly #deliveries: Pick<Deliveries, 'lag'>;
  readonly #directory: Directory;
  readonly #url: () => string;

  readonly #saved: Pick<SavedLists, 'find'>;

  constructor(
    listed: { readonly lists: Pick<Lists, 'preview'>; readonly mispFeeds: Pick<MispFeeds, 'preview'> },
    saved: Pick<SavedLists, 'find'>,
    deliveries: Pick<Deliveries, 'lag'>,
    directory: Directory,
    url: () => string,
  ) {
    this.#outlets = {
      lists: {
        preview: (actor, name, { format, filters = '' }) =>
          listed.lists.preview(actor, name, format, Object.fromEntries(new URLSearchParams(filters))),
        path: (collection, { format, filters }) =>
          `lists/${collection}/${format}${filters === undefined ? '' : `?${filters}`}`,
        hasSavedLists: true,
      },
      misp: {
        preview: (actor, name) => listed.mispFeeds.preview(actor, name),
        path: (collection) => `misp/${collection}`,
        // A feed has whole events, which a saved list of values does not contain.
        hasSavedLists: false,
      },
    };
    this.#saved = saved;
    this.#deliveries = deliveries;
    this.#directory = directory;
    this.#url = url;
  }

  /**
   * Returns the settings of a tool for a saved list or a collection that the caller may read, with the number of values
   * that the tool would get, and who fetches this list, as far as the caller may see them.
   */
  async describe(
    actor: Principal,
    toolName: string,
    collectionName: string,
    member: string | undefined,
  ): Promise<ListConnection> {
    const tool = LIST_TOOLS.find(({ name }) => name === toolName);
    if (tool === undefined)
      throw sharingErrors.toolUnknown({
        name: toolName.slice(0, 64),
        tools: LIST_TOOLS.map(({ name }) => name).join(', '),
      });
    const directory = await this.#directory.current();
    const visible = VisibleNames.of(directory, actor);
    if (member !== undefined && !(directory.members.has(member) && visible.member(member)))
      throw accessErrors.memberNotFound({ name: member.slice(0, 64) });
    if (tool.pushed !== undefined)
      return pushedTool(
        tool,
        tool.pushed,
        await this.#collection(actor, tool, collectionName, directory),
        member,
      );
    const found =
      (await this.#savedList(actor, tool, collectionName)) ??
      (await this.#collection(actor, tool, collectionName, directory));
    const { url, words, collections } = found;
    const readers = actor.kind === 'public' ? [] : await this.#deliveries.lag(actor);
    return {
      tool: tool.name,
      title: tool.title,
      format: tool.format,
      place: tool.place,
      url,
      ...keyAdvice(directory, actor, { ...found, tool: tool.name }, member),
      fields: tool.fields.map((field) => ({ name: field.name, value: field.value.replaceAll('URL', url) })),
      limits: [...tool.limits],
      ...(tool.script === undefined ? {} : { script: tool.script.replaceAll('URL', url) }),
      entries: found.entries,
      omitted: [...found.omitted],
      pulls: pullsOf(
        readers.filter(
          (reader) =>
            reader.kind === 'list' &&
            collections.includes(reader.collection) &&
            reader.filters.startsWith(words) &&
            (member === undefined || reader.member === member),
        ),
      ),
    };
  }

  /** Describes the list of a collection that the caller may read. */
  async #collection(actor: Principal, tool: ListTool, name: string, directory: Snapshot): Promise<ListFacts> {
    const visible = VisibleNames.of(directory, actor);
    // A caller who mistypes a name gets the nearest one as a suggestion. The list itself reveals no names.
    if (visible.chosen(name) === undefined)
      throw accessErrors.collectionNotFound(
        { name: name.slice(0, 64) },
        suggestion(visible, 'collection', name, listHint(visible, 'collection')),
      );
    const outlet = this.#outlets[tool.outlet ?? 'lists'];
    const { collection, list } = await outlet.preview(actor, name, tool);
    // An alias that several API roots have would be refused at the address of the list.
    const { alias, id } = collection;
    const only = alias !== undefined && directory.named(alias).length === 1 ? alias : id;
    return {
      url: `${this.#url()}/${outlet.path(encodeURIComponent(only), tool)}`,
      only,
      collections: [id],
      words: formatWords(tool.format),
      entries: list.lines,
      omitted: [...list.omitted].map(([reason, count]) => ({ reason, count })),
    };
  }

  /** Describes a saved list. Undefined if the caller sees none of this name. */
  async #savedList(actor: Principal, tool: ListTool, name: string): Promise<ListFacts | undefined> {
    const { hasSavedLists } = this.#outlets[tool.outlet ?? 'lists'];
    const list = hasSavedLists ? await this.#saved.find(actor, name) : undefined;
    if (list === undefined) return undefined;
    const format = formatOf(list.record, tool.format);
    const { url, entries, omitted, collections } = list.shown;
    return {
      url: format.name === list.record.format ? url : `${url}/${format.name}`,
      only: collections.join(','),
      owner: list.record.owner,
      collections: list.record.collections,
      words: `${savedListWords(name)}${formatWords(format.name)}`,
      entries,
      omitted,
    };
  }
}

/** Describes a tool to which the hub sends a collection through a channel. It needs no key of the hub. */
function pushedTool(
  tool: ListTool,
  url: string,
  { only, entries, omitted }: ListFacts,
  member: string | undefined,
): ListConnection {
  const script = (tool.script ?? '')
    .replaceAll('URL', url)
    .replaceAll('COLLECTION', only)
    .replaceAll('MEMBER', member ?? 'MEMBER');
  return {
    tool: tool.name,
    title: tool.title,
    format: tool.format,
    place: tool.place,
    url,
    pushed: true,
    key_note: 'The hub sends the objects, so the tool needs no key of the hub. An administrator of the hub creates the channel.',
    fields: tool.fields.map((field) => ({ ...field })),
    limits: [...tool.limits],
    script,
    entries,
    omitted: [...omitted],
    pulls: [],
  };
} // prettier-ignore

/** A place from which tools fetch the values of a collection. */
interface Outlet {
  /** Returns the numbers of the response. Throws a Problem if the caller cannot read the collection. */
  readonly preview: (
    actor: Principal,
    collection: string,
    tool: ListTool,
  ) => ReturnType<Lists['preview'] | MispFeeds['preview']>;
  /** Returns the address below the address of the hub. */
  readonly path: (collection: string, tool: ListTool) => string;
  readonly hasSavedLists: boolean;
}

/** The facts about a list that a tool fetches. */
interface ListFacts extends Pick<ListConnection, 'url' | 'entries' | 'omitted'> {
  /** The collections that a key needs, as people type them. */
  readonly only: string;
  /** The member that a saved list belongs to, or `hub`. */
  readonly owner?: string;
  readonly collections: readonly string[];
  /** The words with which the filters of its readers begin. */
  readonly words: string;
}

/** Returns each account once. A list of several collections has a reader in each of them. */
function pullsOf(readers: readonly Reader[]): ListConnection['pulls'] {
  const pulls = new Map<string, ListConnection['pulls'][number]>();
  for (const { account, last_seen: seen, agent, state } of readers) {
    const isUnchanged = pulls.get(account)?.unchanged !== false && state === 'current';
    pulls.set(account, {
      account,
      ...(seen === undefined ? {} : { last_seen: seen }),
      agent,
      unchanged: isUnchanged,
    });
  }
  return [...pulls.values()];
}
