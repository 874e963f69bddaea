/** How one tool is connected to a list. The fields have the names that people see in the tool. */
export interface ListTool {
  readonly name: string;
  readonly title: string;
  readonly format: string;
  /** Where the tool fetches: `/lists` by default, or the folders with whole events at `/misp`. */
  readonly outlet?: 'lists' | 'misp';
  /** Filters that the tool needs, such as `limit=20000`. */
  readonly filters?: string;
  /** Where the settings are in the tool. */
  readonly place: string;
  readonly fields: readonly {
    readonly name: string;
    /** `URL`, `ACCOUNT` and `KEY` are replaced. */
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
];
