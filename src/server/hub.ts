import type { Express } from 'express';
import type { EmailService } from '../access/accounts/email-service.ts';
import type { InvitationService, WaitingLink } from '../access/accounts/invitation-service.ts';
import type { Notifications } from '../access/accounts/notifications.ts';
import type { Directory } from '../access/directory.ts';
import type { KeyService } from '../access/keys/key-service.ts';
import type { Feeds } from '../feeds/service.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Channels } from '../sharing/channels/worker.ts';
import type { Deliveries } from '../sharing/deliveries/lag.ts';
import type { EnvelopeNumbers } from '../sharing/intake/envelope-bounds.ts';
import type { Envelopes } from '../sharing/intake/envelopes.ts';
import type { Contacts } from '../members/contacts/service.ts';
import type { Intake } from '../sharing/intake/intake.ts';
import type { Housekeeping } from '../sharing/life/housekeeping.ts';
import type { Revocation } from '../sharing/life/revocation.ts';
import type { RedBytes } from '../sharing/red/red.ts';
import type { Outlet } from '../sharing/reading/outlet.ts';
import type { Routing } from '../sharing/routing/routing.ts';
import type { AnonymousReleases } from '../sharing/anonymous/release.ts';
import type { ListPublisher } from '../sharing/saved-lists/publisher.ts';
import type { ScoreFollower } from '../sharing/scorecards/follower.ts';
import type { Offers } from '../sharing/scorecards/offers.ts';
import type { SuppressionService } from '../sharing/suppression/service.ts';
import type { ValueView } from '../sharing/values/value-view.ts';
import type { BoundNumbers } from '../store/bounded.ts';
import type { FactGateNumbers } from '../store/fact-gate.ts';
import type { Store } from '../store/store.ts';

/** Options of a hub, and dependencies that a test may replace. */
export interface Ports {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly store?: Store;
  /** Waits before a feed source is requested again. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that a TAXII client waits before its envelope is reported as pending. */
  readonly patienceMs?: number;
  /** Other limits of envelopes and receipts, for tests. */
  readonly envelopeNumbers?: EnvelopeNumbers;
  /** Other limits of TLP:RED, for tests. */
  readonly redBytes?: RedBytes;
  /** Other limits of the store, for tests. */
  readonly bounds?: BoundNumbers;
  readonly factNumbers?: FactGateNumbers;
  readonly signInsOfAccount?: number;
  /** True for a hub that serves one command through its own socket. It loads no pages and no TAXII server. */
  readonly isOffline?: boolean;
  /** True for a hub that is created. It applies the settings file, as a start does, and its store must be new. */
  readonly isNew?: boolean;
  /** The hub may remove any number of records that the settings file no longer declares. */
  readonly acceptsRemovals?: boolean;
}

/** A composed hub that is ready to start. */
export interface Hub {
  /** The application for the network. A hub that serves no network has only the health endpoints there. */
  readonly app: Express;
  /** The application on the hub's own socket: the admin API for the operator. */
  readonly admin: Express;
  readonly store: Store;
  /** The records that the settings file declares differently, as text, if this hub did not apply the file. */
  readonly unapplied: string | undefined;
  readonly directory: Directory;
  readonly feeds: Feeds;
  readonly intake: Intake;
  readonly envelopes: Envelopes;
  readonly contacts: Contacts;
  readonly housekeeping: Housekeeping;
  readonly outlet: Outlet;
  readonly valueView: ValueView;
  readonly scoreFollower: ScoreFollower;
  readonly offers: Offers;
  readonly suppressionService: SuppressionService;
  readonly listPublisher: ListPublisher;
  readonly anonymousReleases: AnonymousReleases;
  readonly routing: Routing;
  readonly keys: KeyService;
  readonly invitations: InvitationService;
  readonly notifications: Notifications;
  readonly deliveries: Deliveries;
  readonly revocation: Revocation;
  readonly email: EmailService;
  readonly channels: Channels;
  /** Starts listening and all background work. Returns the port and the URL at which others reach the hub. */
  start(): Promise<{ readonly port: number; readonly url: string }>;
  /**
   * Returns one-time links for people who have no way to sign in yet. A hub without settings and without an
   * administrator gets one. Links of an earlier start that still work are listed without their secrets.
   */
  firstLinks(): Promise<{
    readonly made: readonly { readonly account: string; readonly link: string }[];
    readonly waiting: readonly WaitingLink[];
  }>;
  /** Serves the admin socket only. Commands use this when no hub is running. */
  startOffline(): Promise<void>;
  /** Reloads what can change while the hub runs: its certificate. Returns false when the certificate cannot be used. */
  reload(): boolean;
  /**
   * Shuts the hub down. It becomes unready at once and accepts no new requests. Requests in progress are finished, jobs
   * end at a safe point, and the store is closed.
   */
  stop(): Promise<void>;
}
