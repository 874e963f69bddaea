import type { ListConnection } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Principal } from '../../access/principal.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Deliveries } from '../deliveries/lag.ts';
import { sharingErrors } from '../errors.ts';
import { formatWords } from './list-query.ts';
import type { Lists } from './lists.ts';
import { LIST_TOOLS, type ListTool } from './tools.ts';

/** Tells how a tool is connected to a list, and whether it fetches the list. */
export class Connections {
  readonly #lists: Lists;
  readonly #deliveries: Pick<Deliveries, 'lag'>;
  readonly #directory: Directory;
  readonly #url: () => string;

  constructor(lists: Lists, deliveries: Pick<Deliveries, 'lag'>, directory: Directory, url: () => string) {
    this.#lists = lists;
    this.#deliveries = deliveries;
    this.#directory = directory;
    this.#url = url;
  }

  /**
   * Returns the settings of a tool for a collection that the caller may read, with the number of values that the tool
   * would get, and who fetches this list, as far as the caller may see them.
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
    if (member !== undefined && !VisibleNames.of(directory, actor).member(member))
      throw accessErrors.memberNotFound({ name: member.slice(0, 64) });
    const filters = Object.fromEntries(new URLSearchParams(tool.filters ?? ''));
    const { collection, list } = await this.#lists.preview(actor, collectionName, tool.format, filters);
    // An alias that several API roots have would be refused at the address of the list.
    const { alias, id } = collection;
    const name = alias !== undefined && directory.named(alias).length === 1 ? alias : id;
    const url = `${this.#url()}/lists/${encodeURIComponent(name)}/${tool.format}${tool.filters === undefined ? '' : `?${tool.filters}`}`;
    const readers = actor.kind === 'public' ? [] : await this.#deliveries.lag(actor);
    return {
      tool: tool.name,
      title: tool.title,
      format: tool.format,
      place: tool.place,
      url,
      key_command: keyCommand(tool, name, member),
      fields: tool.fields.map((field) => ({ name: field.name, value: field.value.replaceAll('URL', url) })),
      limits: [...tool.limits],
      ...(tool.script === undefined ? {} : { script: tool.script.replaceAll('URL', url) }),
      entries: list.lines,
      omitted: [...list.omitted].map(([reason, count]) => ({ reason, count })),
      pulls: readers
        .filter(
          (reader) =>
            reader.kind === 'list' &&
            reader.collection === id &&
            reader.filters.startsWith(formatWords(tool.format)) &&
            (member === undefined || reader.member === member),
        )
        .map(({ account, last_seen: seen, agent }) => ({
          account,
          ...(seen === undefined ? {} : { last_seen: seen }),
          agent,
        })),
    };
  }
}

function keyCommand({ name }: ListTool, collection: string, member: string | undefined): string {
  const whose = member === undefined ? '--account ACCOUNT' : `--member ${member}`;
  return `talanoa key create ${whose} --scopes lists:read --only ${collection} --label ${name}`;
}
