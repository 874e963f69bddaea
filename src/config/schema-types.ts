// Made from schemas/ by "npm run generate". Do not edit.

/**
 * The settings of a hub. They contain no secrets: a *_env key names an environment variable.
 */
export interface Settings {
  /**
   * With several processes, only a higher revision replaces different settings.
   */
  revision?: number;
  hub?: {
    /**
     * Name of the hub.
     */
    title?: string;
    /**
     * Public address of the hub, which absolute links use.
     */
    url?: string;
    /**
     * Contact.
     */
    contact?: string;
    /**
     * The level of validation of collections that have none of their own.
     */
    validation?: 'strict' | 'standard' | 'tolerant';
    /**
     * Contacts for vulnerability reports about this hub, served as /.well-known/security.txt (RFC 9116). Without them the hub returns 404 there.
     */
    security?: {
      /**
       * The preferred contact first.
       *
       * @minItems 1
       * @maxItems 10
       *
       * Items: a mailto:, https: or tel: address
       */
      contacts: string[];
      /**
       * https: address of the disclosure policy
       */
      policy?: string;
      /**
       * address of the key for encrypted reports
       */
      encryption?: string;
      /**
       * Languages in which you accept reports.
       *
       * @maxItems 20
       *
       * Items: a language tag such as en
       */
      languages?: string[];
    };
    /**
     * IANA time zone in which emails, pages and commands show times. A channel can have its own zone, and commands prefer the `TZ` of the reader.
     */
    time_zone?: string;
    /**
     * Language of pages for people who have not chosen one, and whose browser asks for none that the hub has.
     */
    language?: 'en' | 'fr';
    /**
     * Countries of the region. The hub covers those without an active member.
     *
     * Items: a country code of two uppercase letters (ISO 3166-1)
     */
    region?: string[];
  };
  listen?: {
    /**
     * Address to listen on.
     */
    host?: string;
    /**
     * Port to listen on. 0 selects a free port.
     */
    port?: number;
    /**
     * TLS ends in a proxy named in limits.trusted_proxies.
     */
    behind_proxy?: boolean;
    /**
     * Seconds for which the hub continues to answer after SIGTERM, while it reports that it is not ready, so that a load balancer can remove it first. 5 behind a proxy, otherwise 0.
     */
    drain_s?: number;
    tls?: {
      /**
       * PEM file.
       */
      cert_file: string;
      /**
       * PEM file.
       */
      key_file: string;
      /**
       * Requests a certificate from clients. A client with a registered certificate is signed in to the account of the certificate.
       */
      client_certificates?: {
        /**
         * PEM file with the authorities that issue client certificates. Without it every registered key is accepted, including keys of self-signed certificates.
         */
        ca_file?: string;
      };
    };
    /**
     * Header in which the proxies in limits.trusted_proxies pass the client's certificate (RFC 9440, or escaped PEM).
     */
    client_certificate_header?: string;
  };
  /**
   * Folder of the database, the spool and the master key.
   */
  data?: string;
  /**
   * Master key file, created at the first start.
   */
  master_key_file?: string;
  log?: {
    /**
     * Minimum level of log entries.
     */
    level?: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  };
  api_roots?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    path: string;
    /**
     * Title.
     */
    title?: string;
    /**
     * Description.
     */
    description?: string;
    /**
     * Bytes of a request body.
     */
    max_content_length?: number;
    /**
     * Maximum of limit, and the default page size.
     */
    page_limit?: number;
    /**
     * Accepts a STIX bundle instead of an envelope, as some well-known clients send it.
     */
    unwrap_bundles?: boolean;
  }[];
  collections?: {
    /**
     * a random (version 4) UUID in lower case
     */
    id: string;
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    api_root: string;
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    alias?: string;
    /**
     * Title.
     */
    title: string;
    /**
     * Description.
     */
    description?: string;
    /**
     * How to treat objects without a TLP marking.
     */
    unmarked?: 'default' | 'refuse';
    /**
     * a TLP 2.0 label
     */
    default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * a TLP 2.0 label
     */
    min_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * a TLP 2.0 label
     */
    max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * Specification versions that are stored.
     *
     * @minItems 1
     */
    accept?: ('2.0' | '2.1')[];
    /**
     * tolerant: accepts deviations from STIX 2.1 that widely used producers emit, with a finding. standard: refuses what the standard refuses. strict: also refuses a property whose name differs by one letter from a standard property. Without it, the setting hub.validation applies.
     */
    validation?: 'strict' | 'standard' | 'tolerant';
    grants?: {
      /**
       * a receiver: public, account:NAME, member:NAME, clients:NAME (of that member), group:NAME or role:NAME
       */
      to: string;
      /**
       * Permission to read.
       */
      read?: boolean;
      /**
       * Permission to write, and to delete objects that the member of the account submitted.
       */
      write?: boolean;
    }[];
  }[];
  groups?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    name: string;
    /**
     * Title.
     */
    title?: string;
    /**
     * Items: a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    members?: string[];
    /**
     * Other members can see the group and its members.
     */
    listed?: boolean;
  }[];
  members?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters. Names that the member chooses for its accounts and lists begin with it, so choose a short one
     */
    name: string;
    /**
     * Title.
     */
    title?: string;
    /**
     * Kind of organisation.
     */
    kind?: string;
    /**
     * Only active members read, write and receive.
     */
    status?: 'active' | 'paused' | 'former';
    /**
     * Items: the identifier of an identity
     */
    identities?: string[];
    /**
     * Items: a country code of two uppercase letters (ISO 3166-1)
     */
    countries?: string[];
    /**
     * Items: Autonomous system number.
     */
    asns?: number[];
    /**
     * Items: Network in CIDR notation.
     */
    networks?: string[];
    /**
     * Items: Domain.
     */
    domains?: string[];
    /**
     * The member's own collection: true, or with a fixed id.
     */
    collection?:
      | boolean
      | {
          /**
           * a random (version 4) UUID in lower case
           */
          id: string;
          /**
           * a name of a-z, 0-9 and hyphens, at most 63 characters
           */
          api_root?: string;
        };
    /**
     * TAXII push of objects that affect the member to its own server.
     */
    push?: {
      /**
       * Collection of the member's TAXII server.
       */
      url: string;
      /**
       * User name at the destination.
       */
      username?: string;
      /**
       * the name of an environment variable
       */
      password_env?: string;
      /**
       * the name of an environment variable
       */
      key_env?: string;
    };
    /**
     * Maximum number of new objects per day (UTC). 0 means unlimited.
     */
    objects_per_day?: number;
    /**
     * the member whose client it is (TLP:AMBER reaches clients, AMBER+STRICT does not)
     */
    parent?: string;
    /**
     * The member receives copies of objects that match more specific claims of others inside its networks and domains, or of its clients.
     */
    copies?: boolean;
    /**
     * Sectors of the member, from the STIX vocabulary.
     */
    sectors?: string[];
    /**
     * Brands that phishing imitates.
     */
    brands?: string[];
  }[];
  accounts?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    name: string;
    /**
     * Rights.
     */
    role: 'administrator' | 'analyst' | 'officer' | 'machine';
    /**
     * A person.
     */
    person?: boolean;
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    member?: string;
    /**
     * a TLP 2.0 label
     */
    default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * the name of an environment variable
     */
    key_env?: string;
    /**
     * the name of an environment variable
     */
    password_env?: string;
    /**
     * SHA-256 fingerprints of the public keys of its client certificates, in hexadecimal.
     *
     * @maxItems 10
     *
     * Items: a SHA-256 fingerprint of 64 hexadecimal digits in lower case
     */
    client_certificates?: string[];
    /**
     * Email address for security notices. It takes effect after the person has confirmed it.
     */
    email?: string;
    /**
     * The link of the account to the sign-in provider.
     */
    single_sign_on?: {
      /**
       * The provider's identifier for the person (claim sub).
       */
      subject?: string;
      /**
       * Verified email address that matches the account at the first sign-in.
       */
      email?: string;
    };
  }[];
  /**
   * Items: A feed.
   */
  feeds?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    name: string;
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    preset?: string;
    /**
     * True when the feed runs on its schedule.
     */
    enabled?: boolean;
    /**
     * Alias or id of the collection to fill.
     */
    collection?: string;
    /**
     * a TLP 2.0 label
     */
    tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * URL, instead of that of the preset.
     */
    url?: string;
    /**
     * Cron expression of 5 or 6 fields, or a schedule of the feed document.
     */
    schedule?: string | Schedule;
    document?: FeedDocument;
    /**
     * Confidence of its indicators, instead of that of the preset.
     */
    confidence?: number;
    life?: Life;
    /**
     * Kinds of special addresses to accept.
     */
    special_addresses_allowed?: string[];
    /**
     * Special domains to accept.
     */
    special_domains_allowed?: string[];
  }[];
  life?: Life;
  limits?: {
    /**
     * Read requests per second and account. 0 means unlimited.
     */
    reads?: number;
    /**
     * Write requests per second and account. 0 means unlimited.
     */
    writes?: number;
    /**
     * Maximum number of new objects per member and day (UTC). 0 means unlimited.
     */
    objects_per_day?: number;
    /**
     * Days after which entries of the audit log are removed. 0 means never.
     */
    audit_days?: number;
    /**
     * Maximum number of connections at the same time.
     */
    connections?: number;
    /**
     * Maximum number of connections from one IPv4 address or IPv6 /64.
     */
    connections_per_address?: number;
    /**
     * Items: Address of a proxy.
     */
    trusted_proxies?: string[];
  };
  /**
   * Secrets that feeds and channels may use, in addition to those that this file itself names.
   */
  secrets?: {
    /**
     * Environment variables that feeds and channels can use as env:NAME.
     *
     * @maxItems 1000
     *
     * Items: Name of an environment variable.
     */
    env?: string[];
    /**
     * Files and folders that feeds and channels can use as file:PATH.
     *
     * @maxItems 1000
     *
     * Items: Path of a file or folder.
     */
    files?: string[];
  };
  egress?: {
    /**
     * Internal addresses that feeds and channels may connect to.
     *
     * Items: host:port
     */
    allow?: string[];
  };
  /**
   * How the hub sends email.
   */
  mail?: {
    /**
     * smtp://host:port (STARTTLS) or smtps://host:port.
     */
    server: string;
    /**
     * Address of the sender.
     */
    from: string;
    /**
     * User name at the server.
     */
    user?: string;
    /**
     * Environment variable with its password.
     */
    password_env?: string;
    /**
     * Sends email without encryption. Use it only for a server on this machine.
     */
    insecure?: boolean;
  };
  /**
   * Recipients of alerts about feeds.
   */
  alarms?: {
    /**
     * Email addresses that receive alerts.
     *
     * @maxItems 20
     *
     * Items: an email address without a name
     */
    mail?: string[];
    /**
     * A receiver of Standard Webhooks.
     */
    webhook?: {
      /**
       * a URL that begins with https:// or http://
       */
      url: string;
      /**
       * Environment variable with the signing secret (whsec_… or any text).
       */
      secret_env: string;
    };
  };
  /**
   * A rule that forwards objects from one collection to another.
   */
  rules?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    name: string;
    /**
     * A collection, by id or alias.
     */
    from: string;
    /**
     * A collection, by id or alias.
     */
    to: string;
    /**
     * STIX types to forward.
     *
     * @minItems 1
     *
     * Items: a STIX type
     */
    types?: string[];
    /**
     * Labels, one of which must match.
     *
     * @minItems 1
     */
    labels?: string[];
    /**
     * Owners whose objects the rule forwards: members, hub or feed:NAME.
     *
     * @minItems 1
     *
     * Items: a member, hub or feed:NAME
     */
    owners?: string[];
    /**
     * Maximum TLP of forwarded objects.
     */
    max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  }[];
  /**
   * How people sign in.
   */
  sign_in?: {
    /**
     * People who need a second factor: analysts and administrators of the hub, every person, or only people who set one up.
     */
    second_factor?: 'staff' | 'everyone' | 'optional';
    /**
     * Single sign-on with an OpenID Connect provider.
     */
    oidc?: {
      /**
       * The provider's issuer identifier, exactly as in its tokens.
       */
      issuer: string;
      client_id: string;
      /**
       * the name of an environment variable
       */
      client_secret_env?: string;
      /**
       * The name of the provider on the sign-in page.
       */
      title?: string;
      /**
       * Values in ID tokens that count as a second factor.
       */
      second_factor?: {
        /**
         * @maxItems 20
         */
        acr?: string[];
        /**
         * @maxItems 20
         */
        amr?: string[];
      };
    };
  };
}
export interface Schedule {
  /**
   * Cron expression of 5 or 6 fields.
   */
  cron: string;
  /**
   * IANA time zone.
   */
  zone?: string;
  /**
   * Maximum delay after the scheduled time, fixed per feed.
   */
  jitter_s?: number;
  /**
   * Minimum interval between two fetches that the source allows.
   */
  min_interval_s?: number;
}
/**
 * A complete feed document, instead of a preset.
 */
