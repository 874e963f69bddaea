import type { Language } from '../kernel/languages.ts';
import type { LogLevel } from '../kernel/log.ts';
import type {
  AccountSetting,
  ApiRootSetting,
  CollectionSetting,
  FeedSetting,
  GroupSetting,
  MemberSetting,
  Settings,
} from './settings.ts';

/** Id of the collection of a hub without a settings file. */
export const FIRST_COLLECTION = '5d2f7f0e-6a8b-4a86-9a0f-0d1c2b3a4f5e';

/** An account that only a hub of the demo has. */
export const DEMO_ACCOUNT = 'demo-admin';

/** Settings from command-line flags. They override the environment, which overrides the settings file. */
export interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly feeds?: boolean;
  readonly role?: string;
  readonly logLevel?: LogLevel;
  /** The hub may remove any number of records that the settings file no longer declares. */
  readonly acceptRemovals?: boolean;
}

/** The source of a value. A value without a source has its default. */
export type SettingSource = 'command line' | 'environment' | 'file' | 'demo';

/** The complete configuration of a hub at its start. It is frozen, and no other module reads the environment. */
export interface Config {
  /** Path of the settings file, or undefined when there is none. */
  readonly file: string | undefined;
  /** The source of each setting that does not have its default, by its path in the settings file. */
  readonly sources: Readonly<Record<string, SettingSource>>;
  readonly revision: number;
  readonly hub: {
    readonly title: string;
    readonly url: string;
    readonly contact: string | undefined;
    /** Contacts for vulnerability reports. Undefined when the settings name none. */
    readonly security:
      | {
          readonly contacts: readonly string[];
          readonly policy: string | undefined;
          readonly encryption: string | undefined;
          readonly languages: readonly string[];
        }
      | undefined;
    readonly timeZone: string;
    /** The language of pages for readers who have chosen none and whose browser names none that the hub has. */
    readonly language: Language;
    /** Countries (ISO 3166-1) that the hub is responsible for where they have no member. */
    readonly region: readonly string[];
  };
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly behindProxy: boolean;
    /** Certificate files, when the hub terminates TLS itself. */
    readonly tls:
      | {
          readonly certFile: string;
          readonly keyFile: string;
          /** Present when the hub requests client certificates. */
          readonly clients: { readonly caFile: string | undefined } | undefined;
        }
      | undefined;
    /** The header in which trusted proxies pass the certificate of a client. */
    readonly clientCertificateHeader: string | undefined;
    /** Milliseconds for which the hub keeps answering after it reports that it is unready. */
    readonly drainMs: number;
  };
  /**
   * The roles of this process: `web` serves members. `worker` routes objects, runs feeds and completes work that other
   * processes left unfinished.
   */
  readonly roles: { readonly web: boolean; readonly worker: boolean };
  readonly data: string;
  readonly masterKeyFile: string;
  readonly logLevel: LogLevel;
  readonly mongodbUri: string | undefined;
  /** False when feeds run only on request. */
  readonly runFeeds: boolean;
  readonly apiRoots: readonly ApiRootSetting[];
  readonly collections: readonly CollectionSetting[];
  readonly groups: readonly GroupSetting[];
  readonly members: readonly MemberSetting[];
  readonly accounts: readonly AccountSetting[];
  readonly feeds: readonly FeedSetting[];
  readonly rules: NonNullable<Settings['rules']>;
  /** How long values are valid if their producer does not say it, where it differs from the defaults. */
  readonly life: NonNullable<Settings['life']>;
  /** The accounts that need a second factor to sign in. */
  readonly secondFactor: 'staff' | 'everyone' | 'optional';
  /** The provider for single sign-on. */
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string | undefined;
        readonly title: string;
        readonly secondFactor: { readonly acr: readonly string[]; readonly amr: readonly string[] };
      }
    | undefined;
  readonly trustedProxies: readonly string[];
  /** The mail server and the sender of emails. Undefined when the hub sends no email. */
  readonly mail:
    | {
        readonly server: string;
        readonly from: string;
        readonly user: string | undefined;
        readonly password: string | undefined;
        readonly insecure: boolean;
      }
    | undefined;
  readonly alarms: {
    readonly mailTo: readonly string[];
    readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  };
  /** Maximum number of new objects per member and day. 0 means unlimited. */
  readonly objectsPerDay: number;
  /** The level of validation of collections that have none of their own. */
  readonly validation: 'strict' | 'standard' | 'tolerant';
  /** Days after which entries of the audit log are removed. 0 means never. */
  readonly auditDays: number;
  /** Maximum number of connections of the listener, in total and for each address. */
  readonly connections: { readonly total: number; readonly perAddress: number };
  readonly rates: { readonly reads: number; readonly writes: number };
  readonly egressAllow: readonly string[];
  /**
   * Variables and files that feeds and channels may use as secrets, in addition to those that the settings
   * file itself names.
   */
  readonly secretsAllowed: { readonly env: readonly string[]; readonly files: readonly string[] };
  /** Reads a secret that a setting names: an environment variable, or the file that NAME_FILE names. */
  readonly secret: (name: string) => string | undefined;
  /** Reads a secret from a file. Returns undefined when the file does not exist. */
  readonly secretFile: (path: string) => string | undefined;
}
