import type { JSX } from 'preact';
import { St, type StateKind } from '../../shared/components.tsx';
import { Day } from '../../shared/times.tsx';

/** The states of an object in words. */
const STATES = {
  valid: ['ok', 'Active'],
  expired: ['off', 'Expired'],
  revoked: ['bad', 'Revoked'],
  'not-yet-valid': ['wait', 'Not valid yet'],
} as const satisfies Readonly<Record<string, readonly [StateKind, string]>>;

/** The state of an object, with the end of its validity. */
export function ObjectState({
  state,
  until,
}: {
  readonly state: keyof typeof STATES;
  readonly until?: string | undefined;
}): JSX.Element {
  const [kind, text] = STATES[state];
  return (
    <St kind={kind}>
      {state === 'valid' && until !== undefined ? (
        <span>
          {text} until <Day at={until} />
        </span>
      ) : (
        text
      )}
    </St>
  );
}

/** Returns the address of the page of an object. */
export function objectPath(id: string): string {
  return `/console/o/${encodeURIComponent(id)}`;
}
