import { existsSync } from 'node:fs';
import { Sealer } from '../access/sealing.ts';
import { demandKeyOf, wasOpened } from '../access/shared-keys.ts';
import { settingsErrors } from '../config/errors.ts';
import { masterKey } from '../config/master-key.ts';
import type { Store } from '../store/store.ts';
import type { SecretService } from '../access/keys/secret-service.ts';
import type { Config } from '../config/config.ts';
import type { FeedDocument } from '../config/settings.ts';
import { documentOf } from '../feeds/document.ts';
import { hostsOf, presetReferences, referencesOf } from '../feeds/references.ts';
import { LocalSecrets, type NamedSecret } from '../kernel/local-secrets.ts';

/** The secrets that feeds and channels may use. */
export interface UsableSecrets {
  /** Returns the value of `env:NAME`, `file:PATH` or `secret:NAME` for a host. */
  readonly secret: (reference: string, host: string) => string | undefined;
  /** Reloads the secrets that the hub keeps, which another process may have changed. */
  readonly refreshSecrets: () => Promise<void>;
  /** Throws a Problem when a feed names a secret or a folder that it cannot use. */
  readonly permitFeed: (document: FeedDocument) => void;
  /** Throws a Problem when a channel to this host cannot use a secret. */
  readonly permitChannel: (reference: string, host: string) => void;
}

/**
 * Returns the sealer with the master key of a store. Creates the key for a new store. A store that was opened before is
 * never given a new key, because nothing that it contains could be opened with it. Throws when a hub is to be created
 * (`isNew`) in such a store.
 */
export async function openSealer(config: Config, store: Store, isNew = false): Promise<Sealer> {
  const file = config.masterKeyFile;
  // Another process that opens a new store creates the file before the record. So the record is read first.
  const isOld = await wasOpened(store);
  if (isOld && isNew) throw settingsErrors.hubExists({ where: 'the database' });
  if (isOld && !existsSync(file)) throw settingsErrors.masterKeyMissing({ file });
  const sealer = new Sealer(masterKey(config));
  await demandKeyOf(store, sealer, file);
  return sealer;
}

/** Creates the secrets that feeds and channels may use: those that the hub keeps, and those of its machine. */
export function createSecrets(local: LocalSecrets, kept: SecretService): UsableSecrets {
  return {
    secret: (reference, host) =>
      reference.startsWith('secret:')
        ? kept.value(reference.slice('secret:'.length), host)
        : local.value(reference, host),
    refreshSecrets: () => kept.refresh(),
    permitFeed: (document) => permitFeed(local, document),
    permitChannel: (reference, host) => local.demand(reference, [host]),
  };
}

/**
 * Returns the local secrets that feeds and channels may use. Throws when the settings file allows a name that belongs
 * to the hub itself.
 */
export function localSecrets(config: Config): LocalSecrets {
  const own = [
    ...config.feeds.flatMap((setting) => referencesOf(documentOf(setting))),
    ...config.members.flatMap(({ push }) => {
      const variable = push?.password_env ?? push?.key_env;
      return variable === undefined ? [] : [`env:${variable}`];
    }),
  ].filter((reference) => !reference.startsWith('secret:'));
  let named: readonly NamedSecret[] | undefined;
  const local = new LocalSecrets({
    allowed: config.secretsAllowed,
    named: () =>
      (named ??= [...own.map((reference) => ({ reference, hosts: undefined })), ...presetReferences()]),
    masterKeyFile: config.masterKeyFile,
    mongodbUri: config.mongodbUri,
    env: config.secret,
    file: config.secretFile,
  });
  for (const reference of own) local.demandNotOwn(reference);
  for (const setting of config.feeds) {
    const { path } = documentOf(setting).transport;
    if (path !== undefined) local.demandFolder(path);
  }
  return local;
}

/** Throws a Problem when a feed names a secret or a folder that it cannot use. */
function permitFeed(local: LocalSecrets, document: FeedDocument): void {
  for (const reference of referencesOf(document)) local.demand(reference, hostsOf(document));
  if (document.transport.path !== undefined) local.demandFolder(document.transport.path);
}
