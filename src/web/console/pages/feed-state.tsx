import type { JSX } from 'preact';
import type { Feeds } from '../../../api/schema-types.ts';
import { St, type StateKind } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

type FeedItem = Feeds['items'][number];

const STATES: Readonly<Record<FeedItem['state'], StateKind>> = {
  ready: 'ok',
  waiting: 'wait',
  off: 'off',
  paused: 'off',
  'needs-key': 'warn',
  gone: 'bad',
  failing: 'bad',
  suspect: 'warn',
};

/** The state of a feed in words. A feed that never ran has nothing to show for its state yet. */
export function FeedState({ feed }: { readonly feed: Pick<FeedItem, 'state' | 'last_run'> }): JSX.Element {
  const isNew = feed.state === 'ready' && feed.last_run === undefined;
  const state = isNew ? 'waiting' : feed.state;
  return <St kind={STATES[state]}>{useMessages().feedState.states[state]}</St>;
}

/** True for a feed from which nothing arrives although it should. */
export function isFailing({ state }: Pick<FeedItem, 'state'>): boolean {
  return STATES[state] === 'bad' || STATES[state] === 'warn';
}

/** True for a feed that people switched off. */
export function isOff({ state }: Pick<FeedItem, 'state'>): boolean {
  return STATES[state] === 'off';
}

/** Returns the address of the page of a feed. */
export function feedPath(name: string): string {
  return `/console/feeds/${encodeURIComponent(name)}`;
}

/** A run, as its report has it. Reports of earlier versions can lack fields. */
type Run = Readonly<Record<string, unknown>>;

/** Returns a text of a run's report. */
export function textIn(run: object | undefined, name: string): string | undefined {
  const value = (run as Run | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns how long ago a run was. */
export function runAge(run: object | undefined, now: number, messages: Messages): string {
  const { words } = messages;
  const started = textIn(run, 'started');
  return started === undefined ? '–' : words.since(started, now);
}
