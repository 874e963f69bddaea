// Made from schemas/ by "npm run generate". Do not edit.

/**
 * The settings of a hub. Secrets never stand here: a *_env key names an environment variable.
 */
export interface Settings {
  /**
   * With several processes only a higher revision reconciles differing settings.
   */
  revision?: number;
  hub?: {
    /**
     * Name of the hub.
     */
    title?: string;
    /**
     * How others reach it; absolute links are made from this.
     */
    url?: string;
    /**
     * Whom to ask.
     */
    contact?: string;
    /**
     * Contacts for vulnerability reports about this hub, served as /.well-known/security.txt (RFC 9116). Without them the hub answers 404 there.
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
     * IANA time zone of its people.
     */
    time_zone?: string;
    /**
     * Countries of the region: the hub looks after those that have no active member.
     *
     * Items: a country code of two capitals (ISO 3166-1)
     */
    region?: string[];
  };
  listen?: {
    /**
     * Address to listen on.
     */
    host?: string;
    /**
     * Port to listen on; 0 takes a free one.
     */
    port?: number;
    /**
     * TLS ends in a proxy named in limits.trusted_proxies.
     */
    behind_proxy?: boolean;
    /**
     * Seconds for which the hub goes on to answer after SIGTERM, unready already, so that a load balancer takes it out first. 5 behind a proxy, else 0.
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
       * Ask clients for a certificate. A registered certificate signs its account in.
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
   * Folder of the embedded store, the spool and keys.
   */
  data?: string;
  /**
   * Key file, made at first start.
   */
  master_key_file?: string;
  log?: {
    /**
     * Least level that is written.
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
     * Ceiling of limit, and the page when none is asked for.
     */
    page_limit?: number;
    /**
     * Takes the objects of a STIX bundle that is sent instead of an envelope, as some well-known clients do.
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
     * What happens to objects without a TLP marking.
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
     * strict: also refuses a property whose name is one letter away from one of the standard. standard: warnings never refuse.
     */
    validation?: 'strict' | 'standard';
    grants?: {
      /**
       * a receiver: public, account:NAME, member:NAME, clients:NAME (of that member), group:NAME or role:NAME
       */
      to: string;
      /**
       * May read.
       */
      read?: boolean;
      /**
       * May write, and delete what its own member put in.
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
     * Members that are not in it may know of it, and who is in.
     */
    listed?: boolean;
  }[];
  members?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
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
     * Items: a country code of two capitals (ISO 3166-1)
     */
    countries?: string[];
    /**
     * Items: Autonomous system number.
     */
    asns?: number[];
    /**
     * Items: Network in CIDR form.
     */
    networks?: string[];
    /**
     * Items: Domain.
     */
    domains?: string[];
    /**
     * Its own collection: true, or with a fixed id.
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
     * TAXII push: what concerns it is brought to its own server.
     */
    push?: {
      /**
       * Collection of its TAXII server.
       */
      url: string;
      /**
       * Account there.
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
     * New objects that it may put in a day (UTC); 0 = no limit.
     */
    objects_per_day?: number;
    /**
     * the member whose client it is (TLP:AMBER reaches clients, AMBER+STRICT does not)
     */
    parent?: string;
    /**
     * Wants a copy of what concerns somebody inside its networks and domains, or a client of it.
     */
    copies?: boolean;
    /**
     * Sectors that it answers for, in the words of STIX.
     */
    sectors?: string[];
    /**
     * Names that phishing uses against it.
     */
    brands?: string[];
  }[];
  accounts?: {
    /**
     * a name of a-z, 0-9 and hyphens, at most 63 characters
     */
    name: string;
    /**
     * What it may do.
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
     * Runs by its schedule.
     */
    enabled?: boolean;
    /**
     * Alias or id of the collection that it fills.
     */
    collection?: string;
    /**
     * a TLP 2.0 label
     */
    tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * Address, in place of the preset's.
     */
    url?: string;
    /**
     * Cron expression of 5 or 6 fields, or a schedule of the feed document.
     */
    schedule?: string | Schedule;
    document?: FeedDocument;
    /**
     * Confidence of its indicators, in place of the preset's.
     */
    confidence?: number;
    /**
     * Kinds of special addresses that are let in.
     */
    special_addresses_allowed?: string[];
    /**
     * Special domains that are let in.
     */
    special_domains_allowed?: string[];
  }[];
  limits?: {
    /**
     * Reads per key and second; 0 = no limit.
     */
    reads?: number;
    /**
     * Writes per key and second; 0 = no limit.
     */
    writes?: number;
    /**
     * New objects that a member may put in a day (UTC); 0 = no limit.
     */
    objects_per_day?: number;
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
     * Environment variables that feeds and channels may name as env:NAME.
     *
     * @maxItems 1000
     *
     * Items: Name of an environment variable.
     */
    env?: string[];
    /**
     * Files and folders that feeds and channels may name as file:PATH.
     *
     * @maxItems 1000
     *
     * Items: Path of a file or folder.
     */
    files?: string[];
  };
  egress?: {
    /**
     * Inner addresses that feeds and pushes may reach.
     *
     * Items: host:port
     */
    allow?: string[];
  };
  /**
   * How the hub sends mail.
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
     * Account at the server.
     */
    user?: string;
    /**
     * Environment variable with its password.
     */
    password_env?: string;
    /**
     * Hands mail over in the clear: for a server on this machine only.
     */
    insecure?: boolean;
  };
  /**
   * Who is told when a feed is not well.
   */
  alarms?: {
    /**
     * Addresses that are told.
     *
     * @maxItems 20
     */
    mail?: string[];
    /**
     * A receiver of Standard Webhooks.
     */
    webhook?: {
      url: string;
      /**
       * Environment variable with the secret that signs (whsec_… or any text).
       */
      secret_env: string;
    };
  };
  /**
   * What passes on by itself from one collection into another.
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
     * Types of STIX that pass.
     *
     * @minItems 1
     *
     * Items: a type of STIX
     */
    types?: string[];
    /**
     * One of these labels it must have.
     *
     * @minItems 1
     */
    labels?: string[];
    /**
     * Members, hub or feed:NAME whose objects pass.
     *
     * @minItems 1
     *
     * Items: a member, hub or feed:NAME
     */
    owners?: string[];
    /**
     * Nothing stricter passes.
     */
    max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  }[];
  /**
   * How people sign in.
   */
  sign_in?: {
    /**
     * Who needs a second factor: analysts and administrators of the hub, every person, or only people who set one up.
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
   * Largest delay after the slot, fixed per feed.
   */
  jitter_s?: number;
  /**
   * Shortest time between two fetches that the source allows.
   */
  min_interval_s?: number;
}
/**
 * A whole feed document, in place of a preset.
 */
export interface FeedDocument {
  /**
   * a name of a-z, 0-9 and hyphens, at most 63 characters
   */
  name: string;
  /**
   * Name for people.
   */
  title: string;
  /**
   * Who publishes it.
   */
  owner?: string;
  /**
   * Where to read about it.
   */
  homepage?: string;
  /**
   * Terms of use in a few words.
   */
  licence?: string;
  /**
   * When the address and terms were last checked, YYYY-MM-DD.
   */
  verified?: string;
  /**
   * What an operator must know before he uses it.
   */
  status?: string;
  /**
   * Runs by its schedule.
   */
  enabled?: boolean;
  /**
   * snapshot: the file is the whole truth, and what vanishes from it ends.
   */
  mode?: 'append' | 'snapshot';
  transport: {
    /**
     * How it comes: by HTTPS, as the files that an index names, from a collection of a TAXII 2.1, 2.0 or 1.1 server, as files in a folder of the hub's machine, as attachments in a mailbox, or sent to the hub's own API.
     */
    kind: 'https' | 'index' | 'taxii21' | 'taxii20' | 'taxii11' | 'folder' | 'imap' | 'upload';
    /**
     * Address. {{since}}, {{since_date}}, {{since_epoch}} and {{now}} stand for when the last run began, and for now. Of index: of the folder, or of the list of files. Of taxii21 and taxii20: of the collection, with or without objects/; of taxii11: of the poll service. Of imap: imaps://host/mailbox, or imap:// with STARTTLS.
     */
    url?: string;
    headers?: {
      [k: string]: string;
    };
    auth?: {
      /**
       * How it signs in. hmac signs the body of a POST (Shadowserver); oauth2 fetches a token by client credentials; certificate shows one of TLS.
       */
      kind: 'none' | 'basic' | 'bearer' | 'header' | 'query' | 'hmac' | 'oauth2' | 'certificate';
      /**
       * Name of the header (header, hmac) or of the parameter (query).
       */
      name?: string;
      /**
       * Account (basic), or id of the client (oauth2).
       */
      username?: string;
      /**
       * a reference env:NAME, file:PATH, or secret:NAME of a secret that the hub keeps
       */
      secret?: string;
      /**
       * Goes without when the secret is not there.
       */
      optional?: boolean;
      /**
       * oauth2: where tokens are given.
       */
      token_url?: string;
      /**
       * oauth2: what the token is for.
       */
      scope?: string;
      /**
       * certificate: file:PATH of the certificate chain (PEM). Its key is the secret.
       */
      certificate?: string;
      /**
       * hmac: reference of the key that is sent along in the body, as {{key}}.
       */
      key?: string;
    };
    /**
     * folder: where files are put. Each is read once.
     */
    path?: string;
    /**
     * folder, imap: names of files, with * and ?.
     */
    pattern?: string;
    /**
     * POST sends the body.
     */
    method?: 'GET' | 'POST';
    /**
     * Body of a POST.
     */
    body?: string;
    /**
     * file:PATH of the certificates (PEM) that are believed beside those of the system.
     */
    ca?: string;
    /**
     * taxii21: pages of one run.
     */
    max_pages?: number;
    /**
     * taxii21: objects a page.
     */
    page_limit?: number;
    /**
     * imap: who may send: addresses, or @domain. Mail of others is left alone.
     *
     * @minItems 1
     */
    senders?: string[];
    /**
     * imap: name of the mail server whose Authentication-Results header must say dkim=pass.
     */
    dkim_by?: string;
    /**
     * How far back the first run goes: in mail, in an index, and for {{since}}.
     */
    since_days?: number;
    /**
     * index: what names the files: manifest.json of a MISP feed; changes.csv, a ROLIE feed or provider-metadata.json of CSAF; the report list of Shadowserver's API.
     */
    index?: 'misp' | 'csaf' | 'shadowserver';
    /**
     * taxii11: name of the collection.
     */
    collection?: string;
    /**
     * The longest time from {{since}} to {{now}} that the source answers for; what is later comes with the next run.
     */
    window_days?: number;
    /**
     * https: answers that come in pages of JSON.
     */
    paging?: {
      /**
       * offset: parameter counts records; page: parameter counts pages, from 1; token: parameter takes what path of the last page says; next: path holds the address of the next page, on the same host; link: the Link header does.
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
       * Where in the page the next one is named (token, next), such as meta.next.
       */
      path?: string;
      /**
       * offset: where the page says how many records there are.
       */
      total?: string;
      /**
       * page: where the records are; a page with fewer than size is the last.
       */
      items?: string;
      /**
       * Seconds between two pages that the source asks for.
       */
      pause_s?: number;
    };
  };
  schedule: Schedule;
  parser: Parser;
  /**
   * How a row becomes objects: the first mapping that takes it, and those behind it where it says also. Empty for forms that need none.
   */
  map: Mapping[];
  time?: {
    /**
     * IANA zone of times without one.
     */
    zone?: string;
    /**
     * How times are written.
     */
    format?: 'iso' | 'day-first' | 'epoch' | 'epoch-ms' | 'rfc2822';
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
     * Who else may get it, by its licence.
     */
    redistribute?: 'yes' | 'members' | 'no';
    /**
     * Credit that the licence asks for.
     */
    credit?: string;
    /**
     * No row may be surer than this.
     */
    max_confidence?: number;
  };
  values?: {
    special_addresses_allowed?: string[];
    special_domains_allowed?: string[];
  };
  guards?: {
    /**
     * An empty file is a good file.
     */
    allow_empty?: boolean;
    /**
     * Share of entries that may vanish at once.
     */
    max_shrink?: number;
    /**
     * Share of rows that may be bad.
     */
    max_quarantine?: number;
  };
  /**
   * Makes an observable and a relationship beside each indicator.
   */
  observables?: boolean;
  /**
   * From bytes to text.
   */
  decode?: {
    /**
     * Of the file itself; told by its first bytes.
     */
    compression?: 'auto' | 'none' | 'gzip' | 'zip';
    /**
     * zip: name of the file in it, with * and ?; needed where there are several.
     */
    member?: string;
    /**
     * Of files without a byte order mark, such as windows-1252 or utf-16le.
     */
    charset?: string;
  };
  /**
   * snapshot: what becomes of an indicator that the file no longer names: valid_until is now, or it runs out by itself.
   */
  removal?: 'expire' | 'keep';
  /**
   * Rows that are left out, and why.
   */
  filter?: {
    when?: When;
    unless?: When;
    /**
     * Named in the counts of the run.
     */
    reason: string;
  }[];
  /**
   * What is done with values that stand on lists of what is no threat. Every feed drops what is public infrastructure or a member's own unless it says otherwise.
   */
  warninglists?: {
    /**
     * Name of a warning list.
     */
    list: string;
    /**
     * drop: no indicator; flag: a label; lower: half of the confidence, and a label; observe: told as something seen, which nobody blocks; ignore: nothing.
     */
    action?: 'drop' | 'flag' | 'lower' | 'observe' | 'ignore';
  }[];
  /**
   * Column whose values the mappings tell apart: a row that none of them takes goes to the quarantine, named by it. Without it such rows are left out.
   */
  unmatched?: string;
  /**
   * Columns that are added to a row by the value of one of its columns: one table instead of a mapping for every kind.
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
     * Said of a run that met values which the table does not have.
     */
    warning?: string;
  };
  /**
   * preset: one of those that a new hub is given by talanoa feed add --defaults.
   */
  default?: boolean;
  /**
   * preset: where its key is had.
   */
  needs_key?: string;
  /**
   * The feed keeps a warning list, in the place of the one of that name that ships with the hub, or a new one. Its mappings are list-entry.
   */
  warning_list?: {
    name: string;
    /**
     * How its entries are compared, as MISP has it.
     */
    type: 'cidr' | 'hostname' | 'string' | 'substring' | 'regex';
    /**
     * What every feed does about it that says nothing else. Lists of the hub keep theirs.
     */
    action?: 'drop' | 'flag' | 'lower' | 'observe' | 'ignore';
  };
}
export interface Parser {
  /**
   * Form of the file. lines: what pattern finds; hosts: a hosts file; rpz: a response policy zone; stix: a bundle or an envelope whose objects keep their ids, creators and markings; stix1: STIX 1.x in XML, also in TAXII 1.1 answers; misp: MISP events; otx: AlienVault OTX pulses; csaf: CSAF 2.0 advisories; iodef: IODEF v1 and v2. The last four need no map.
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
   * Between columns (csv) or behind the value (delimited: each character separates).
   */
  separator?: string;
  /**
   * Where the column names stand.
   */
  header?: 'none' | 'first' | 'last-comment' | 'auto';
  /**
   * Column names, where the file has none.
   */
  columns?: string[];
  /**
   * Texts that mean no value.
   */
  null?: string[];
  /**
   * Columns without which the file is refused.
   */
  required?: string[];
  /**
   * Blanks around a field are cut.
   */
  trim?: boolean;
  /**
   * first-last is taken for a range of addresses.
   */
  range?: boolean;
  /**
   * json: where the records are, such as $.data[*] or $.*[*] (the name becomes the column _key); xml: names of the elements from the root, such as feed/entry.
   */
  records?: string;
  ok_when?: When;
  /**
   * lines: a regular expression with named groups, which become columns; other lines are left out. In the syntax of RE2, so that no line can hold up the hub.
   */
  pattern?: string;
  /**
   * A regular expression (RE2) with named groups: what it finds in the name of the file becomes columns of each row.
   */
  file_name?: string;
  /**
   * Columns that are forgotten at once, such as passwords: they are not even kept of bad rows.
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
   * Where the source says how many records there are; a run in which others came says so. csv, delimited: a regular expression (RE2) with a group, for comments; json, ndjson: name of a property.
   */
  count?: string;
}
/**
 * Columns and the values of which one must stand there; * for any value, an empty text for none.
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
   * Kind of the value. file: hashes of one file, with commas between them.
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
   * Template: text with {column} or {column|filter} parts.
   */
  tlp?: string;
  /**
   * Template: text with {column} or {column|filter} parts.
   */
  malware?: string;
  /**
   * Template: where it gives a value, the source has taken the entry back, and the indicator is revoked.
   */
  gone?: string;
  indicator_types?: string[];
  /**
   * a duration such as P30D or PT12H
   */
  valid_for?: string;
  /**
   * What the row becomes. observation: something that was seen and is no reason to block it (observed-data); vulnerability: by its CVE id; report: what people read; enrichment: a note on vulnerabilities that stand in the collection, and no others. list-entry: an entry of the warning list that the feed keeps.
   */
  object?: 'indicator' | 'observation' | 'vulnerability' | 'report' | 'enrichment' | 'list-entry';
  /**
   * The mappings behind it are tried too: a row becomes several objects.
   */
  also?: boolean;
  /**
   * A row without the value is no bad row.
   */
  optional?: boolean;
  /**
   * observation: further values that it was seen by, where they are there and good.
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
   * observation: template of how often it was seen.
   */
  count?: string;
  /**
   * observation, report: template of the CVE ids that it tells of.
   */
  vulnerabilities?: string;
  /**
   * report: what it is (STIX 2.1 section 10.22).
   */
  report_types?: string[];
  /**
   * enrichment: templates of numbers from 0 to 1 that must be there.
   *
   * Items: Template: text with {column} or {column|filter} parts.
   */
  scores?: string[];
  /**
   * vulnerability: template of the time when its source made it.
   */
  created?: string;
  /**
   * vulnerability, report: template of the time when its source changed it.
   */
  modified?: string;
  /**
   * Where to read more. A template with several values gives several references.
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
