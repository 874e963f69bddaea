import { isLoopback } from '../../kernel/address.ts';
import { isTimeZone } from '../../kernel/time-zones.ts';
import { hasUserInfo, urlOf } from '../../kernel/url.ts';
import { channelErrors } from './errors.ts';
import { hostOf, isMicrosoft, type Channel, type ChannelRequest } from './model.ts';

const MAIL_ADDRESS = /^mailto:[^\s@<>,;:"()[\]\\]+@[a-zA-Z0-9.-]+$/;

const ADDRESS_HINTS: Readonly<Record<Channel['kind'], string>> = {
  taxii: 'Use the format https://taxii.example.org/root/collections/ID/.',
  webhook: 'Use the format https://hook.example.org/stix.',
  mail: 'Use the format mailto:cert@example.org.',
  sentinel:
    'Use https://api.ti.sentinel.azure.com/workspaces/ID/threat-intelligence-stix-objects:upload?api-version=2024-02-01-preview',
  defender: 'Use https://api.security.microsoft.com',
};

/** Throws a Problem if an address of a channel, or its time zone, is not valid for its kind. */
export function demandAddress({ kind, url, zone, token_url: tokens }: ChannelRequest): void {
  if (hasUserInfo(url)) throw channelErrors.secretInAddress({ host: hostOf(url) });
  if (tokens !== undefined && !/^https?:$/.test(urlOf(tokens)?.protocol ?? ''))
    throw channelErrors.invalidAddress({
      hint: 'Use https://login.microsoftonline.com/TENANT/oauth2/v2.0/token',
    });
  const isGood = kind === 'mail' ? MAIL_ADDRESS.test(url) : /^https?:$/.test(urlOf(url)?.protocol ?? '');
  if (!isGood)
    throw channelErrors.invalidAddress({
      hint: ADDRESS_HINTS[kind],
    });
  // Anybody on the way could read the secret and the token, and use them.
  if (isMicrosoft({ kind }) && ![url, tokens ?? url].every(isEncrypted))
    throw channelErrors.notEncrypted({ kind });
  if (zone !== undefined && !isTimeZone(zone))
    throw channelErrors.invalidTimeZone({ zone: zone.slice(0, 60) });
}

/** True if nobody between the hub and an address can read what is sent to it: HTTPS, or this machine. */
function isEncrypted(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

/** A channel to a service of Microsoft needs an application of the member's tenant. No other channel has one. */
export function demandApplication(request: ChannelRequest): void {
  const { kind, username, secret, token_url: tokens, action } = request;
  if (isMicrosoft(request)) {
    if (username === undefined || secret === undefined || tokens === undefined)
      throw channelErrors.applicationRequired();
    if (hasUserInfo(tokens)) throw channelErrors.secretInAddress({ host: hostOf(tokens) });
  } else if (tokens !== undefined) throw channelErrors.fieldOfOtherKind({ field: 'token_url', kind });
  if (action !== undefined && kind !== 'defender')
    throw channelErrors.fieldOfOtherKind({ field: 'action', kind });
}
