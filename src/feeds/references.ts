import type { FeedDocument } from '../settings.ts';
import { loadPreset, presetNames } from './document.ts';

/** References to secrets (`env:NAME`, `file:PATH`, `secret:NAME`) in a feed document. */
export function referencesOf({ transport: { ca, auth } }: FeedDocument): readonly string[] {
  return [ca, auth?.secret, auth?.key, auth?.certificate].filter((reference) => reference !== undefined);
}

/** Hosts that the secrets of a feed go to: its own, and the one that gives it tokens. */
export function hostsOf({ transport }: FeedDocument): readonly string[] {
  return [transport.url, transport.auth?.token_url].flatMap((url) =>
    url !== undefined && URL.canParse(url) ? [new URL(url).host] : [],
  );
}

/** Keys of the presets that ship with the hub, each for the hosts of its preset. */
export function presetReferences(): readonly {
  readonly reference: string;
  readonly hosts: readonly string[];
}[] {
  return presetNames().flatMap((name) => {
    const document = loadPreset(name);
    return referencesOf(document).map((reference) => ({ reference, hosts: hostsOf(document) }));
  });
}
