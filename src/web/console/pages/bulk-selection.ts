import { hash } from 'node:crypto';
import { Problem } from '../../../kernel/problem.ts';
import { MOST_IN_VIEW } from '../../../sharing/reading/search-filters.ts';
import { isStixId } from '../../../stix/identifiers.ts';
import { compareTimestamps } from '../../../stix/timestamps.ts';
import { versionOf } from '../../../stix/versions.ts';
import { webErrors } from '../../errors.ts';
import type { Form, PageContext } from '../page-table.ts';
import { viewOf, type ViewParameters } from '../search-address.ts';
import { actionsFor, type BulkAction } from './search-selection.tsx';

/** Maximum number of objects of one action. */
const MOST = 500;
/** The objects of a form: those that were ticked, or all that matched when the person looked. */
export interface Selection {
  readonly action: BulkAction;
  readonly view: ViewParameters | undefined;
  readonly ids: readonly string[];
  /** For each object, the version that the person has seen. Two owners can have objects with the same id. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  /** The form is about all that match. */
  readonly isAll: boolean;
}

/** Returns the view of the form. */
export function viewIn(form: Form): ViewParameters | undefined {
  const given = new URLSearchParams(form.field('view') ?? '');
  return viewOf((name) => given.get(name) ?? undefined);
}

/** Returns the objects that a form selects. Throws if there are none or too many, or if the person cannot use the action. */
export async function selectionOf(context: PageContext, form: Form): Promise<Selection> {
  const { ask, messages } = context;
  const t = messages.bulk.faults;
  const action = actionsFor(context).find((one) => one === form.field('do'));
  if (action === undefined) throw webErrors.changeNotPossible();
  const view = viewIn(form);
  if (form.field('all') !== undefined && view !== undefined) {
    const found = await ask('getSearchView', { query: { ...view, limit: String(MOST_IN_VIEW) } });
    const versions = new Map<string, readonly string[]>();
    for (const { id, version = '' } of found.items) versions.set(id, [...(versions.get(id) ?? []), version]);
    const ids = [...versions.keys()];
    demandSome(ids, t);
    return { action, view, ids, versions, isAll: true };
  }
  const ticked = form.names.flatMap((name) => (name.startsWith('o.') ? [name.slice(2)] : []));
  const listed = (form.field('ids') ?? '').split(/\s+/);
  const ids = [...new Set([...ticked, ...listed].filter((id) => isStixId(id)))];
  demandSome(ids, t);
  const versions = new Map<string, readonly string[]>();
  for (const id of ids) versions.set(id, [await newestVersion(ask, id)]);
  return { action, view, ids, versions, isAll: false };
}

/** Returns the version of an object that the person would act on now. Empty if there is none. */
async function newestVersion(ask: PageContext['ask'], object: string): Promise<string> {
  try {
    return versionOf({ ...(await ask('getObject', { parameters: { object } })).object });
  } catch (error) {
    // The result of the action on this object says so.
    if (error instanceof Problem && error.kind === 'not-found') return '';
    throw error;
  }
}

/** Returns a mark of an object that changes with its version. */
export function markOf({ versions }: Selection, id: string): string {
  const text = `${id} ${(versions.get(id) ?? []).join(' ')}`;
  return hash('sha256', text, 'base64url').slice(0, 10);
}

/** Returns the newest version of an object that the person has seen, as a parameter of its operation. */
export function seenVersion({ versions }: Selection, id: string): { readonly version?: string } {
  const newest = (versions.get(id) ?? []).toSorted(compareTimestamps).at(-1) ?? '';
  return newest === '' ? {} : { version: newest };
}

function demandSome(ids: readonly string[], t: PageContext['messages']['bulk']['faults']): void {
  if (ids.length === 0) throw webErrors.selectionRefused({ description: t.none });
  if (ids.length > MOST) throw webErrors.selectionRefused({ description: t.tooMany(MOST, ids.length) });
}
