/**
 * Offsets of time zones by the abbreviations that sources write, in minutes. Where several zones share an abbreviation,
 * RFC 2822 §4.3 or the most common use decides.
 */
const OFFSETS: Readonly<Record<string, number>> = {
  Z: 0, UT: 0, UTC: 0, GMT: 0, WET: 0,
  // North America (RFC 2822 §4.3).
  EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420,
  AKST: -540, AKDT: -480, HST: -600, HAST: -600, HADT: -540, AST: -240, ADT: -180, NST: -210, NDT: -150,
  // The Pacific.
  NZST: 720, NZDT: 780, NZT: 720, CHAST: 765, CHADT: 825, FJT: 720, FJST: 780, TOT: 780, WST: 780, SST: -660,
  PGT: 600, SBT: 660, VUT: 660, NCT: 660, TVT: 720, GILT: 720, PHOT: 780, LINT: 840, MHT: 720, NRT: 720,
  PWT: 540, PONT: 660, KOST: 660, CHUT: 600, TKT: 780, CKT: -600, TAHT: -600, MART: -570, GAMT: -540, WAKT: 720,
  WFT: 720, NUT: -660, NFT: 660, NFDT: 720, CHST: 600,
  // Australia.
  AEST: 600, AEDT: 660, ACST: 570, ACDT: 630, AWST: 480, ACWST: 525, LHST: 630, LHDT: 660,
  // Asia.
  JST: 540, KST: 540, HKT: 480, SGT: 480, MYT: 480, PHT: 480, PHST: 480, BNT: 480, ICT: 420, WIB: 420, WITA: 480,
  WIT: 540, TLT: 540, MMT: 390, BDT: 360, IST: 330, NPT: 345, PKT: 300, GST: 240, IRST: 210, TRT: 180,
  // Europe and Africa.
  BST: 60, CET: 60, CEST: 120, MET: 60, MEZ: 60, MEST: 120, MESZ: 120, EET: 120, EEST: 180, WEST: 60, MSK: 180,
  WAT: 60, CAT: 120, SAST: 120, EAT: 180,
  // South America.
  BRT: -180, ART: -180, CLT: -240, CLST: -180, COT: -300, PET: -300,
}; // prettier-ignore

/**
 * Returns the offset of a zone in minutes: an abbreviation, `+13:00`, `+1300`, `+13`, `GMT+1300` or `UTC-5`. Undefined
 * for a name that is not known.
 */
export function zoneOffset(name: string): number | undefined {
  const upper = name.toUpperCase();
  if (Object.hasOwn(OFFSETS, upper)) return OFFSETS[upper];
  const [, sign, hours = '', minutes = '0'] = /^(?:GMT|UTC|UT)? ?([+-])(\d{1,2}):?(\d\d)?$/.exec(upper) ?? [];
  if (sign === undefined || Number(hours) > 14 || Number(minutes) > 59) return undefined;
  const total = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -total : total;
}
