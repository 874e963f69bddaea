import type { Occurrence } from '../../kernel/error-table.ts';

/** Returns the hint for a name that is similar to a declared one. */
export function suggestion(near: string | undefined): Occurrence {
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` };
}
