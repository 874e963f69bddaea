import type { JSX } from 'preact';
import type { SearchView } from '../../../api/schema-types.ts';
import { Acts, Btn } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { OperationName } from '../ask.ts';
import type { PageContext } from '../page-table.ts';
import { queryText, type ViewParameters } from '../search-address.ts';

/** The actions on several objects, with the operation for a single one. */
const BULK_OPERATIONS = {
  seen: 'sendFeedback',
  'false-positive': 'sendFeedback',
  label: 'reviseObject',
  share: 'shareObject',
  revoke: 'revokeObject',
} as const satisfies Readonly<Record<string, OperationName>>;
export type BulkAction = keyof typeof BULK_OPERATIONS;
const ACTIONS = Object.keys(BULK_OPERATIONS) as readonly BulkAction[];

/** Returns the actions that a person can use at all. Only members report what they have seen. */
export function actionsFor({ who, permits }: PageContext): readonly BulkAction[] {
  return ACTIONS.filter(
    (action) =>
      permits(BULK_OPERATIONS[action]) &&
      (BULK_OPERATIONS[action] !== 'sendFeedback' || who.member !== undefined),
  );
}

/** The actions below a list of results, and the box that selects all that match. */
export function BulkBar({
  found,
  view,
  actions,
}: {
  readonly found: SearchView;
  readonly view: ViewParameters;
  readonly actions: readonly BulkAction[];
}): JSX.Element {
  const t = useMessages().bulk;
  return (
    <div class="dock">
      <input type="hidden" name="view" value={queryText(view)} />
      <Acts>
        <strong>{t.selected}</strong>
        {actions.map((action) => (
          <Btn key={action} look="s" name="do" value={action}>
            {t.actions[action]}
          </Btn>
        ))}
      </Acts>
      <label class="opt">
        <input type="checkbox" name="all" value="1" />
        <span>{t.all(found.total)}</span>
      </label>
    </div>
  );
}
