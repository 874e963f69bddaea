// Forms in which sources publish their lists: all values become objects, and a line without one is a bad row (SOURCES.md).
import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { detectFile } from '../../src/feeds/detect-file.ts';
import { parseNetwork } from '../../src/kernel/address.ts';
import type { Finding } from '../../src/feeds/findings.ts';
import { readSample } from '../support/feed-reading.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const here = mkdtempSync(join(tmpdir(), 'talanoa-forms-'));
afterAll(() => rmSync(here, { recursive: true }));

const own = [parseNetwork('203.0.112.0/24')].filter((network) => network !== undefined);

interface Found {
  readonly values: readonly string[];
  /** Number of bad rows, and of rows that a filter leaves out. */
  readonly bad: number;
  readonly left: number;
}

/** Detects the format of a text, and reads it like a run does. Undefined when the format is not understood. */
async function read(text: string | Buffer): Promise<Found | undefined> {
  const path = join(here, 'file');
  writeFileSync(path, text);
  const file = { path, bytes: statSync(path).size };
  const request = { name: 'found', url: 'https://feed.example/list' };
  const detected = await detectFile({ request, file, own, now: NOW }).catch((error: unknown) => {
    // A wrong reading is worse than none. Other errors are faults of the hub.
    if ((error as { code?: string }).code === undefined) throw error;
    return undefined;
  });
  if (detected === undefined) return undefined;
  const { findings, quarantine, filtered } = await readSample(detected.document, path, NOW);
  return { values: findings.map(valueOf).toSorted(byText), bad: quarantine.length, left: filtered.length };
}

/** Returns the value of a finding. The hashes of one file are joined by bars. */
function valueOf(finding: Finding): string {
  if (finding.kind === 'object') return String(finding.object['type']);
  const observable = finding.kind === 'indicator' ? finding.observable : undefined;
  if (observable === undefined) return finding.kind;
  switch (observable.type) {
    case 'file':
    case 'x509-certificate':
      return Object.values(observable.hashes).join('|');
    case 'autonomous-system':
      return String(observable.number);
    case 'endpoint':
      return `${observable.value}:${observable.port}`;
    default:
      return 'value' in observable ? observable.value : observable.type;
  }
}

const A = <T>(make: (i: number) => T, count = 12): T[] =>
  Array.from({ length: count }, (_item, i) => make(i));
const L = (lines: readonly (string | undefined)[], end = '\n'): string => lines.join(end) + end;
const D = (i: number): string => `2026-11-2${i % 9} 10:0${i % 10}:00`;
const hex = (i: number, length: number): string =>
  (i * 7919 + 0xabcdef01)
    .toString(16)
    .padStart(8, '0')
    .repeat(length / 8);
const ips = A((i) => `45.130.${i}.${i + 1}`);
const ips2 = A((i) => `91.210.${i}.${i + 7}`);
const nets = A((i) => `45.131.${i}.0/24`);
const names = A((i) => `h${i}.reef-bank.com`);
const urls = A((i) => `http://h${i}.reef-bank.com/p${i}.php`);
const md5 = A((i) => hex(i, 32));
const sha1 = A((i) => hex(i + 100, 40));
const sha256 = A((i) => hex(i + 200, 64));
const csv = L(['ip,first_seen,note', ...A((i) => `${ips[i]},${D(i)},n${i}`)]);
const u16 = (text: string, swapped = false): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return swapped ? bytes.swap16() : bytes;
};

type Values = readonly (string | undefined)[] | null;
const byText = (a = '', b = ''): number => (a < b ? -1 : Number(a > b));
type DetectedFormat = readonly [
  name: string,
  text: string | Buffer,
  values: Values,
  bad?: number,
  left?: number,
];

