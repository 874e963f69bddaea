import type { Notifications } from '../access/accounts/notifications.ts';
import type { LifeTerms } from '../access/model.ts';
import type { Ledger } from '../access/ledger.ts';
import type { MemberSecrets } from '../access/member-secrets.ts';
import { TwoPeople } from '../access/two-people.ts';
import { sharedKey } from '../access/shared-keys.ts';
import type { CursorSeal } from '../kernel/cursor-seal.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import type { Mailer } from '../kernel/mailer.ts';
import { createAnonymous } from './anonymous/create-anonymous.ts';
import { createChannels } from './channels/create-channels.ts';
import { AnswerLinks } from './channels/email/answer-links.ts';
import { createDeliveries } from './deliveries/create-deliveries.ts';
import { Extraction } from './extraction/extraction.ts';
import { createFeedback } from './feedback/create-feedback.ts';
import { createIntake, type IntakeParts } from './intake/create-intake.ts';
import { CollectionDeletion } from './life/collection-deletion.ts';
import { Revocation } from './life/revocation.ts';
import type { ValueLists } from './publishing/value-guard.ts';
import { ValuePublishing } from './publishing/value-publishing.ts';
import { Connections } from './lists/connect-service.ts';
import { createLists } from './lists/create-lists.ts';
import { CurrentObjects } from './reading/current.ts';
import { Newest } from './reading/newest.ts';
import { Outlet } from './reading/outlet.ts';
import { Search } from './reading/search.ts';
import { SearchView } from './reading/search-view.ts';
import { Red, type RedBytes } from './red/red.ts';
import { Waiting } from './review/review-queue.ts';
import { Basis } from './reevaluation/basis.ts';
import { Routing } from './routing/routing.ts';
import { RuleService } from './routing/rule-service.ts';
import { Shares } from './shares/shares.ts';
import { Triage } from './shares/triage.ts';
import { createScorecards } from './scorecards/create-scorecards.ts';
import { createSuppression } from './suppression/create-suppression.ts';
import { Suppressions } from './suppression/suppressed-values.ts';
import { createSavedLists } from './saved-lists/create-saved-lists.ts';
import { LifeSettings } from './values/life.ts';
import { WideNetworks } from './wide-networks/service.ts';
import { ValueService } from './values/service.ts';
import { DerivedData } from './reading/derived-data.ts';
import type { Follower } from './reading/follow-collections.ts';
import { ValueView } from './values/value-view.ts';

interface SharingParts extends IntakeParts {
  readonly ledger: Ledger;
  readonly notifications: Notifications;
  readonly memberSecrets: MemberSecrets;
  readonly cursorSeal: CursorSeal;
  readonly http: HttpClient;
  readonly mailer: Mailer | undefined;
  readonly hub: { readonly title: string; readonly timeZone: string; readonly url: () => string };
  /** Other limits of TLP:RED, for tests. */
  readonly redBytes: RedBytes | undefined;
  /** Countries that the hub is responsible for where they have no member. */
  readonly region: readonly string[];
  /** How long values are valid if their producer does not say it, where it differs from the defaults. */
  readonly life: LifeTerms;
  /** Loads the warning lists that values of people are compared with. */
  readonly lists: () => Promise<ValueLists>;
  /** The folder for the files of lists. */
  readonly listFolder: string;
  readonly secret: (reference: string, host: string) => string | undefined;
  readonly refreshSecrets: () => Promise<void>;
  readonly permitChannel: (reference: string, host: string) => void;
}

