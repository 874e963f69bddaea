import type { Readable } from 'node:stream';
import type { FeedRequest, Preset } from '../api/schema-types.ts';
import type { Audit } from '../access/audit/audit.ts';
import { demandHub } from '../access/hub-service.ts';
import { demandLasting, demandPlacing } from '../access/keys/limits.ts';
import { isOperator, principalName, type Principal } from '../access/principal.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import { within } from '../kernel/deadline.ts';
import { reworded } from '../kernel/error-table.ts';
import { Problem } from '../kernel/problem.ts';
import type { FeedDocument, FeedSetting } from '../config/settings.ts';
import { rankOf, tlpLabel } from '../stix/markings.ts';
import type { StoreCounts } from './report.ts';
import { detectFeed } from './detect.ts';
import type { Detected } from './detect-file.ts';
import { catalogue } from './catalogue.ts';
import { changedParts, demandNoSecretIn, documentOf, loadPreset, urlsIn } from './document.ts';
import type { Preview } from './preview.ts';
import type { Quarantined, RunProgress, RunReport } from './report.ts';
import { referencesOf } from './references.ts';
import type { RunServices } from './run.ts';
import type { FeedInfo } from './feed-list.ts';
import type { FeedDetails, Feeds } from './service.ts';
import type { Usefulness } from './usefulness.ts';
import { inSpool } from './spool.ts';
import { SpoolBudget, spoolPath, spoolStream, type Fetched } from './transports/transport.ts';
import { feedErrors } from './errors.ts';

/** Milliseconds in which the format of a source must be detected. */
const DETECTION_MS = 120_000;

/** Administration of feeds. */
export class FeedAdmin {
  readonly #feeds: Feeds;
  readonly #services: RunServices;
  readonly #audit: Audit;

  constructor(feeds: Feeds, services: RunServices, audit: Audit) {
    this.#feeds = feeds;
    this.#services = services;
    this.#audit = audit;
  }

  async list(actor: Principal): Promise<readonly FeedInfo[]> {
    demandHub(actor, 'hub.read', 'see the feeds');
    return this.#feeds.list();
  }

  async show(actor: Principal, name: string): Promise<FeedDetails> {
    demandHub(actor, 'hub.read', 'see the feeds');
    return this.#feeds.show(name);
  }

  async history(actor: Principal, name: string, limit: number): Promise<readonly RunReport[]> {
    demandHub(actor, 'hub.read', 'see the feeds');
    await this.#feeds.registry.find(name);
    return this.#feeds.health.history(name, limit);
  }

  async quarantine(actor: Principal, name: string): Promise<readonly Quarantined[]> {
    demandHub(actor, 'hub.read', 'see the feeds');
    await this.#feeds.registry.find(name);
    return this.#feeds.quarantine.of(name);
  }

  /** Returns what each feed contributes that no other feed does. */
  async usefulness(actor: Principal): Promise<readonly Usefulness[]> {
    demandHub(actor, 'hub.read', 'see the feeds');
    return this.#feeds.usefulness();
  }

  /** Returns the presets that ship with the hub. */
  catalogue(actor: Principal): readonly Preset[] {
    demandHub(actor, 'hub.read', 'see the feeds');
    return catalogue();
  }

