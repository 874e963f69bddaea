import type { JSX } from 'preact';
import { St, type StateKind } from '../../shared/components.tsx';
import { Day } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The states of an object in words. */
const STATES = {
  valid: 'ok',
  expired: 'off',
  revoked: 'bad',
  'not-yet-valid': 'wait',
} as const satisfies Readonly<Record<string, StateKind>>;

/** The state of an object, with the end of its validity. */
export function ObjectState({
  state,
  until,
}: {
  readonly state: keyof typeof STATES;
  readonly until?: string | undefined;
}): JSX.Element {
  const t = useMessages().objectState;
  const text = t.states[state];
  return (
    <St kind={STATES[state]}>
      {state === 'valid' && until !== undefined ? <span>{t.until(text, <Day at={until} />)}</span> : text}
    </St>
  );
}

/** Returns the address of the page of an object. */
export function objectPath(id: string): string {
  return `/console/o/${encodeURIComponent(id)}`;
}