/** Creates everything between the one way in and the ways out. */
export async function createSharing(parts: SharingParts) {
  const { store, directory, clock, ids, log, audit, sealer, ledger, notifications, hub } = parts;
  const links = new AnswerLinks(await sharedKey(store, ids, 'answers'), hub.url, clock);
  const basis = new Basis(parts.region);
  const routing = new Routing(store, directory, clock, log, audit, parts.region, basis);
  const { intake, telling, quota, ...entrance } = createIntake(parts, () => routing.notify());
  const channels = createChannels(parts, links, () => ({ ...parts, view: valueView, suppressions, life, lists: listed.lists })); // prettier-ignore
  const notify = (): void => channels.channels.notify();
  routing.onPlaced(notify);
  const redLimits = { most: parts.redBytes, validation: parts.validation };
  const red = new Red(store, directory, sealer, ids, clock, audit, notifications, redLimits);
  const shares = new Shares(store, directory, ids, clock, audit, notify);
  const [suppressions, life, twoPeople] = [new Suppressions(store), new LifeSettings(parts.life), new TwoPeople(parts)]; // prettier-ignore
  const deliveries = createDeliveries(parts, links, intake, basis, suppressions);
  const search = new Search(store, directory, ledger, parts.cursorSeal, clock, log);
  const current = new CurrentObjects({ ...parts, suppressions, life });
  const outlet = new Outlet(store, directory, ledger, audit, clock, current);
  const valueView = new ValueView(store, directory, suppressions, life, clock, log);
  const listed = createLists({
    ...parts, view: valueView, suppressions, life, current, warnings: parts.lists, folder: parts.listFolder,
    mispKey: (await sharedKey(store, ids, 'misp')).toString('base64url'),
  }); // prettier-ignore
  const values = new ValuePublishing({
    publishing: entrance.publishing, recipients: deliveries.recipients, search, lists: parts.lists, directory, clock, ids,
  }); // prettier-ignore
  const revocation = new Revocation(store, telling, directory, clock, audit, log, quota);
  const suppression = createSuppression({ ...parts, suppressions, intake: telling, revocation, view: valueView }); // prettier-ignore
  const saved = createSavedLists({ ...parts, view: valueView, lists: listed.lists, suppressions, life, folder: `${parts.listFolder}-saved`, url: hub.url }); // prettier-ignore
  const feedback = createFeedback({ ...parts, suppressions, life, view: valueView, suppression: suppression.suppressionService }); // prettier-ignore
  return {
    routing,
    intake,
    ...entrance,
    ...channels,
    ...deliveries,
    values,
    valueView,
    ...listed,
    ...saved,
    connections: new Connections(listed, saved.savedLists, deliveries.deliveries, directory, hub.url),
    ...derivedFrom([search.index, valueView], { ...parts, suppressions }, feedback.reports),
    valueViews: new ValueService(valueView, store, directory, audit),
    red,
    shares,
    triage: new Triage(store, directory, shares, clock, audit, outlet),
    rules: new RuleService(store, directory, audit),
    waiting: new Waiting(store, intake.held, intake.recovery, directory, audit, red),
    revocation,
    collectionDeletion: new CollectionDeletion(store, directory, clock, audit, () => routing.notify()),
    ...suppression,
    wideNetworks: new WideNetworks({ ...parts, twoPeople }),
    ...feedback,
    extraction: new Extraction(feedback.valueCheck),
    ...createAnonymous({ ...parts, twoPeople, publishing: entrance.publishing }, intake, telling, feedback.stixFeedback), // prettier-ignore
    outlet,
    newest: new Newest(store, directory, ledger, clock),
    search,
    searchView: new SearchView({ ...parts, index: search.index }),
  };
}

/** Creates the scorecards, and the loop that keeps them and everything else up to date that is derived from collections. */
function derivedFrom(
  others: readonly { readonly follower: Follower }[],
  parts: Parameters<typeof createScorecards>[0],
  reports: Parameters<typeof createScorecards>[1],
) {
  const scores = createScorecards(parts, reports);
  const followers = [...others, scores.scoreFollower].map(({ follower }) => follower);
  return { ...scores, derivedData: new DerivedData(parts, followers) };
}

/** Everything between the one way in and the ways out. */
export type Sharing = Awaited<ReturnType<typeof createSharing>>;
