import type { ListFormat } from './format.ts';
import type { ObjectFormat } from './object-format.ts';
import { adguard } from './adguard.ts';
import { checkpoint } from './checkpoint.ts';
import { cisco } from './cisco.ts';
import { csv } from './csv.ts';
import { dnsmasq } from './dnsmasq.ts';
import { edlDomain, edlIp, edlUrl } from './edl.ts';
import { fortigate } from './fortigate.ts';
import { hosts } from './hosts.ts';
import { ipset } from './ipset.ts';
import { jsonl } from './jsonl.ts';
import { mikrotik } from './mikrotik.ts';
import { nftables } from './nftables.ts';
import { opnsense } from './opnsense.ts';
import { plain } from './plain.ts';
import { qradar } from './qradar.ts';
import { rpz } from './rpz.ts';
import { sigma } from './sigma.ts';
import { snort } from './snort.ts';
import { splunk } from './splunk.ts';
import { squid } from './squid.ts';
import { stix } from './stix.ts';
import { suricata } from './suricata.ts';
import { unbound } from './unbound.ts';
import { wazuh } from './wazuh.ts';
import { yara } from './yara.ts';
import { zeek } from './zeek.ts';

/** Every format of lists. */
export const FORMATS: readonly ListFormat[] = [
  plain,
  csv,
  jsonl,
  edlIp,
  edlDomain,
  edlUrl,
  fortigate,
  checkpoint,
  cisco,
  opnsense,
  mikrotik,
  nftables,
  ipset,
  hosts,
  dnsmasq,
  unbound,
  adguard,
  squid,
  rpz,
  suricata,
  snort,
  zeek,
  wazuh,
  splunk,
  qradar,
];

/** Every format that passes objects or their patterns through. */
export const OBJECT_FORMATS: readonly ObjectFormat[] = [stix, yara, sigma];
