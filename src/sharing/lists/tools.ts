/** How one tool is connected to a list. The fields have the names that people see in the tool. */
export interface ListTool {
  readonly name: string;
  readonly title: string;
  readonly format: string;
  /** Where the tool fetches: `/lists` by default, or the folders with whole events at `/misp`. */
  readonly outlet?: 'lists' | 'misp';
  /** The address of the service, for a tool that the hub sends to through a channel. Absent for tools that fetch. */
  readonly pushed?: string;
  /** Filters that the tool needs, such as `limit=20000`. */
  readonly filters?: string;
  /** Where the settings are in the tool. */
  readonly place: string;
  readonly fields: readonly {
    readonly name: string;
    /** `URL`, `ACCOUNT` and `KEY` are replaced, and for tools that the hub sends to also `COLLECTION` and `MEMBER`. */
    readonly value: string;
  }[];
  readonly limits: readonly string[];
  /** A command or a configuration that does everything, where the tool has one. */
  readonly script?: string;
}

const BASIC = [
  { name: 'User name', value: 'ACCOUNT' },
  { name: 'Password', value: 'KEY' },
] as const;
const NO_KEY_IN_HISTORY = 'Keep the key in a file that only root can read.';

/** Returns the command that writes the list to a file. */
const download = (file: string): string => `curl --fail --silent --user "ACCOUNT:KEY" "URL" --output ${file}`;

/**
 * Returns the command that replaces a file with the list, and then has the tool read it. A download that fails leaves
 * the file as it was, and no tool reads a file that is half written.
 */
function replacing(file: string, reload?: string): string {
  const beside = file.replace(/\.\w+$/, '.new');
  return [download(beside), `mv ${beside} ${file}`, ...(reload === undefined ? [] : [reload])].join(' && ');
}