  async run(actor: Principal, name: string, confirmed: boolean, onProgress: RunProgress): Promise<RunReport> {
    demandHub(actor, 'feed.run', 'run feeds');
    demandPlacing(actor, 'feed.run');
    // A confirmation accepts a list that has shrunk, so the entry names it.
    const details = confirmed ? { details: { confirmed } } : {};
    const facts = [this.#audit.fact(actor, 'feed.run', `feed/${name}`, details)];
    return this.#feeds.runner.run(name, onProgress, { confirmed, facts });
  }

  /** Processes an uploaded file instead of fetching one. */
  async upload(
    actor: Principal,
    name: string,
    fileName: string,
    body: Readable,
    onProgress: RunProgress,
  ): Promise<RunReport> {
    demandHub(actor, 'feed.run', 'run feeds');
    demandPlacing(actor, 'feed.upload');
    await this.#feeds.show(name);
    const signal = new AbortController().signal;
    return inSpool(this.#services.spool, name, async (spool) => {
      const path = spoolPath({ spool, name });
      const file = await spoolStream(body, path, fileName, Number.NaN, [], {
        signal,
        budget: new SpoolBudget(),
      });
      if (file.bytes === 0) throw feedErrors.fileMissing();
      const given: Fetched = { status: undefined, files: [file], cursor: {}, unchanged: false, oddities: [] };
      const facts = [this.#audit.fact(actor, 'feed.upload', `feed/${name}`)];
      return this.#feeds.runner.run(name, onProgress, { given, facts });
    });
  }

  async pause(actor: Principal, name: string, paused: boolean, reason?: string): Promise<FeedDetails> {
    demandHub(actor, 'feed.run', 'pause feeds');
    if (!paused) demandLasting(actor, 'feed.resume');
    await this.#feeds.pause(name, principalName(actor), paused, {
      reason,
      facts: [this.#audit.fact(actor, paused ? 'feed.pause' : 'feed.resume', `feed/${name}`)],
    });
    return this.#feeds.show(name);
  }

  async retryQuarantine(actor: Principal, name: string): Promise<StoreCounts & { still_bad: number }> {
    demandHub(actor, 'feed.run', 'run feeds');
    demandPlacing(actor, 'quarantine.retry');
    return this.#feeds.quarantine.retry(name, [this.#audit.fact(actor, 'quarantine.retry', `feed/${name}`)]);
  }

  /** Returns what a run of a feed would do, without doing it. */
  async preview(actor: Principal, name: string): Promise<Preview> {
    demandHub(actor, 'feed.run', 'run feeds');
    return ofSource(this.#feeds.previewOf(name));
  }

  /** Does the same for a feed that does not exist yet. Includes the document that the feed would get. */
  async previewNew(
    actor: Principal,
    request: FeedRequest,
  ): Promise<{
    readonly document: FeedDocument;
    readonly preview: Preview;
    readonly notes: readonly string[];
  }> {
    demandHub(actor, 'hub.write', 'add feeds');
    // Before the source is asked.
    demandNoSecretIn(urlsOf(request));
    return this.#described(actor, request, async ({ document, notes }, fetched) => {
      // A feed whose files are listed by an index has to be fetched in its own way.
      const given = document.transport.kind === 'https' ? fetched : undefined;
      const collection = await this.#feeds.registry.target(document.name, request.collection);
      return {
        document,
        notes: [...notes, ...holdNotes(document, collection)],
        preview: await ofSource(this.#feeds.preview(document, request.collection, given)),
      };
    });
  }

