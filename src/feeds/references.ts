import { urlOf } from '../kernel/url.ts';
import type { FeedDocument } from '../config/settings.ts';
import { loadPreset, presetNames } from './document.ts';

/** Returns the references to secrets (`env:NAME`, `file:PATH`, `secret:NAME`) in a feed document. */
export function referencesOf({ transport: { ca, auth } }: FeedDocument): readonly string[] {
  return [ca, auth?.secret, auth?.key, auth?.certificate].filter((reference) => reference !== undefined);
}

/** Returns the hosts that receive the secrets of a feed: its own host, and the host that issues its tokens. */
export function hostsOf({ transport }: FeedDocument): readonly string[] {
  return [transport.url, transport.auth?.token_url].flatMap(
    (url) => (url === undefined ? undefined : urlOf(url)?.host) ?? [],
  );
}

/** Returns the keys of the bundled presets, each with the hosts of its preset. */
export function presetReferences(): readonly {
  readonly reference: string;
  readonly hosts: readonly string[];
}[] {
  return presetNames().flatMap((name) => {
    const document = loadPreset(name);
    return referencesOf(document).map((reference) => ({ reference, hosts: hostsOf(document) }));
  });
}
