import type { Audit } from '../../access/audit/audit.ts';
import type { AnswerLinks } from './email/answer-links.ts';
import { ChannelAdmin } from './service.ts';
import { Microsoft, type ToolParts } from './microsoft/microsoft.ts';
import { Channels, type ChannelServices } from './worker.ts';

interface ChannelParts
  extends Omit<ChannelServices, 'mail' | 'microsoft'>, Omit<ChannelServices['mail'], 'links'> {
  readonly audit: Audit;
  /** Throws a Problem when a channel to this host cannot use a secret. */
  readonly permitChannel: (reference: string, host: string) => void;
}

/** Creates the delivery to members and its management. */
export function createChannels(parts: ChannelParts, links: AnswerLinks, tools: () => ToolParts) {
  const { store, directory, log, http, clock, audit, mailer, hub, secret, refreshSecrets } = parts;
  let microsoft: Microsoft | undefined;
  const channels = new Channels({
    microsoft: () => (microsoft ??= new Microsoft({ ...tools(), http, secret, refreshSecrets })),
    store, directory, log, http, clock, secret, refreshSecrets,
    mail: { links, mailer, hub },
  }); // prettier-ignore
  const channelAdmin = new ChannelAdmin({
    store, directory, audit, clock,
    hasMail: mailer !== undefined,
    permit: parts.permitChannel,
    notify: () => channels.notify(),
    secret, refreshSecrets,
  }); // prettier-ignore
  return { channels, channelAdmin };
}