/** The tools that `talanoa connect` describes. */
export const LIST_TOOLS: readonly ListTool[] = [
  {
    name: 'paloalto',
    title: 'Palo Alto Networks: external dynamic list',
    format: 'edl-ip',
    place: 'Objects > External Dynamic Lists > Add',
    fields: [
      { name: 'Type', value: 'IP List' },
      { name: 'Source', value: 'URL' },
      { name: 'Client Authentication: Username', value: 'ACCOUNT' },
      { name: 'Client Authentication: Password', value: 'KEY' },
      { name: 'Check for updates', value: 'Five Minute' },
    ],
    limits: [
      'The number of entries depends on the model. See "List Capacities" on the device. Entries count only while a rule uses the list.',
      'If authentication fails, the firewall stops enforcing the list. Rotate the key before it expires.',
      'For domains and URLs, add lists of the types Domain List (edl-domain) and URL List (edl-url).',
    ],
  },
  {
    name: 'fortigate',
    title: 'FortiGate: external resource',
    format: 'fortigate',
    place: 'Security Fabric > External Connectors > Create New > IP Address',
    fields: [
      { name: 'Update method', value: 'External Feed' },
      { name: 'URL of external resource', value: 'URL' },
      { name: 'HTTP basic authentication', value: 'on' },
      ...BASIC,
      { name: 'Refresh rate', value: '5 minutes' },
    ],
    limits: [
      'Up to FortiOS 7.4.3 a list has at most 131,072 entries and 10 MB. Later versions count all lists together, and the last list loses.',
      'For domains, use a connector of the kind Domain Name with "types=domain" in the URL.',
    ],
  },
  {
    name: 'opnsense',
    title: 'OPNsense and pfSense: URL table alias',
    format: 'opnsense',
    place: 'Firewall > Aliases > Add, of the type URL Table (IPs)',
    fields: [
      { name: 'Content', value: 'URL' },
      { name: 'Authentication', value: 'Basic' },
      ...BASIC,
      { name: 'Refresh frequency', value: '0 days, 1 hour (pfSense: 1 day)' },
    ],
    limits: ['The alias is loaded only when a rule uses it.'],
  },
  {
    name: 'nftables',
    title: 'Linux: nftables',
    format: 'nftables',
    place: 'A script that cron or a systemd timer runs every five minutes',
    fields: [{ name: 'Sets', value: 'block4 and block6 of the table inet talanoa' }],
    limits: [
      'The script fills the sets, and you add the rules that use them, in a table of your own or in the same table.',
      NO_KEY_IN_HISTORY,
    ],
    script: `${download('/run/talanoa.nft')} && nft -f /run/talanoa.nft`,
  },
  {
    name: 'mikrotik',
    title: 'MikroTik RouterOS: address list',
    format: 'mikrotik',
    filters: 'limit=20000',
    place: 'System > Scheduler, every hour',
    fields: [{ name: 'Address list', value: 'talanoa' }],
    limits: ['Small routers hold about 20,000 entries. Raise "limit" on larger ones.'],
    script:
      '/tool fetch url="URL" user="ACCOUNT" password="KEY" dst-path=talanoa.rsc; :delay 2s; /import file-name=talanoa.rsc',
  },
  {
    name: 'bind',
    title: 'BIND: response policy zone',
    format: 'rpz',
    place: 'named.conf, and a script that cron or a systemd timer runs every five minutes',
    fields: [
      { name: 'options', value: 'response-policy { zone "rpz.talanoa"; };' },
      {
        name: 'zone',
        value:
          'zone "rpz.talanoa" { type primary; file "rpz.talanoa"; allow-query { none; }; allow-transfer { none; }; };',
      },
    ],
    limits: ['The zone contains all values. Allow nobody to query or transfer it.', NO_KEY_IN_HISTORY],
    script: replacing('/var/cache/bind/rpz.talanoa', 'rndc reload rpz.talanoa'),
  },
  {
    name: 'unbound',
    title: 'Unbound: local zones',
    format: 'unbound',
    place: 'unbound.conf, and a script that cron or a systemd timer runs every five minutes',
    fields: [{ name: 'include', value: '/etc/unbound/talanoa.conf' }],
    limits: ['Unbound reads the list again with each reload.', NO_KEY_IN_HISTORY],
    script: replacing('/etc/unbound/talanoa.conf', 'unbound-control reload'),
  },
  {
    name: 'pihole',
    title: 'Pi-hole and AdGuard Home: block list',
    format: 'adguard',
    place: 'Lists > Add blocklist (Pi-hole), Filters > DNS blocklists (AdGuard Home)',
    fields: [{ name: 'Address', value: 'URL' }],
    limits: [
      'These tools send no credentials. Use a collection that the public may read, or fetch the list with a script.',
    ],
  },
  {
    name: 'suricata',
    title: 'Suricata: rules',
    format: 'suricata',
    place: 'suricata.yaml, and a script that cron or a systemd timer runs every hour',
    fields: [{ name: 'rule-files', value: '- talanoa.rules' }],
    limits: ['At most 50,000 rules: those with the highest confidence.', NO_KEY_IN_HISTORY],
    script: replacing('/var/lib/suricata/rules/talanoa.rules', 'suricatasc -c reload-rules'),
  },
  {
    name: 'zeek',
    title: 'Zeek: intelligence framework',
    format: 'zeek',
    place: 'local.zeek, and a script that cron or a systemd timer runs every hour',
    fields: [
      { name: 'local.zeek', value: 'redef Intel::read_files += { "/opt/zeek/share/talanoa.intel" };' },
    ],
    limits: [
      'Zeek reads the file again when it is replaced. It must not be rewritten in place.',
      NO_KEY_IN_HISTORY,
    ],
    script: replacing('/opt/zeek/share/talanoa.intel'),
  },
  {
    name: 'misp',
    title: 'MISP: feed',
    format: 'misp',
    outlet: 'misp',
    place: 'Sync Actions > Feeds > Add Feed',
    fields: [
      { name: 'Input Source', value: 'Network' },
      { name: 'Url', value: 'URL' },
      { name: 'Source Format', value: 'MISP Feed' },
      { name: 'Any headers to be passed with requests', value: 'Authorization: Bearer KEY' },
      { name: 'Enabled', value: 'on' },
      { name: 'Caching enabled', value: 'on' },
    ],
    limits: [
      'MISP fetches feeds when a scheduled task runs "cake Server fetchFeed USER FEED", so run it every hour.',
      'Withdrawn values stay in their event as deleted attributes for 30 days. A MISP that fetches less often keeps them.',
      'MISP does not enforce PAP. An attribute has "IDS" only if tools may alert about it and block it.',
    ],
  },
  {
    name: 'yara',
    title: 'YARA: rules',
    format: 'yara',
    place: 'A script that cron or a systemd timer runs every hour',
    fields: [{ name: 'Rules', value: '/var/lib/talanoa/talanoa.yarc' }],
    limits: [
      'The hub passes rules through and does not compile them. The script replaces the file only if all rules compile.',
      NO_KEY_IN_HISTORY,
    ],
    script: `${download('/var/lib/talanoa/talanoa.yar')} && yarac /var/lib/talanoa/talanoa.yar /var/lib/talanoa/talanoa.new && mv /var/lib/talanoa/talanoa.new /var/lib/talanoa/talanoa.yarc`,
  },
  {
    name: 'sigma',
    title: 'Sigma: rules for a SIEM',
    format: 'sigma',
    place: 'A script that cron or a systemd timer runs every hour',
    fields: [{ name: 'Rules', value: '/var/lib/talanoa/talanoa.yml' }],
    limits: [
      'Convert the rules for your SIEM with sigma-cli, or import the file where the SIEM reads Sigma.',
      NO_KEY_IN_HISTORY,
    ],
    script: replacing('/var/lib/talanoa/talanoa.yml', 'sigma check /var/lib/talanoa/talanoa.yml'),
  },
  {
    name: 'sentinel',
    title: 'Microsoft Sentinel: upload API',
    format: 'stix',
    pushed:
      'https://api.ti.sentinel.azure.com/workspaces/WORKSPACE/threat-intelligence-stix-objects:upload?api-version=2024-02-01-preview',
    place: 'Microsoft Entra ID > App registrations > New registration, then a client secret',
    fields: [
      { name: 'Role of the application in the workspace', value: 'Microsoft Sentinel Contributor' },
      { name: 'WORKSPACE', value: 'Workspace ID of the Log Analytics workspace' },
      { name: 'TENANT and CLIENT', value: 'Directory ID and Application ID of the registration' },
    ],
    limits: [
      'The hub sends indicators with STIX patterns, attack patterns, threat actors, identities and relationships, 100 in a request.',
      'Objects stricter than TLP:AMBER are not sent, because the workspace is at a provider.',
      'An indicator that is removed from the collection without a revocation stays until its end.',
    ],
    script: [
      'printf %s "$SECRET" | talanoa secret set MEMBER-sentinel --host login.microsoftonline.com api.ti.sentinel.azure.com',
      'talanoa channel create MEMBER-sentinel --member MEMBER --kind sentinel --collection COLLECTION --url "URL" --token-url https://login.microsoftonline.com/TENANT/oauth2/v2.0/token --username CLIENT --secret secret:MEMBER-sentinel',
    ].join(' && '),
  },
  {
    name: 'defender',
    title: 'Microsoft Defender for Endpoint: indicators',
    format: 'csv',
    pushed: 'https://api.security.microsoft.com',
    filters: 'types=ip,domain,url,md5,sha1,sha256',
    place: 'Microsoft Entra ID > App registrations > New registration, then a client secret',
    fields: [
      { name: 'API permission (WindowsDefenderATP, application)', value: 'Ti.ReadWrite.All' },
      { name: 'TENANT and CLIENT', value: 'Directory ID and Application ID of the registration' },
    ],
    limits: [
      'A tenant has at most 15,000 active indicators, from all sources. Choose a collection that fits.',
      'Defender takes no networks. The hub leaves them out.',
      'The action is Audit, which raises an alert. Use --action Block to block, by the rules of lists that block.',
      'Values stricter than TLP:AMBER are not sent, because the tenant is at a provider.',
    ],
    script: [
      'printf %s "$SECRET" | talanoa secret set MEMBER-defender --host login.microsoftonline.com api.security.microsoft.com',
      'talanoa channel create MEMBER-defender --member MEMBER --kind defender --collection COLLECTION --url URL --token-url https://login.microsoftonline.com/TENANT/oauth2/v2.0/token --username CLIENT --secret secret:MEMBER-defender',
    ].join(' && '),
  },
];