// prettier-ignore
const FORMS: readonly DetectedFormat[] = [
  ['et compromised', L(ips), ips],
  ['dan torlist v6 mixed', L([...ips,...A(i=>`2a03:e600:100::${i+1}`)]), [...ips,...A(i=>`2a03:e600:100::${i+1}`)]],
  ['cybercrime-tracker all.php html', `<html><body>\n${A(i=>`h${i}.reef-bank.com/panel/${i}<br />`).join('\n')}</body></html>`, null],
  ['cybercrime-tracker pre', `<pre>\n${L(A(i=>`h${i}.reef-bank.com/panel/admin.php?m=${i}`))}</pre>`, A(i=>`http://h${i}.reef-bank.com/panel/admin.php?m=${i}`), 2],
  ['phishtank', `phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target\n${L(A(i=>`91${i},${urls[i]},http://www.phishtank.com/phish_detail.php?phish_id=91${i},2026-11-2${i%9}T10:00:00+00:00,yes,2026-11-28T10:01:00+00:00,yes,${i%2?'"Other, Inc"':'Other'}`))}`, urls],
  ['snort list', L(ips), ips],
  ['pop3gropers', L(ips), ips],
  ['pop3gropers w dates', L(A(i=>`# Generated Mon Nov ${i}\n${ips[i]}`)), ips],
  ['feodo', `################################################################\r\n# abuse.ch Feodo Tracker Botnet C2 IP Blocklist (CSV)          #\r\n# Last updated: 2026-11-28 10:00:02 UTC                        #\r\n################################################################\r\n#\r\n"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\r\n${L(A(i=>`"${D(i)}","${ips[i]}","${443+i}","online","2026-11-28","Pikabot"`),'\r\n')}# END 12 entries\r\n`, A(i=>`${ips[i]}:${443+i}`)],
  ['feodo header in comment', `# Firstseen,DstIP,DstPort,LastOnline,Malware\n${L(A(i=>`${D(i)},${ips[i]},${443+i},2026-11-28,Heodo`))}#\n# END (12) entries\n`, ips],
  ['firehol', `#\n# firehol_level1\n#\n# ipv4 hash:net ipset\n#\n# Maintainer : x\n# Version : 3\n${L(nets)}`, nets],
  ['firehol with bogons', `#\n# firehol_level1\n${L(['0.0.0.0/8','10.0.0.0/8','192.168.0.0/16','224.0.0.0/3',...nets])}`, nets, 4],
  ['bambenek dom', `#####\n## Master Feed of known, active and non-sinkholed C&Cs domain names\n##\n## Feed generated at: 2026-11-28 10:15 \n##\n## Feed Provided By: John\n## domain,description,date,reference\n####\n${L(A(i=>`${names[i]},Domain used by reef ${i},2026-11-28 10:15,http://osint.reef-shop.com/manual/reef${i}.txt`))}`, names],
  ['alienvault generic', L(['# Generic format',...A(i=>`${ips[i]} # Malicious Host US,New York,40.7,-74.0`)]), ips],
  ['alienvault data', L(A(i=>`${ips[i]}#4#2#Malicious Host#US#New York#40.7,-74.0#3`)), ips],
  ['blocklist.de', L([...ips,...A(i=>`2001:41d0:2:${i+1}::1`)]), [...ips,...A(i=>`2001:41d0:2:${i+1}::1`)]],
  ['dataplane', `# Primary address list for vncrfb\n# Column description:\n#   ASN       Autonomous system number\n#   ipaddr\n# ASN  |  ASname  |  ipaddr  |  lastseen  |  category\n${L(A(i=>`${64500+i}         |  REEF-${i}, FJ                 |    ${ips[i]}  |  ${D(i)}  |  vncrfb`))}`, ips],
  ['dataplane proto41', `# ASN|ASname|ipaddr|lastseen|category\n${L(A(i=>i%3===0?`NA|NA|${ips[i]}|${D(i)}|proto41`:`${64500+i}|REEF, FJ|${ips[i]}|${D(i)}|proto41`))}`, ips],
  ['vxvault', `<pre>\nVX Vault last 100 Links\nMon, 28 Nov 2026 10:00:00 +0000\n\n${L(urls,'\r\n')}\n</pre>`, urls, 4],
  ['coinblocker', L(['# comment',...names]), names],
  ['urlhaus csv', `################################################################\r\n# abuse.ch URLhaus Database Dump (CSV - recent URLs only)      #\r\n#\r\n# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\r\n${L(A(i=>`"38${i}","${D(i)}","${urls[i]}","online","${D(i)}","malware_download","elf,Mozi","https://urlhaus.abuse.ch/url/38${i}/","reporter${i}"`),'\r\n')}`, urls],
  ['urlhaus text', L(['# URLhaus','#',...urls],'\r\n'), urls],
  ['cybercure csv', ips.join(','), ips],
  ['cybercure url csv', urls.join(','), urls],
  ['cybercure hash csv', md5.join(','), md5],
  ['cybercure json', JSON.stringify({count:12,data:{ip:ips}}), ips],
  ['ipspamlist', `first_seen,last_seen,ip_address,category,attack_count\n${L(A(i=>`"${D(i)}","${D(i)}","${ips[i]}","SSH ${i}",${i}`))}`, ips],
  ['ipspamlist titled', `IPSpamList public feed\nfirst_seen,last_seen,ip_address,category\n${L(A(i=>`${D(i)},${D(i)},${ips[i]},SSH`))}`, ips, 2],
  ['malsilo', `# MalSilo feed\n# id,first seen,url,payload\n${L(A(i=>`${i},${D(i)},${urls[i]},reef`))}`, urls],
  ['malsilo ip', `# id,date,ip:port\n${L(A(i=>`${i},${D(i)},${ips[i]}:80`))}`, A(i=>`${ips[i]}:80`)],
  ['malsilo dom', L(A(i=>`${i},${D(i)},${names[i]}`)), names],
  ['malshare all', L(A(i=>`${md5[i]} ${sha1[i]} ${sha256[i]}`)), A(i=>`${md5[i]}|${sha1[i]}|${sha256[i]}`)],
  ['malshare all tabs', L(A(i=>`${md5[i]}\t${sha1[i]}\t${sha256[i]}`)), A(i=>`${md5[i]}|${sha1[i]}|${sha256[i]}`)],
  ['benkow', `"id";"family";"url";"ip";"first_seen"\n${L(A(i=>`"${i}";"Reef";"${urls[i]}";"${ips[i]}";"28-11-2026"`))}`, urls],
  ['benkow no header', L(A(i=>`"${i}";"Reef";"${urls[i]}";"${ips[i]}";"28-11-2026"`)), urls],
  ['ipsum levels', L(ips), ips],
  ['ipsum main', L(['# IPsum','#','# Last update: Sun','#','# IP\tnumber of (black)lists','#',...A(i=>`${ips[i]}\t${i+1}`)]), ips],
  ['metasploit cve', L(A(i=>`CVE-2024-${1000+i}`)), A(()=>'vulnerability')],
  ['metasploit cve csv', L(A(i=>`CVE-2024-${1000+i},exploit/multi/reef_${i}`)), A(()=>'vulnerability')],
  ['bazaar md5', L(['################','# MalwareBazaar recent malware samples (MD5 hashes) #','# Last updated: 2026-11-28 10:00:00 UTC','#','# md5_hash',...md5],'\r\n'), md5],
  ['phishscore', `######\n# PhishScore | PhishStats\n# Score ranges: 0-2 likely 2-4 suspicious 4-6 phishing 6-10 omg phishing!\n# Ranges may be adjusted without notice. List updated every 90 minutes. Do not crawl too much at the risk of being blocked.\n# Many Phishing websites are legitimate websites that have been hacked, so keep that in mind before blocking everything. Feed is provided as is, without any warrant.\n# CSV: Date,Score,URL,IP\n######\n${L(A(i=>`"${D(i)}","${i}.20","${urls[i]}","${ips[i]}"`))}`, urls],
  ['apnic url', L(['# first_seen, url, count',...A(i=>`${D(i)},${urls[i]},${i}`)]), urls],
  ['apnic plain', L(urls), urls],
  ['apnic ssh', L(ips), ips],
  ['apnic ssh header', L(['ip',...ips]), ips],
  ['apnic header url', L(['url',...urls]), urls],
  ['threatfox csv', `################\r\n# abuse.ch ThreatFox IOCs: recent - CSV format #\r\n#\r\n# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware","malware_alias","malware_printable","last_seen_utc","confidence_level","is_compromised","reference","tags","anonymous","reporter"\r\n${L(A(i=>`"${D(i)}", "12${i}", "${i%3==0?ips[i]+':443':i%3==1?urls[i]:sha256[i]}", "${i%3==0?'ip:port':i%3==1?'url':'sha256_hash'}", "botnet_cc", "win.reef", "None", "Reef", "", "100", "False", "https://bazaar.reef-shop.com/${i}", "reef,x", "0", "abuse_ch"`),'\r\n')}# Number of entries: 12\r\n`, A(i=>i%3==0?ips[i]+':443':i%3==1?urls[i]:sha256[i])],
  ['sslbl ip', `# Firstseen,DstIP,DstPort\r\n${L(A(i=>`${D(i)},${ips[i]},44${i}`),'\r\n')}`, ips],
  ['sslbl cert', `# abuse.ch SSLBL SSL Certificate Blacklist (SHA1 Fingerprints)\r\n# Listingdate,SHA1,Listingreason\r\n${L(A(i=>`${D(i)},${sha1[i]},Reef C&C`),'\r\n')}`, sha1],
  ['greensnow', L(ips), ips],
  ['dga feed', `##\n## DGA domains feed\n${L(A(i=>`${names[i]},Domain used by reef DGA,2026-11-28,http://osint.reef-shop.com/manual/r.txt`))}`, names],
  ['tweetfeed', L(A(i=>`${D(i)},user${i},${i%2?'url':'ip'},${i%2?urls[i]:ips[i]},#phishing #reef,https://twitter.com/user${i}/status/16${i}`)), A(i=>i%2?urls[i]:ips[i])],
  ['botvrij csv', L(A(i=>`${md5[i]}  # md5 - Reef campaign (2026)`)), md5],
  ['botvrij dom', L(['# Botvrij.eu',...A(i=>`${names[i]} # domain - Reef campaign (2026)`)]), names],
  ['jamesbrine', `# Header\n${L(A(i=>`${ips[i]},2026-11-28,FJ,${64500+i}`))}`, ips],
  ['dshield block', `#\n#   DShield.org Recommended Block List\n#\nStart\tEnd\tNetblock\tAttacks\tName\tCountry\temail\n${L(A(i=>`45.131.${i}.0\t45.131.${i}.255\t24\t${1000+i}\tREEF ${i}\tFJ\tabuse@reef-shop.com`))}`, nets],
  ['spamhaus drop', L(['; Spamhaus DROP List 2026','; Last-Modified: Mon',...A(i=>`45.131.${i}.0/24 ; SBL${1000+i}`)]), nets],
  ['spamhaus drop json', L([...A(i=>JSON.stringify({cidr:nets[i],sblid:`SBL${i}`,rir:'apnic'})),JSON.stringify({type:'metadata',timestamp:1795168800,size:100,records:12,copyright:'(c)'})]), nets, 0, 1],
  ['asndrop', L([...A(i=>JSON.stringify({asn:64000+i+300,rir:'apnic',domain:names[i],cc:'FJ',asname:'REEF'})),JSON.stringify({type:'metadata',timestamp:1795168800,records:12})]), A(i=>String(64300+i)), 0, 1],
  ['asn list', L(A(i=>`AS${4200+i}`)), A(i=>String(4200+i))],
  ['asn list w names', L(A(i=>`AS${4200+i} ; REEF-${i}`)), A(i=>String(4200+i))],
  ['adblock', `[Adblock Plus]\n! Title: Reef list\n! Expires: 1 day\n${L(A(i=>`||${names[i]}^`))}`, names],
  ['adblock opts', `! Title: Reef\n${L(A(i=>i%4==3?`||${names[i]}^$document,popup`:`||${names[i]}^$all`))}@@||good.reef-shop.com^\n##.advert\nexample.com##.banner\n`, names, 0, 3],
  ['dnsmasq', L(A(i=>`address=/${names[i]}/0.0.0.0`)), names],
  ['dnsmasq local', L(A(i=>`local=/${names[i]}/`)), names],
  ['dnsmasq server', L(['# dnsmasq',...A(i=>`server=/${names[i]}/`)]), names],
  ['unbound', L(['server:',...A(i=>`local-zone: "${names[i]}" always_nxdomain`)]), names, 0, 1],
  ['unbound redirect', L(A(i=>`local-zone: "${names[i]}" redirect\nlocal-data: "${names[i]} A 0.0.0.0"`)), names, 0, 12],
  ['bind zone', L(A(i=>`zone "${names[i]}" { type master; notify no; file "null.zone.file"; };`)), names],
  ['rpz', `$TTL 60\n@ IN SOA localhost. root.localhost. (1 1h 1h 1h 1h)\n  IN NS localhost.\n; x\n${L(A(i=>`${names[i]} CNAME .\n*.${names[i]} CNAME .`))}`, names],
  ['rpz trailing', `$TTL 300\n@ SOA localhost. root.localhost. 20 300 1800 604800 30\n NS localhost.\n${L(A(i=>`${names[i]}.rpz.reef-shop.com. 300 IN CNAME .`))}`, names],
  ['hosts', `# Title\n127.0.0.1 localhost\n::1 localhost\n255.255.255.255 broadcasthost\n0.0.0.0 0.0.0.0\n${L(A(i=>`0.0.0.0 ${names[i]}`))}`, names],
  ['hosts tab+comment', L(A(i=>`127.0.0.1\t${names[i]} # phishing`),'\r\n'), names],
  ['hosts two names', L(A(i=>`0.0.0.0 ${names[i]} www.${names[i]}`)), A(i=>[names[i],'www.'+names[i]]).flat()],
  ['iptables rules', L(A(i=>`-A INPUT -s ${ips[i]}/32 -j DROP`)), ips],
  ['ipset save', `create reef hash:ip family inet hashsize 1024 maxelem 65536\n${L(A(i=>`add reef ${ips[i]}`))}`, ips, 1],
  ['nginx deny', L(A(i=>`deny ${ips[i]};`)), ips],
  ['apache deny', L(A(i=>`Deny from ${ips[i]}`)), ips],
  ['apache require', L(A(i=>`Require not ip ${ips[i]}`)), ips],
  ['cisco acl', L(A(i=>`access-list 10 deny host ${ips[i]}`)), ips],
  ['p2p blocklist', L(A(i=>`Reef Org ${i}:45.131.${i}.0-45.131.${i}.255`)), nets],
  ['squid dstdomain', L(A(i=>`.${names[i]}`)), names],
  ['wildcards', L(A(i=>`*.${names[i]}`)), names],
  ['mixed list', L([...ips,...names,...urls,...md5]), [...ips,...names,...urls,...md5]],
  ['ip,port no header', L(A(i=>`${ips[i]},${443+i}`)), ips],
  ['ip port columns', `ip,port,proto\n${L(A(i=>`${ips[i]},${443+i},tcp`))}`, ips],
  ['viriback', `Family,URL,IP,FirstSeen\n${L(A(i=>`Reef,${urls[i]},${ips[i]},2${i%9}-11-2026`))}`, urls],
  ['cert.pl json', JSON.stringify(A(i=>({DomainAddress:names[i],InsertDate:'2026-11-28T10:00:00',DeleteDate:null,RegisterPositionId:i}))), names],
  ['cert.pl tsv', `DomainAddress\tInsertDate\tDeleteDate\n${L(A(i=>`${names[i]}\t2026-11-28T10:00:00\t`))}`, names],
  ['hash file names sha256sum', L(A(i=>`${sha256[i]}  reef${i}.exe`)), sha256],
  ['sha256sum star', L(A(i=>`${sha256[i]} *reef${i}.exe`)), sha256],
  ['md5 upper', L(md5.map(m=>m.toUpperCase())), md5],
  ['emails', L(A(i=>`bad${i}@reef-bank.com`)), A(i=>`bad${i}@reef-bank.com`)],
  ['source dest unlabeled json', JSON.stringify(A(i=>({src_ip:ips2[i],dest_ip:ips[i],dest_port:80}))), ips],
  ['suricata eve', L(A(i=>JSON.stringify({timestamp:'2026-11-28T10:00:00.000000+0000',event_type:'alert',src_ip:ips2[i],src_port:4000+i,dest_ip:ips[i],dest_port:443,proto:'TCP'}))), ips],
  ['source dest unlabeled tsv', `Source IP\tDestination IP\tTime\n${L(A(i=>`${ips2[i]}\t${ips[i]}\t${D(i)}`))}`, ips],
  ['json object of lists', JSON.stringify({ok:true,blocklist:{ipv4:ips,ipv6:[]}}), ips],
  ['json dict ip keys', JSON.stringify(Object.fromEntries(ips.map((ip,i)=>[ip,{score:i,last:'2026-11-28T10:00:00Z'}]))), ips],
  ['json one string list', JSON.stringify({urls}), urls],
  ['utf16le bom csv', u16(csv), ips],
  ['utf16be bom csv', u16(csv,true), ips],
  ['utf16le no bom', Buffer.from(csv,'utf16le'), ips],
  ['utf8 bom list', '\ufeff'+L(ips), ips],
  ['utf8 bom csv', '\ufeff'+csv, ips],
  ['bom + comment', '\ufeff# list\n'+L(ips), ips],
  ['latin1 comment', Buffer.from('# Liste de s\xe9curit\xe9\n'+L(ips),'latin1'), ips],
  ['mixed eol', ips.slice(0,4).join('\r\n')+'\r\n'+ips.slice(4,8).join('\n')+'\n'+ips.slice(8).join('\r\n'), ips],
  ['cr only', ips.join('\r'), ips],
  ['cr only csv', csv.replaceAll('\n','\r'), ips],
  ['nbsp blanks', L(ips.map(x=>`\u00a0${x}\u00a0`)), ips],
  ['zero width', L(ips.map(x=>`\u200b${x}`)), ips],
  ['gz', gzipSync(csv), ips],
  ['truncated gzip', gzipSync(L(A(i=>`45.${i%200}.${i>>8}.${i&255}`,20000))).subarray(0,20000), null],
  ['html 200', '<!DOCTYPE html><html><head><title>Error</title></head><body>503</body></html>', null],
  ['html leading text', '\n\n  <html><body>Please log in</body></html>', null],
  ['html fragment', '<div class="login"><form action="/login"><input name="user"></form></div>', null],
  ['json error', '{"error":"invalid api key","status":401}', null],
  ['json query_status', '{"query_status":"no_auth_key"}', null],
  ['plain error', 'Rate limit exceeded. Visit https://www.reef-shop.com/pricing to upgrade.\n', null],
  ['plain error 2', 'Forbidden', null],
  ['empty', '', null],
  ['blank only', '\n\n  \n', null],
  ['comments only', '# nothing today\n# see https://reef-shop.com\n', null],
  ['header only', 'ip,first_seen\n', null],
  ['json NaN', `[${A(i=>`{"ip":"${ips[i]}","score":NaN}`).join(',')}]`, null],
  ['ndjson NaN', L(A(i=>`{"ip":"${ips[i]}","score":${i===3?'NaN':i}}`)), ips.filter((_,i)=>i!==3), 1],
  ['ndjson one bad', L(A(i=>i===5?`{"ip":"${ips[i]}"`:`{"ip":"${ips[i]}"}`)), ips.filter((_,i)=>i!==5), 1],
  ['ndjson first bad', L(['not json',...A(i=>`{"ip":"${ips[i]}"}`)]), ips, 1],
  ['ndjson blank+crlf', A(i=>`{"ip":"${ips[i]}"}`).join('\r\n\r\n'), ips],
  ['json trailing comma', `[${A(i=>`{"ip":"${ips[i]}"}`).join(',')},]`, null],
  ['json concatenated', A(i=>JSON.stringify({ip:ips[i]},null,1)).join('\n'), null],
  ['json prefix )]}\'', `)]}',\n${JSON.stringify(A(i=>({ip:ips[i]})))}`, null],
  ['jsonp', `callback(${JSON.stringify(A(i=>({ip:ips[i]})))})`, null],
  ['csv delimiter changed', L(['ip;first_seen;note',...A(i=>`${ips[i]};${D(i)};a, b`)]), ips],
  ['csv tab', csv.replaceAll(',','\t'), ips],
  ['csv pipes', csv.replaceAll(',','|'), ips],
  ['csv space aligned', L(['ADDRESS         SEEN        COUNT',...A(i=>`${(ips[i] ?? '').padEnd(15)} 2026-11-2${i%9}  ${i}`)]), ips, 1],
  ['sep= line', 'sep=;\n'+L(['ip;date;note',...A(i=>`${ips[i]};${D(i)};x`)]), ips, 2],
  ['duplicated header', L(['ip,first_seen',...A(i=>`${ips[i]},${D(i)}`,6),'ip,first_seen',...A(i=>`${ips[i+6]},${D(i)}`,6)]), ips],
  ['renamed columns', L(['Indikator,Zuerst gesehen',...A(i=>`${ips[i]},${D(i)}`)]), ips],
  ['header w dup names', L(['ip,date,date',...A(i=>`${ips[i]},${D(i)},${D(i)}`)]), ips],
  ['header empty name', L([',ip,first_seen',...A(i=>`${i},${ips[i]},${D(i)}`)]), ips],
  ['comments after data', L([...ips.map(x=>`${x} // bad`)]), ips],
  ['comments after data csv', L(['ip,date',...A(i=>`${ips[i]},2026-11-20 # c${i}`)]), ips],
  ['trailer text', L([...ips,'# END','Total: 12 records']), ips, 1],
  ['trailer csv count', L(['ip,date',...A(i=>`${ips[i]},2026-11-20`),'Total,12']), ips, 1],
  ['huge numbers', L(['ip,count',...A(i=>`${ips[i]},99999999999999999999999${i}`)]), ips],
  ['huge json num', JSON.stringify(A(i=>({ip:ips[i],n:1}))).replaceAll('"n":1','"n":1e999'), ips],
  ['ipv4 ports', L(A(i=>`${ips[i]}:${8000+i}`)), A(i=>`${ips[i]}:${8000+i}`)],
  ['ipv6 brackets port', L(A(i=>`[2a03:e600:100::${i+1}]:${8000+i}`)), A(i=>`2a03:e600:100::${i+1}:${8000+i}`)],
  ['ipv6 brackets', L(A(i=>`[2a03:e600:100::${i+1}]`)), A(i=>`2a03:e600:100::${i+1}`)],
  ['ipv6 long form', L(A(i=>`2A03:E600:0100:0000:0000:0000:0000:000${i.toString(16)}`)), A(i=>i===0?'2a03:e600:100::':`2a03:e600:100::${i.toString(16)}`)],
  ['ipv6 mapped', L(A(i=>`::ffff:${ips[i]}`)), ips],
  ['url userinfo', L(A(i=>`http://admin:pass@h${i}.reef-bank.com/x`)), A(i=>`http://admin:pass@h${i}.reef-bank.com/x`)],
  ['url ip port', L(A(i=>`http://${ips[i]}:8080/bin.sh`)), A(i=>`http://${ips[i]}:8080/bin.sh`)],
  ['url with spaces tail', L(A(i=>`http://h${i}.reef-bank.com/a   `)), A(i=>`http://h${i}.reef-bank.com/a`)],
  ['url quoted', L(A(i=>`"${urls[i]}"`)), urls],
  ['url angle', L(A(i=>`<${urls[i]}>`)), urls],
  ['url single quoted', L(A(i=>`'${urls[i]}'`)), urls],
  ['list trailing comma', L(A(i=>`${ips[i]},`)), ips],
  ['py list', L(A(i=>`'${ips[i]}',`)), ips],
  ['wildcards', L(names.map(n=>`*.${n}`)), names],
  ['trailing dots', L(names.map(n=>`${n}.`)), names],
  ['upper domains', L(names.map(n=>n.toUpperCase())), names],
  ['upper hashes', L(['hash,name',...A(i=>`${sha256[i]?.toUpperCase()},x${i}.exe`)]), sha256],
  ['mixed hash lengths', L([...md5.slice(0,4),...sha1.slice(0,4),...sha256.slice(0,4)]), [...md5.slice(0,4),...sha1.slice(0,4),...sha256.slice(0,4)]],
  ['mixed hash in col', L(['hash,type',...A(i=>`${[md5,sha1,sha256][i%3]?.[i]},${['md5','sha1','sha256'][i%3]}`)]), A(i=>[md5,sha1,sha256][i%3]?.[i])],
  ['hash prefix', L(md5.map(m=>`md5:${m}`)), md5],
  ['sha256: prefix', L(sha256.map(m=>`sha256:${m}`)), sha256],
  ['hash with md5 label', L(md5.map(m=>`MD5 ${m}`)), md5],
  ['asn csv', L(['asn,name',...A(i=>`${4200+i},REEF`)]), A(i=>String(4200+i))],
  ['cidr host bits', L(A(i=>`45.131.${i}.77/24`)), nets],
  ['cidr mask', L(A(i=>`45.131.${i}.0/255.255.255.0`)), nets],
  ['cidr mask blank', L(A(i=>`45.131.${i}.0 255.255.255.0`)), nets],
  ['cidr wild', L(A(i=>`45.131.${i}.*`)), nets],
  ['range en dash', L(A(i=>`45.131.${i}.0 \u2013 45.131.${i}.255`)), nets],
  ['range last octet', L(A(i=>`45.131.${i}.0-255`)), nets],
  ['ip zero padded', L(A(i=>`045.130.0${String(i).padStart(2, '0')}.001`)), null],
  ['ip decimal', L(A(i=>String(763494401+i*256))), null],
  ['hosts localhost', '127.0.0.1 localhost\n127.0.0.1 localhost.localdomain\n::1 ip6-localhost ip6-loopback\nfe80::1%lo0 localhost\n'+L(names.map(n=>`0.0.0.0 ${n}`)), names],
  ['hosts own name', '127.0.0.1 localhost\n127.0.1.1 myhost\n'+L(names.map(n=>`0.0.0.0 ${n}`)), names, 1],
  ['hosts ::', L(names.map(n=>`:: ${n}`)), names],
  ['hosts both', L(names.flatMap(n=>[`0.0.0.0 ${n}`,`:: ${n}`])), names],
  ['epoch', L(['ip,ts',...A(i=>`${ips[i]},${1795168800+i}`)]), ips],
  ['epoch float', L(['ip,ts',...A(i=>`${ips[i]},${1795168800+i}.123`)]), ips],
  ['epoch decimal comma', L(['ip;ts',...A(i=>`${ips[i]};${1795168800+i},5`)]), ips],
  ['locale de', L(['ip;datum',...A(i=>`${ips[i]};${20+i%9}.11.2026 10:00`)]), ips],
  ['locale month', L(['ip,date',...A(i=>`${ips[i]},"Nov ${10+i}, 2026 10:00 AM"`)]), ips],
  ['ampm', L(['ip,date',...A(i=>`${ips[i]},11/${15+i%9}/2026 10:00:00 PM`)]), ips],
  ['date slash iso', L(['ip,date',...A(i=>`${ips[i]},2026/11/2${i%9}`)]), ips],
  ['compact date', L(['ip,date',...A(i=>`${ips[i]},2026112${i%9}`)]), ips],
  ['stray quote', L(['ip,date,note',...A(i=>`${ips[i]},2026-11-20,${i===4?'"open':'x'}`)]), ips.filter((_,i)=>i!==4), 1],
  ['inches', L(['ip,date,note',...A(i=>`${ips[i]},2026-11-20,5" disk`)]), ips],
  ['quoted newline', L(['ip,date,note',...A(i=>`${ips[i]},2026-11-20,"a\nb ${i}"`)]), ips],
  ['single quotes csv', L(["'ip','date'",...A(i=>`'${ips[i]}','2026-11-20'`)]), ips, 1],
  ['bt quote escaped', L(['ip,date,note',...A(i=>`${ips[i]},2026-11-20,"a \\"b\\" c"`)]), ips, 1],
  ['ragged rows', L(['ip,date,note',...A(i=>i%4===3?`${ips[i]},2026-11-20`:`${ips[i]},2026-11-20,x`)]), ips.filter((_,i)=>i%4!==3), 3],
  ['nul bytes', L(ips)+'\0\0\0', ips, 1],
  ['ctrl-z', L(ips)+'\x1a', ips, 1],
  ['markdown table', `# Report\n\n| IP | Date |\n|----|------|\n${L(A(i=>`| ${ips[i]} | 2026-11-20 |`))}`, ips, 2],
  ['bullets', L(ips.map(x=>`- ${x}`)), ips],
  ['numbered', L(ips.map((x,i)=>`${i+1}. ${x}`)), ips],
  ['yaml list', `ips:\n${L(ips.map(x=>`  - ${x}`))}`, ips, 1],
  ['xml list', `<?xml version="1.0"?><list>${ips.map(x=>`<ip>${x}</ip>`).join('')}</list>`, null],
  ['defanged', L(A(i=>`hxxp[:]//h${i}[.]reef-bank[.]com/p${i}.php`)), urls],
  ['defanged csv', L(['indicator,type',...A(i=>`h${i}[.]reef-bank[.]com,domain`)]), names],
  ['type column', L(['type,value',...A(i=>i%2?`ip,${ips[i]}`:`domain,${names[i]}`)]), A(i=>i%2?ips[i]:names[i])],
  ['source list', L(['Source IP,Count',...A(i=>`${ips[i]},5`)]), ips],
  ['src then dst no own', L(['src,dst,proto',...A(i=>`${ips2[i]},${ips[i]},tcp`)]), ips],
  ['sinkhole col', L(['url,source',...A(i=>`${urls[i]},https://reef-shop.com/${i}`)]), urls],
  ['few lines', L(ips.slice(0,1)), ips.slice(0,1)],
  ['one domain', 'bad.reef-bank.com', ['bad.reef-bank.com']],
  ['20 pct junk', L(A(i=>i%5===0?`junk line ${i}`:ips[i])), ips.filter((_,i)=>i%5!==0), 3],
  ['an AdBlock list with options and exceptions', `[Adblock Plus]\n! Title: Reef\n@@||good.reef-shop.com^\nexample.com##.banner\n||reef-shop.com^$domain=example.com\n||reef-shop.com/ads/*\n${L(names.map((n,i)=>i%2?`||${n}^`:`||${n}^$document,popup`))}`, names, 0, 4],
  ['servers of dnsmasq that answer themselves', L(['# own','server=/home.reef-shop.com/9.9.9.9',...names.map(n=>`address=/${n}/#`)]), names, 0, 1],
  ['two names of dnsmasq in a line', L(A(i=>`address=/${names[i]}/www.${names[i]}/0.0.0.0`)), names.flatMap(n=>[n,`www.${n}`])],
  ['data of unbound only', L(['server:',...names.map(n=>`  local-data: "${n}. 3600 IN A 0.0.0.0"`)]), names, 0, 1],
  ['zones of unbound with one that lets pass', L(['local-zone: "good.reef-shop.com" transparent',...names.map(n=>`local-zone: "${n}." always_null`)]), names, 0, 1],
  ['RPZ with absolute names and an origin', `$ORIGIN block.reef-shop.com.\n@ SOA localhost. root.localhost. 1 1h 1h 1h 1h\n NS localhost.\n${L(names.map(n=>`${n}.block.reef-shop.com. CNAME .`))}`, names],
  ['networks with the bits of the hosts', L(A(i=>`45.131.${i}.0 0.0.0.255`)), nets],
  ['a table with netmasks', L(['network,netmask,owner',...A(i=>`45.131.${i}.0,255.255.255.0,reef`)]), nets],
  ['types whose values look like domains', L(['type,value',...A(i=>i%4===3?`filename,invoice${i}.zip`:`domain,${names[i]}`)]), names.filter((_,i)=>i%4!==3), 0, 3],
  ['entries that the source calls harmless', L(['ip,classification',...A(i=>`${ips[i]},${i%3?'malicious':'benign'}`)]), ips.filter((_,i)=>i%3), 0, 4],
  ['false positives by a flag', L(['ip,is_false_positive',...A(i=>`${ips[i]},${i%3?'false':'true'}`)]), ips.filter((_,i)=>i%3), 0, 4],
  ['hashes of imports next to those of files', L(['imphash,sha256,name',...A(i=>`${md5[i]},${sha256[i]},a${i}`)]), sha256],
  ['fingerprints of TLS next to addresses', L(['ja3,ip',...A(i=>`${md5[i]},${ips[i]}`)]), ips],
  ['fingerprints of TLS only', L(['ja3,count',...A(i=>`${md5[i]},${i}`)]), null],
  ['names with ports', L(names.map(n=>`${n}:8080`)), names],
  ['international names', L(A(i=>`b\u00e4d${i}.reef-bank.com`,9)), A(i=>`xn--bd${i}-qla.reef-bank.com`,9)],
  ['AS numbers', L(A(i=>i%2?`AS${4200+i}`:`ASN${4200+i}`)), A(i=>String(4200+i))],
  ['keys of objects', JSON.stringify({data:Object.fromEntries(ips.map((ip,i)=>[ip,{reports:i}]))}), ips],
  ['numbers that are too big for a number', L(['ip,count',...A(i=>`${ips[i]},99999999999999999999999${i}`)]), ips],
  ['text that begins like JSON', `[${A(i=>`{"ip":"${ips[i]}","n":Infinity}`).join(',\n')}]`, null],
  ['members of objects over lines, with a word that is not JSON', `[\n${A(i=>`{\n"ip": "${ips[i]}",\n"n": NaN\n}`).join(',\n')}\n]`, null],
  ['UTF-16 without a byte order mark, most significant byte first', Buffer.from(csv,'utf16le').swap16(), ips],
  ['carriage returns and quoted fields', L(['ip,note',...A(i=>`${ips[i]},"x ${i}"`)]).replaceAll('\n','\r'), ips],
  ['a sentence with an address of the source', 'Your quota is used up. See https://www.reef-shop.com/plans for more.', null],
  ['a notice with an address', 'Blocked: your IP 45.130.0.1 sent too many requests', null],
  ['the text of a sign-in', 'Please sign in\nat https://www.reef-shop.com/login\nor write to help@reef-shop.com', null],
  ['a JSON error with a link', '{"message":"API rate limit exceeded for 45.130.0.1.","documentation_url":"https://docs.reef-shop.com/rate"}', null],
  ['an XML error', '<?xml version="1.0"?><Error><Code>AccessDenied</Code><HostId>x</HostId></Error>', null],
  ['half of a zip file', Buffer.from('504b03041400000008000000', 'hex'), null],
  ['URLs with commas and semicolons', L(A(i=>`http://h${i}.reef-bank.com/${'a,b;'.repeat(i%3)}c`)), A(i=>`http://h${i}.reef-bank.com/${'a,b;'.repeat(i%3)}c`)],
  ['URLs and the number of hits', L(A(i=>`${urls[i]}\t${i}`)), urls],
  ['dnsbl zones', L(A(i=>`:127.0.0.2:Listed\n${ips[i]}`)), null],
  ['URLs between other texts', L(A(i=>`Reef ${i} | ${urls[i]} | online`)), urls],
  ['addresses with ports and families in columns', L(['ip,port,malware',...A(i=>`${ips[i]},${443+i},x`)]), A(i=>`${ips[i]}:${443+i}`)],
  ['addresses that attacked ports', L(['ip,port,attempts',...A(i=>`${ips[i]},${22+i},7`)]), ips],
  ['attackers and the ports that they attacked', L(['ip,dst_port,malware',...A(i=>`${ips[i]},${22+i},x`)]), ips],
  ['addresses before the names that they resolve to', L(['IP,Date,Host',...A(i=>`${ips[i]},2026-11-1${i%9},${names[i]}`)]), ips],
  ['the same without names of columns', L(A(i=>`${ips[i]},2026-11-1${i%9},${names[i]}`)), ips],
  ['names before the addresses that they resolve to', L(['Domain,IP',...A(i=>`${names[i]},${ips[i]}`)]), names],
  ['a list with the name of its column', L(['Domains',...names]), names],
  ['URLs with commas below the name of their column', L(['url',...A(i=>`http://h${i}.reef-bank.com/a,b;c`)]), A(i=>`http://h${i}.reef-bank.com/a,b;c`)],
  ['AS numbers next to hosts that no feed may block', L(['# category|address|asn|time',...A(i=>`bot|172.16.0.${i}|${4200+i}|${D(i)}`)]), null],
  ['a dump of a scanner', L(A(i=>JSON.stringify({ip_str:`240.0.0.${i}`,port:i+1,crawler:{id:'x',run:sha1[i]}}))), null],
  ['the addresses of other lists', L(A(i=>`https://lists${i}.reef-shop.com/${['ips.txt','feed/','urls.csv?x=1','stix2.json.gz'][i%4]}`)), null],
  ['a table of the addresses of other lists', L(['name,url,entries',...A(i=>`List ${i},https://lists${i}.reef-shop.com/block${i}.netset,${i}`)]), null],
  ['URLs of which a few end like lists', L([...urls,...A(i=>`http://h${i}.reef-bank.com/a.txt`,4)]), [...urls,...A(i=>`http://h${i}.reef-bank.com/a.txt`,4)]],
  ['defaced sites and who reported them', L(['date,notifier,domain,os',...A(i=>`${D(i)},crew ${i},${names[i]},Linux`)]), null],
  ['defaced sites with their copies', L(['date,attacker,team,domain,mirror',...A(i=>`${D(i)},crew ${i},team ${i},${names[i]},http://mirror.example/id/${i}`)]), null],
  ['sites of attackers, without copies of pages', L(['date,attacker,domain',...A(i=>`${D(i)},crew ${i},${names[i]}`)]), names],
  ['sites that mirror malware', L(['date,domain,mirror',...A(i=>`${D(i)},${names[i]},yes`)]), names],
  ['defaced sites as JSON', JSON.stringify(A(i=>({url:urls[i],defacer:`crew ${i}`,added:D(i)}))), null],
  ['a list whose comment states that its sites were defaced', L(['# Defaced sites of this week',...names]), null],
  ['hashes of files that were found on defaced sites', L(['# Web shells from defaced sites',...md5]), md5],
  ['packages and where they come from', JSON.stringify({packages:Object.fromEntries(A(i=>[`p${i}`,{version:'1',resolved:`https://registry.reef-shop.com/p${i}.tgz`}]))}), null],
  ['intelligence of Zeek', L(['#fields\tindicator\tindicator_type\tmeta.source',...A(i=>`${ips[i]}\tIntel::ADDR\tx`),'setup.zip\tIntel::FILE_NAME\tx']), ips, 0, 1],
  ['types without the name of their column', L([...A(i=>`md5,${md5[i]},x`),'domain,a.reef-bank.com,x','filename,setup.zip,x']), [...md5,'a.reef-bank.com'], 0, 1],
  ['paths and file names next to URLs without a scheme', L([...A(i=>`h${i}.reef-bank.com/p`),'/a.reef-bank.com/x','setup.exe/y']), A(i=>`http://h${i}.reef-bank.com/p`), 2],
];

test.each(FORMS)('the format of %s', async (_name, text, values, bad = 0, left = 0) => {
  expect(await read(text)).toEqual(
    values === null ? undefined : { values: values.toSorted(byText), bad, left },
  );
});

test('a list of email addresses asks whether they are those of victims', async () => {
  const path = join(here, 'emails');
  const text = JSON.stringify({ accounts: A((i) => `user${i}@reef-bank.com`) });
  writeFileSync(path, text);
  const request = { name: 'found', url: 'https://feed.example/list' };
  const { notes } = await detectFile({ request, file: { path, bytes: text.length }, own, now: NOW });
  expect(notes).toEqual([expect.stringContaining('may be those of victims')]);
});

test.each([
  ['text after its end', (json: string) => `${json}\nGenerated by reef`, 'Text follows the end of the JSON document: "Generated by reef"'],
  ['a bracket after its end', (json: string) => `${json}]`, 'The text begins like JSON, but is not valid JSON.'],
  ['no end', (json: string) => json.slice(0, -30), 'The JSON document ends before all of its brackets are closed.'],
  ['long text after its end', (json: string) => `${json}${'é'.repeat(1_000_000)}`, expect.stringContaining('Text follows')],
])('JSON with %s is not understood, because no run could read it', async (_what, changed, description) => {
  const path = join(here, 'file');
  const request = { name: 'found', url: 'https://feed.example/list' };
  const found = (text: string) => {
    writeFileSync(path, text);
    return detectFile({ request, file: { path, bytes: Buffer.byteLength(text) }, own, now: NOW });
  };
  const json = JSON.stringify({ note: ']}"[{', data: ips.map((ip) => ({ ip })) }, null, 1);
  expect((await found(`${json} \n`)).document.parser.kind).toBe('json');
  // The end of a larger document is not in the part that is looked at.
  const large = JSON.stringify({ data: A((i) => ({ ip: ips[i % 12], note: 'é'.repeat(100) }), 5_000) });
  expect((await found(large)).document.parser.kind).toBe('json');
  await expect(found(changed(json))).rejects.toMatchObject({ code: 'TLN-F-020', description });
}); // prettier-ignore