export interface FeedDocument {
  /**
   * a name of a-z, 0-9 and hyphens, at most 63 characters
   */
  name: string;
  /**
   * Title for display.
   */
  title: string;
  /**
   * Publisher.
   */
  owner?: string;
  /**
   * Web page about it.
   */
  homepage?: string;
  /**
   * Terms of use in a few words.
   */
  licence?: string;
  /**
   * Day of the last check of address and terms, YYYY-MM-DD.
   */
  verified?: string;
  /**
   * Notes for operators before they use it.
   */
  status?: string;
  /**
   * True when the feed runs on its schedule.
   */
  enabled?: boolean;
  /**
   * snapshot: the file contains the whole list, and entries that disappear end. append: the file contains new entries.
   */
  mode?: 'append' | 'snapshot';
  transport: {
    /**
     * How the source is fetched: over HTTPS, as files that an index names, from a collection of a TAXII 2.1, 2.0 or 1.1 server, from a folder on the hub's machine, from attachments in a mailbox, or uploaded through the API.
     */
    kind: 'https' | 'index' | 'taxii21' | 'taxii20' | 'taxii11' | 'folder' | 'imap' | 'upload';
    /**
     * Address. {{since}}, {{since_date}} and {{since_epoch}} are replaced with the start of the last run, {{now}} with the current time. index: URL of the folder or of the list of files. taxii21, taxii20: URL of the collection, with or without objects/. taxii11: URL of the poll service. imap: imaps://host/mailbox, or imap:// with STARTTLS.
     */
    url?: string;
    headers?: {
      [k: string]: string;
    };
    auth?: {
      /**
       * Authentication. query adds the secret as a parameter; path replaces {{key}} in the URL with it; hmac signs the body of a POST (Shadowserver); oauth2 fetches a token with client credentials; certificate is a TLS client certificate.
       */
      kind: 'none' | 'basic' | 'bearer' | 'header' | 'query' | 'path' | 'hmac' | 'oauth2' | 'certificate';
      /**
       * Name of the header (header, hmac) or of the parameter (query).
       */
      name?: string;
      /**
       * Account (basic), or id of the client (oauth2).
       */
      username?: string;
      /**
       * a reference env:NAME, file:PATH, or secret:NAME of a secret that the hub stores
       */
      secret?: string;
      /**
       * The feed runs without authentication if the secret is missing.
       */
      optional?: boolean;
      /**
       * oauth2: address of the token endpoint.
       */
      token_url?: string;
      /**
       * oauth2: scope of the token.
       */
      scope?: string;
      /**
       * certificate: file:PATH of the certificate chain (PEM). The secret is its private key.
       */
      certificate?: string;
      /**
       * hmac: reference of the key that is sent in the body as {{key}}.
       */
      key?: string;
    };
    /**
     * folder: path of the folder. Each file is read once.
     */
    path?: string;
    /**
     * folder, imap: file names, with * and ?.
     */
    pattern?: string;
    /**
     * HTTP method. POST sends the body.
     */
    method?: 'GET' | 'POST';
    /**
     * Body of a POST.
     */
    body?: string;
    /**
     * file:PATH of certificates (PEM) that are trusted in addition to those of the system.
     */
    ca?: string;
    /**
     * taxii21: maximum number of pages per run.
     */
    max_pages?: number;
    /**
     * taxii21: objects per page.
     */
    page_limit?: number;
    /**
     * imap: allowed senders: addresses, or @domain. Emails from others are ignored.
     *
     * @minItems 1
     */
    senders?: string[];
    /**
     * imap: name of the mail server whose Authentication-Results header must contain dkim=pass.
     */
    dkim_by?: string;
    /**
     * How far back the first run goes, for emails, an index and {{since}}.
     */
    since_days?: number;
    /**
     * index: kind of the index: manifest.json of a MISP feed; changes.csv, a ROLIE feed or provider-metadata.json of CSAF; the report list of Shadowserver's API.
     */
    index?: 'misp' | 'csaf' | 'shadowserver';
    /**
     * taxii11: name of the collection.
     */
    collection?: string;
    /**
     * The longest period from {{since}} to {{now}} that the source accepts. The next run fetches later entries.
     */
    window_days?: number;
    /**
     * https: responses in pages of JSON.
     */
    paging?: {
      /**
       * offset: parameter counts records; page: parameter counts pages, from 1; token: parameter is the value at path in the previous page; next: path contains the address of the next page, on the same host; link: the Link header contains it.
       */
      kind: 'offset' | 'page' | 'token' | 'next' | 'link';
      /**
       * Name of the parameter in the address (offset, page, token).
       */
      parameter?: string;
      /**
       * Name of the parameter for the size of a page.
       */
      size_parameter?: string;
      size?: number;
      /**
       * Path of the next page or token in the page, such as meta.next.
       */
      path?: string;
      /**
       * offset: path of the total number of records in the page.
       */
      total?: string;
      /**
       * page: path of the records. A page with fewer than size records is the last one.
       */
      items?: string;
      /**
       * Seconds between two pages, as the source requires.
       */
      pause_s?: number;
    };
  };
  schedule: Schedule;
  parser: Parser;
  /**
   * Mappings from rows to objects. The first mapping that matches is used, and the next ones with also. Empty for formats that need none.
   */
  map: Mapping[];
  time?: {
    /**
     * IANA time zone of times without a zone.
     */
    zone?: string;
    /**
     * Format of times. `rfc2822` also reads ISO 8601, because feeds mix both. `any` reads every unambiguous format, which excludes dates such as 03/04/2026.
     */
    format?: 'iso' | 'day-first' | 'month-first' | 'epoch' | 'epoch-ms' | 'rfc2822' | 'any';
  };
  defaults: {
    /**
     * a TLP 2.0 label
     */
    tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * Confidence of an indicator.
     */
    confidence: number;
    /**
     * a duration such as P30D or PT12H
     */
    valid_for: string;
    indicator_types?: string[];
    /**
     * To whom the licence allows redistribution.
     */
    redistribute?: 'yes' | 'members' | 'no';
    /**
     * Attribution that the licence requires.
     */
    credit?: string;
    /**
     * Maximum confidence.
     */
    max_confidence?: number;
  };
  values?: {
    special_addresses_allowed?: string[];
    special_domains_allowed?: string[];
  };
  guards?: {
    /**
     * An empty file is valid.
     */
    allow_empty?: boolean;
    /**
     * Maximum share of entries that may disappear at once.
     */
    max_shrink?: number;
    /**
     * Maximum share of bad rows.
     */
    max_quarantine?: number;
  };
  /**
   * Creates an observable and a relationship for each indicator.
   */
  observables?: boolean;
  /**
   * Compression and character set.
   */
  decode?: {
    /**
     * Compression of the file, which is detected by its first bytes.
     */
    compression?: 'auto' | 'none' | 'gzip' | 'zip';
    /**
     * zip: name of the file in the archive, with * and ?. Required if there are several.
     */
    member?: string;
    /**
     * Character set of files without a byte order mark, such as windows-1252 or utf-16le.
     */
    charset?: string;
  };
  /**
   * snapshot: whether an indicator that disappears from the file ends now (valid_until), or stays valid until it expires.
   */
  removal?: 'expire' | 'keep';
  /**
   * Filters that skip rows, with their reasons.
   */
  filter?: {
    when?: When;
    unless?: When;
    /**
     * Reason, which the run counts.
     */
    reason: string;
  }[];
  /**
   * Actions for values on warning lists. By default, feeds drop public infrastructure and label networks of members.
   */
  warninglists?: {
    /**
     * Name of a warning list.
     */
    list: string;
    /**
     * drop: no indicator; flag: a label; lower: half the confidence, and a label; observe: an observation, which nobody blocks; ignore: no change.
     */
    action?: 'drop' | 'flag' | 'lower' | 'observe' | 'ignore';
  }[];
  /**
   * Column that distinguishes kinds of rows. Rows that match no mapping go to the quarantine with its value. Without it they are skipped.
   */
  unmatched?: string;
  /**
   * Tables that add columns to a row, selected by the value of one column.
   */
  lookup?: {
    column: string;
    table: {
      [k: string]: {
        [k: string]: string;
      };
    };
    default?: {
      [k: string]: string;
    };
    /**
     * Note of a run that found values which are not in the table.
     */
    warning?: string;
  };
  /**
   * preset: created by talanoa feed create --defaults.
   */
  default?: boolean;
  life?: Life;
  /**
   * preset: where to get a key.
   */
  needs_key?: string;
  /**
   * The feed updates a warning list: it replaces the shipped list with this name, or adds a new one. Its mappings have the object list-entry.
   */
  warning_list?: {
    name: string;
    /**
     * How entries are compared, as defined by MISP.
     */
    type: 'cidr' | 'hostname' | 'string' | 'substring' | 'regex';
    /**
     * The default action of all feeds. Lists of the hub keep their own.
     */
    action?: 'drop' | 'flag' | 'lower' | 'observe' | 'ignore';
  };
}
export interface Parser {
  /**
   * Format of the file. lines: the matches of pattern; hosts: a hosts file; rpz: a response policy zone; stix: a bundle or an envelope whose objects keep their ids, creators and markings; stix1: STIX 1.x in XML, also in TAXII 1.1 responses; misp: MISP events; otx: AlienVault OTX pulses; csaf: CSAF 2.0 advisories; iodef: IODEF v1 and v2. The last five need no map.
   */
  kind:
    | 'csv'
    | 'delimited'
    | 'lines'
    | 'hosts'
    | 'rpz'
    | 'json'
    | 'ndjson'
    | 'xml'
    | 'stix'
    | 'stix1'
    | 'misp'
    | 'otx'
    | 'csaf'
    | 'iodef';
  comment?: string[];
  /**
   * Separator of columns (csv), or characters that end the value (delimited).
   */
  separator?: string;
  /**
   * Where the column names are.
   */
  header?: 'none' | 'first' | 'last-comment' | 'auto';
  /**
   * Column names, if the file has none. json: names of the columns of records that are lists.
   */
  columns?: string[];
  /**
   * json: path of the list with the names of the columns, such as result.columns, for records that are lists. It precedes the records.
   */
  columns_at?: string;
  /**
   * Texts that mean an empty value.
   */
  null?: string[];
  /**
   * Required columns. A file without them is refused.
   */
  required?: string[];
  /**
   * Spaces around a field are removed.
   */
  trim?: boolean;
  /**
   * delimited: every field of a line is a value of its own, for lists in one line.
   */
  each?: boolean;
  /**
   * first-last is a range of addresses.
   */
  range?: boolean;
  /**
   * json: path of the records, such as $.data[*] or $.*[*] (the name becomes the column _key); xml: names of the elements from the root, such as feed/entry.
   */
  records?: string;
  ok_when?: When;
  /**
   * lines: a regular expression (RE2 syntax) with named groups, which become columns. Other lines are skipped. If comment is set, they are bad rows.
   */
  pattern?: string;
  /**
   * A regular expression (RE2) with named groups: what it finds in the name of the file becomes columns of each row.
   */
  file_name?: string;
  /**
   * Columns to remove at once, such as passwords. They are not stored for bad rows either.
   */
  drop?: string[];
  /**
   * json, ndjson: lists whose members are named by one of their properties: {"descriptions": "lang"} makes descriptions.en.value a column.
   */
  name_members?: {
    [k: string]: string;
  };
  /**
   * iodef v1: categories of the systems of a watch list that become indicators.
   */
  watch_roles?: string[];
  /**
   * misp: only attributes that are meant for detection become indicators.
   */
  to_ids_only?: boolean;
  /**
   * Where the source states the number of records. A run whose files state another number, or none, is suspect. csv, delimited: a regular expression (RE2) with a group, for comments; json, ndjson: name of a property.
   */
  count?: string;
  /**
   * csv, delimited: a regular expression (RE2) for the comment at the end of a complete file. A run whose files do not have it is suspect.
   */
  end?: string;
}
/**
 * Columns with their accepted values. * matches any value, an empty text matches an empty column.
 */