  async create(actor: Principal, request: FeedRequest): Promise<FeedDetails> {
    demandHub(actor, 'hub.write', 'add feeds');
    demandLasting(actor, 'feed.create');
    demandNoSecretIn(urlsOf(request));
    const document = await this.#documentOf(actor, request);
    await this.#feeds.registry.create(document, request.collection, [
      this.#audit.fact(actor, 'feed.create', `feed/${document.name}`, {
        details: {
          collection: request.collection,
          ...(request.preset === undefined ? {} : { preset: request.preset }),
        },
      }),
    ]);
    return this.#feeds.show(document.name);
  }

  async update(actor: Principal, name: string, request: Omit<FeedRequest, 'name'>): Promise<FeedDetails> {
    demandHub(actor, 'hub.write', 'change feeds');
    demandLasting(actor, 'feed.update');
    // A feed of an earlier version keeps its URL until somebody changes it.
    const before = (await this.#feeds.registry.find(name)).document;
    const present = urlsOf({ document: before });
    demandNoSecretIn(urlsOf(request).filter((url) => !present.includes(url)));
    const document = await this.#documentOf(actor, { ...request, name });
    await this.#feeds.registry.update(name, document, request.collection, [
      this.#audit.fact(actor, 'feed.update', `feed/${name}`, {
        details: { collection: request.collection, changed: changedParts(before, document) },
      }),
    ]);
    return this.#feeds.show(name);
  }

  async delete(actor: Principal, name: string): Promise<void> {
    demandHub(actor, 'hub.write', 'remove feeds');
    await this.#feeds.registry.delete(name, [this.#audit.fact(actor, 'feed.delete', `feed/${name}`)]);
  }

  #documentOf(actor: Principal, request: FeedRequest): Promise<FeedDocument> {
    return this.#described(actor, request, ({ document }) => Promise.resolve(document));
  }

  /** Makes the document of a request. `use` also gets the files that were fetched to detect the format of a URL. */
  async #described<T>(
    actor: Principal,
    request: FeedRequest,
    use: (detected: Detected, fetched: Fetched | undefined) => Promise<T>,
  ): Promise<T> {
    const { name, collection, preset, document, url, title, tlp, enabled } = request;
    const given = document === undefined && preset === undefined;
    if (given && url === undefined) throw feedErrors.feedWithoutSource();
    if (given && url !== undefined) {
      const own = await this.#feeds.ownNetworks();
      return ofSource(
        within(DETECTION_MS, (signal) =>
          detectFeed(
            { name, url, title, tlp },
            { ...this.#services, own, secret: () => undefined, signal },
            ({ document: detected, notes }, fetched) =>
              use(
                {
                  document: this.#permitted(
                    actor,
                    enabled === undefined ? detected : { ...detected, enabled },
                    request,
                  ),
                  notes,
                },
                fetched,
              ),
          ),
        ),
      );
    }
    const found = documentOf({
      name,
      collection,
      ...(preset === undefined ? {} : { preset }),
      ...(document === undefined ? {} : { document: { ...document, name } }),
      ...(url === undefined ? {} : { url }),
      ...(tlp === undefined ? {} : { tlp }),
      // A template stays off until somebody gives it a URL of their own.
      ...(enabled !== undefined ? { enabled } : url !== undefined ? { enabled: true } : {}),
    } as FeedSetting);
    return use({ document: this.#permitted(actor, found, request), notes: [] }, undefined);
  }

  /** Returns a document that its author may add. Throws for one that names what the author cannot use. */
  #permitted(actor: Principal, found: FeedDocument, { preset, url, title }: FeedRequest): FeedDocument {
    this.#services.permit(found);
    demandLocal(actor, found, preset !== undefined && url === undefined ? loadPreset(preset) : undefined);
    return { ...found, ...(title === undefined ? {} : { title }) };
  }
}

/** Returns a note if the level of a feed is stricter than its collection permits. STIX objects have levels of their own. */
function holdNotes(
  { parser, defaults }: FeedDocument,
  { max_tlp: max }: Pick<CollectionInfo, 'max_tlp'>,
): readonly string[] {
  if (parser.kind === 'stix' || rankOf(defaults.tlp) <= rankOf(max)) return [];
  return [
    `A run stores nothing and puts all objects on hold, because the maximum of the collection is ${tlpLabel(max)} and the level of the feed is ${tlpLabel(defaults.tlp)}. Choose another level (--tlp) or another collection.`,
  ];
}

/** Returns the URLs that a request names. */
function urlsOf({ url, document }: Pick<FeedRequest, 'url' | 'document'>): readonly (string | undefined)[] {
  return [url, ...urlsIn(document ?? {})];
}

/** Reports a failing source as a conflict with the request. The hub itself has no fault. */
async function ofSource<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'peer') throw error;
    throw reworded(error, { kind: 'conflict' });
  }
}

/**
 * A document can refer to files, folders and variables on the hub's machine. Only operators of that machine may add
 * such a document, because any other account could read them this way. A preset is allowed to send its own key to its
 * own address.
 */
function demandLocal(actor: Principal, document: FeedDocument, preset: FeedDocument | undefined): void {
  if (isOperator(actor)) return;
  const { transport } = document;
  const ofPreset = [preset?.transport.auth?.secret, preset?.transport.auth?.key];
  const named = [transport.path, ...referencesOf(document)].filter(
    (reference) =>
      reference !== undefined && !reference.startsWith('secret:') && !ofPreset.includes(reference),
  );
  if (named.length === 0) return;
  throw feedErrors.localOnly({ named: named.join(', ') });
}