export interface When {
  [k: string]: string[];
}
export interface Mapping {
  when?: When;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  value: string;
  /**
   * Type of the value. file: hashes of one file, separated by commas.
   */
  type?:
    | 'ip'
    | 'cidr'
    | 'domain'
    | 'url'
    | 'email'
    | 'hash'
    | 'file'
    | 'endpoint'
    | 'asn'
    | 'auto'
    | 'certificate'
    | 'mac'
    | 'mutex'
    | 'regkey';
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  name?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  description?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  valid_from?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  last_seen?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  valid_until?: string;
  /**
   * Items: Template: text with {column} or {column|filter} parts.
   */
  labels?: string[];
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  confidence?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  country?: string;
  /**
   * Template of the TLP level. The strictest of its values and of the labels in the row counts.
   */
  tlp?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  malware?: string;
  /**
   * Template. If it produces a value, the source has withdrawn the entry, and the indicator is revoked.
   */
  gone?: string;
  indicator_types?: string[];
  /**
   * a duration such as P30D or PT12H
   */
  valid_for?: string;
  /**
   * The kind of object. observation: something that was seen, and that tools should not block for this reason alone (observed-data); vulnerability: identified by its CVE id; report: a text for people; enrichment: a note on vulnerabilities that the collection contains; list-entry: an entry of the warning list that the feed updates.
   */
  object?: 'indicator' | 'observation' | 'vulnerability' | 'report' | 'enrichment' | 'list-entry';
  /**
   * The next mappings are tried too, so that a row can become several objects.
   */
  also?: boolean;
  /**
   * A row without the value is skipped instead of being a bad row.
   */
  optional?: boolean;
  /**
   * observation: more values that were seen. Missing and invalid ones are skipped.
   */
  observables?: {
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    value: string;
    type:
      | 'ip'
      | 'cidr'
      | 'domain'
      | 'url'
      | 'email'
      | 'hash'
      | 'file'
      | 'endpoint'
      | 'asn'
      | 'auto'
      | 'certificate'
      | 'mac'
      | 'mutex'
      | 'regkey';
  }[];
  /**
   * observation: the connection that was seen.
   */
  traffic?: {
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    source?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    source_port?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    destination?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    destination_port?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    protocol?: string;
  };
  /**
   * observation: template of the number of sightings.
   */
  count?: string;
  /**
   * observation, report: template of the CVE ids that it names.
   */
  vulnerabilities?: string;
  /**
   * report: type of the report (STIX 2.1 section 10.22).
   */
  report_types?: string[];
  /**
   * enrichment: templates of required numbers from 0 to 1.
   *
   * Items: Template: text with {column} or {column|filter} parts.
   */
  scores?: string[];
  /**
   * vulnerability: template of the creation time at the source.
   */
  created?: string;
  /**
   * vulnerability, report: template of the modification time at the source.
   */
  modified?: string;
  /**
   * External references. A template with several values creates several references.
   */
  references?: {
    /**
     * Source.
     */
    source_name: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    url?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    external_id?: string;
    /**
     * Template: text with {column} or {column|filter} parts.
     */
    description?: string;
  }[];
}
export interface Life {
  ip?: LifeOfType;
  url?: LifeOfType;
  domain?: LifeOfType;
  email?: LifeOfType;
  hash?: LifeOfType;
  certificate?: LifeOfType;
  pattern?: LifeOfType;
}
export interface LifeOfType {
  /**
   * Days after which a value expires if its producer does not say when.
   */
  days?: number;
  /**
   * Speed of the decay. With 1 the score falls evenly. The higher it is, the faster the score falls at first.
   */
  decay?: number;
  /**
   * Score below which a value expires.
   */
  threshold?: number;
}
