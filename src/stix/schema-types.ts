// Made from schemas/ by "npm run generate". Do not edit.

/**
 * STIX 2.1 section 6.1
 */
export type Artifact = CoreSco & Own;
/**
 * common properties of observables (section 3.2)
 */
export type CoreSco = Markable & {
  type: string;
  spec_version?: '2.1';
  id: string;
  defanged?: boolean;
  [k: string]: unknown;
};
export type GranularMarking = {
  selectors: StringList;
  marking_ref?: string;
  /**
   * a language tag (RFC 5646), such as to, sm, fr-NC
   */
  lang?: string;
  [k: string]: unknown;
} & {
  [k: string]: unknown;
};
/**
 * @minItems 1
 */
export type StringList = string[];
export type Own = {
  mime_type?: string;
  /**
   * padded base64 of the standard alphabet (section 2.1)
   */
  payload_bin?: string;
  /**
   * an absolute URL (RFC 3986)
   */
  url?: string;
  hashes?: Hashes;
  encryption_algorithm?: 'AES-256-GCM' | 'ChaCha20-Poly1305' | 'mime-type-indicated';
  decryption_key?: string;
  [k: string]: unknown;
} & {
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.1
 */
export type AttackPattern = Core & {
  external_references?: {
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
} & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  aliases?: string[];
  kill_chain_phases?: KillChainPhases;
  [k: string]: unknown;
};
/**
 * common properties of SDOs and SROs (section 3.2)
 */
export type Core = Markable & {
  type: string;
  spec_version: '2.1';
  id: string;
  created: string;
  modified: string;
  created_by_ref?: string;
  revoked?: boolean;
  labels?: StringList;
  confidence?: number;
  /**
   * a language tag (RFC 5646), such as to, sm, fr-NC
   */
  lang?: string;
  external_references?: ExternalReferences;
  /**
   * only observables have it
   */
  defanged?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
};
export type ExternalReference = {
  [k: string]: unknown;
} & {
  source_name: string;
  description?: string;
  url?: string;
  external_id?: string;
  hashes?: Hashes;
  [k: string]: unknown;
};
/**
 * @minItems 1
 */
export type ExternalReferences = ExternalReference[];
/**
 * @minItems 1
 */
export type KillChainPhases = {
  kill_chain_name: string;
  phase_name: string;
  [k: string]: unknown;
}[];
/**
 * STIX 2.1 section 6.2
 */
export type AutonomousSystem = CoreSco & Own1;
/**
 * STIX 2.1 section 4.2
 */
export type Campaign = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  aliases?: string[];
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  objective?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.3
 */
export type CourseOfAction = Core & {
  name: string;
  description?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.3
 */
export type Directory = CoreSco & Own2;
/**
 * STIX 2.1 section 6.4
 */
export type DomainName = CoreSco & Own3;
/**
 * STIX 2.1 section 6.5
 */
export type EmailAddress = CoreSco & Own4;
/**
 * STIX 2.1 section 6.6
 */
export type EmailMessage = CoreSco & Own5;
/**
 * STIX 2.1 section 7.3
 */
export type ExtensionDefinition = Markable & {
  [k: string]: unknown;
} & {
  type: string;
  spec_version: '2.1';
  id: string;
  created: string;
  modified: string;
  created_by_ref?: string;
  revoked?: boolean;
  /**
   * @minItems 1
   */
  labels?: string[];
  external_references?: ExternalReferences;
  defanged?: {
    [k: string]: unknown;
  };
  name?: string;
  description?: string;
  schema?: string;
  version?: string;
  /**
   * @minItems 1
   */
  extension_types?: (
    'new-sdo' | 'new-sco' | 'new-sro' | 'property-extension' | 'toplevel-property-extension'
  )[];
  /**
   * @minItems 1
   *
   * Items: a property name of 3 to 250 characters a-z, 0-9 and _
   */
  extension_properties?: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.7
 */
export type File = CoreSco & Own6;
export type Own6 = {
  [k: string]: unknown;
} & {
  hashes?: Hashes;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  size?: number;
  name?: string;
  /**
   * the IANA name of a character set (section 3.9.1)
   */
  name_enc?: string;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  magic_number_hex?: string;
  mime_type?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  ctime?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  mtime?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  atime?: string;
  parent_directory_ref?: string;
  /**
   * @minItems 1
   */
  contains_refs?: string[];
  content_ref?: string;
  extensions?: {
    'archive-ext'?: ArchiveExt;
    'ntfs-ext'?: NtfsExt;
    'pdf-ext'?: PdfExt;
    'raster-image-ext'?: RasterImageExt;
    'windows-pebinary-ext'?: WindowsPebinaryExt;
    [k: string]: unknown;
  };
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.4
 */
export type Grouping = Core & {
  name?: string;
  description?: string;
  context: string;
  /**
   * @minItems 1
   */
  object_refs: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.5
 */
export type Identity = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  roles?: string[];
  identity_class?: string;
  /**
   * @minItems 1
   */
  sectors?: string[];
  contact_information?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.6
 */
export type Incident = Core & {
  name: string;
  description?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.7
 */
export type Indicator = Core & {
  name?: string;
  description?: string;
  /**
   * @minItems 1
   */
  indicator_types?: string[];
  pattern: string;
  pattern_type: string;
  pattern_version?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  valid_from: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  valid_until?: string;
  kill_chain_phases?: KillChainPhases;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.8
 */
export type Infrastructure = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  infrastructure_types?: string[];
  /**
   * @minItems 1
   */
  aliases?: string[];
  kill_chain_phases?: KillChainPhases;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.9
 */
export type IntrusionSet = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  aliases?: string[];
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  /**
   * @minItems 1
   */
  goals?: string[];
  resource_level?: string;
  primary_motivation?: string;
  /**
   * @minItems 1
   */
  secondary_motivations?: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.8
 */
export type IPv4Address = CoreSco & Own7;
/**
 * STIX 2.1 section 6.9
 */
export type IPv6Address = CoreSco & Own8;
/**
 * STIX 2.1 section 7.1
 */
export type LanguageContent = Markable & {
  type: string;
  spec_version: '2.1';
  id: string;
  created: string;
  modified: string;
  created_by_ref?: string;
  revoked?: boolean;
  /**
   * @minItems 1
   */
  labels?: string[];
  external_references?: ExternalReferences;
  defanged?: {
    [k: string]: unknown;
  };
  confidence?: number;
  object_ref: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  object_modified?: string;
  contents: {
    [k: string]: {
      [k: string]: unknown;
    };
  };
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.10
 */
export type Location = Core & {
  [k: string]: unknown;
} & {
  name?: string;
  description?: string;
  latitude?: number;
  longitude?: number;
  precision?: number;
  region?: string;
  country?: string;
  administrative_area?: string;
  city?: string;
  street_address?: string;
  postal_code?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.10
 */
export type MACAddress = CoreSco & Own9;
/**
 * STIX 2.1 section 4.12
 */
export type MalwareAnalysis = Core & {
  [k: string]: unknown;
} & {
  product: string;
  version?: string;
  host_vm_ref?: string;
  operating_system_ref?: string;
  /**
   * @minItems 1
   */
  installed_software_refs?: string[];
  configuration_version?: string;
  /**
   * @minItems 1
   */
  modules?: string[];
  analysis_engine_version?: string;
  analysis_definition_version?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  submitted?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  analysis_started?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  analysis_ended?: string;
  result_name?: string;
  result?: string;
  /**
   * @minItems 1
   */
  analysis_sco_refs?: string[];
  sample_ref?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.11
 */
export type Malware = Core & {
  name?: string;
  description?: string;
  /**
   * @minItems 1
   */
  malware_types?: string[];
  is_family: boolean;
  /**
   * @minItems 1
   */
  aliases?: string[];
  kill_chain_phases?: KillChainPhases;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  /**
   * @minItems 1
   */
  operating_system_refs?: string[];
  /**
   * @minItems 1
   */
  architecture_execution_envs?: string[];
  /**
   * @minItems 1
   */
  implementation_languages?: string[];
  /**
   * @minItems 1
   */
  capabilities?: string[];
  /**
   * @minItems 1
   */
  sample_refs?: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 7.2
 */
export type MarkingDefinition = Markable & {
  type: string;
  spec_version: '2.1';
  id: string;
  created: string;
  created_by_ref?: string;
  external_references?: ExternalReferences;
  name?: string;
  definition_type?: string;
  definition?: {
    [k: string]: unknown;
  };
  extensions?: {
    'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'?: Tlp20;
    [k: string]: unknown;
  };
  /**
   * a marking-definition is not versioned
   */
  modified?: {
    [k: string]: unknown;
  };
  /**
   * a marking-definition is not versioned
   */
  revoked?: {
    [k: string]: unknown;
  };
  defanged?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.11
 */
export type Mutex = CoreSco & Own10;
/**
 * STIX 2.1 section 6.12
 */
export type NetworkTraffic = CoreSco & Own11;
export type Own11 = {
  [k: string]: unknown;
} & {
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  start?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  end?: string;
  is_active?: boolean;
  src_ref?: string;
  dst_ref?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  src_port?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  dst_port?: number;
  /**
   * @minItems 1
   */
  protocols?: string[];
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  src_byte_count?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  dst_byte_count?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  src_packets?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  dst_packets?: number;
  ipfix?: {
    [k: string]: number | string;
  };
  src_payload_ref?: string;
  dst_payload_ref?: string;
  /**
   * @minItems 1
   */
  encapsulates_refs?: string[];
  encapsulated_by_ref?: string;
  extensions?: {
    'http-request-ext'?: HttpRequestExt;
    'icmp-ext'?: IcmpExt;
    'socket-ext'?: SocketExt;
    'tcp-ext'?: TcpExt;
    [k: string]: unknown;
  };
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.13
 */
export type Note = Core & {
  abstract?: string;
  content: string;
  /**
   * @minItems 1
   */
  authors?: string[];
  /**
   * @minItems 1
   */
  object_refs: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.14
 */
export type ObservedData = Core & {
  [k: string]: unknown;
} & {
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_observed: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_observed: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  number_observed: number;
  objects?: {
    [k: string]: {
      type: string;
      [k: string]: unknown;
    };
  };
  /**
   * @minItems 1
   */
  object_refs?: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.15
 */
export type Opinion = Core & {
  explanation?: string;
  /**
   * @minItems 1
   */
  authors?: string[];
  opinion: 'strongly-disagree' | 'disagree' | 'neutral' | 'agree' | 'strongly-agree';
  /**
   * @minItems 1
   */
  object_refs: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.13
 */
export type Process = CoreSco & Own12;
/**
 * STIX 2.1 section 5.1
 */
export type Relationship = Core & {
  /**
   * a relationship type of a-z, 0-9 and -
   */
  relationship_type: string;
  description?: string;
  source_ref: string;
  target_ref: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  start_time?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  stop_time?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.16
 */
export type Report = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  report_types?: string[];
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  published: string;
  /**
   * @minItems 1
   */
  object_refs: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 5.2
 */
export type Sighting = Core & {
  description?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  count?: number;
  sighting_of_ref: string;
  /**
   * @minItems 1
   */
  observed_data_refs?: string[];
  /**
   * @minItems 1
   */
  where_sighted_refs?: string[];
  summary?: boolean;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.14
 */
export type Software = CoreSco & Own13;
/**
 * STIX 2.1 section 4.17
 */
export type ThreatActor = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  threat_actor_types?: string[];
  /**
   * @minItems 1
   */
  aliases?: string[];
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  first_seen?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  last_seen?: string;
  /**
   * @minItems 1
   */
  roles?: string[];
  /**
   * @minItems 1
   */
  goals?: string[];
  sophistication?: string;
  resource_level?: string;
  primary_motivation?: string;
  /**
   * @minItems 1
   */
  secondary_motivations?: string[];
  /**
   * @minItems 1
   */
  personal_motivations?: string[];
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 4.18
 */
export type Tool = Core & {
  name: string;
  description?: string;
  /**
   * @minItems 1
   */
  tool_types?: string[];
  /**
   * @minItems 1
   */
  aliases?: string[];
  kill_chain_phases?: KillChainPhases;
  tool_version?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.15
 */
export type URL = CoreSco & Own14;
/**
 * STIX 2.1 section 6.16
 */
export type UserAccount = CoreSco & Own15;
/**
 * STIX 2.1 section 4.19
 */
export type Vulnerability = Core & {
  external_references?: {
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
} & {
  name: string;
  description?: string;
  [k: string]: unknown;
};
/**
 * STIX 2.1 section 6.17
 */
export type WindowsRegistryKey = CoreSco & Own16;
/**
 * STIX 2.1 section 6.18
 */
export type X509Certificate = CoreSco & Own17;

/**
 * The types of STIX 2.1 by their names.
 */
export interface StixTypes {
  artifact: Artifact;
  'attack-pattern': AttackPattern;
  'autonomous-system': AutonomousSystem;
  bundle: Bundle;
  campaign: Campaign;
  'course-of-action': CourseOfAction;
  directory: Directory;
  'domain-name': DomainName;
  'email-addr': EmailAddress;
  'email-message': EmailMessage;
  'extension-definition': ExtensionDefinition;
  file: File;
  grouping: Grouping;
  identity: Identity;
  incident: Incident;
  indicator: Indicator;
  infrastructure: Infrastructure;
  'intrusion-set': IntrusionSet;
  'ipv4-addr': IPv4Address;
  'ipv6-addr': IPv6Address;
  'language-content': LanguageContent;
  location: Location;
  'mac-addr': MACAddress;
  'malware-analysis': MalwareAnalysis;
  malware: Malware;
  'marking-definition': MarkingDefinition;
  mutex: Mutex;
  'network-traffic': NetworkTraffic;
  note: Note;
  'observed-data': ObservedData;
  opinion: Opinion;
  process: Process;
  relationship: Relationship;
  report: Report;
  sighting: Sighting;
  software: Software;
  'threat-actor': ThreatActor;
  tool: Tool;
  url: URL;
  'user-account': UserAccount;
  vulnerability: Vulnerability;
  'windows-registry-key': WindowsRegistryKey;
  'x509-certificate': X509Certificate;
  [k: string]: unknown;
}
/**
 * properties that every kind of object may have
 */
export interface Markable {
  /**
   * @minItems 1
   */
  object_marking_refs?: string[];
  /**
   * @minItems 1
   */
  granular_markings?: GranularMarking[];
  extensions?: Extensions;
  /**
   * the name is reserved (section 3.8)
   */
  severity?: {
    [k: string]: unknown;
  };
  /**
   * the name is reserved (section 3.8)
   */
  username?: {
    [k: string]: unknown;
  };
  /**
   * the name is reserved (section 3.8)
   */
  phone_number?: {
    [k: string]: unknown;
  };
  /**
   * the name is reserved (section 3.8)
   */
  action?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * extensions of the object (section 3.2)
 */
export interface Extensions {
  /**
   * This interface was referenced by `Extensions`'s JSON-Schema definition
   * via the `patternProperty` "^extension-definition--".
   */
  [k: string]:
    | {
        extension_type:
          'new-sdo' | 'new-sco' | 'new-sro' | 'property-extension' | 'toplevel-property-extension';
        [k: string]: unknown;
      }
    | {
        [k: string]: unknown;
      };
}
/**
 * hashes of a file or the like (section 2.7)
 */
export interface Hashes {
  /**
   * a MD5 value, 32 hexadecimal digits
   */
  MD5?: string;
  /**
   * a SHA-1 value, 40 hexadecimal digits
   */
  'SHA-1'?: string;
  /**
   * a SHA-256 value, 64 hexadecimal digits
   */
  'SHA-256'?: string;
  /**
   * a SHA-512 value, 128 hexadecimal digits
   */
  'SHA-512'?: string;
  /**
   * a SHA3-256 value, 64 hexadecimal digits
   */
  'SHA3-256'?: string;
  /**
   * a SHA3-512 value, 128 hexadecimal digits
   */
  'SHA3-512'?: string;
  /**
   * an SSDEEP value, size:text:text
   */
  SSDEEP?: string;
  /**
   * a TLSH value, 70 hexadecimal digits
   */
  TLSH?: string;
  [k: string]: string | undefined;
}
export interface Own1 {
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  number: number;
  name?: string;
  rir?: string;
  [k: string]: unknown;
}
/**
 * STIX 2.1 section 8
 */
export interface Bundle {
  type: 'bundle';
  id: string;
  /**
   * @minItems 1
   */
  objects?: {
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
export interface Own2 {
  path: string;
  /**
   * the IANA name of a character set (section 3.9.1)
   */
  path_enc?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  ctime?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  mtime?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  atime?: string;
  /**
   * @minItems 1
   */
  contains_refs?: string[];
  [k: string]: unknown;
}
export interface Own3 {
  /**
   * a domain name
   */
  value: string;
  /**
   * @minItems 1
   */
  resolves_to_refs?: string[];
  [k: string]: unknown;
}
export interface Own4 {
  /**
   * an email address without display name
   */
  value: string;
  display_name?: string;
  belongs_to_ref?: string;
  [k: string]: unknown;
}
export interface Own5 {
  is_multipart: boolean;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  date?: string;
  content_type?: string;
  from_ref?: string;
  sender_ref?: string;
  /**
   * @minItems 1
   */
  to_refs?: string[];
  /**
   * @minItems 1
   */
  cc_refs?: string[];
  /**
   * @minItems 1
   */
  bcc_refs?: string[];
  message_id?: string;
  subject?: string;
  /**
   * @minItems 1
   */
  received_lines?: string[];
  additional_header_fields?: {
    /**
     * @minItems 1
     */
    [k: string]: string[];
  };
  body?: string;
  /**
   * @minItems 1
   */
  body_multipart?: ({
    [k: string]: unknown;
  } & {
    body?: string;
    body_raw_ref?: string;
    content_type?: string;
    content_disposition?: string;
    [k: string]: unknown;
  })[];
  raw_email_ref?: string;
  [k: string]: unknown;
}
/**
 * the predefined extension archive-ext
 */
export interface ArchiveExt {
  /**
   * @minItems 1
   */
  contains_refs: string[];
  [k: string]: unknown;
}
/**
 * the predefined extension ntfs-ext
 */
export interface NtfsExt {
  sid?: string;
  /**
   * @minItems 1
   */
  alternate_data_streams?: {
    name: string;
    hashes?: Hashes;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size?: number;
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
/**
 * the predefined extension pdf-ext
 */
export interface PdfExt {
  version?: string;
  is_optimized?: boolean;
  document_info_dict?: {
    [k: string]: string;
  };
  pdfid0?: string;
  pdfid1?: string;
  [k: string]: unknown;
}
/**
 * the predefined extension raster-image-ext
 */
export interface RasterImageExt {
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  image_height?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  image_width?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  bits_per_pixel?: number;
  exif_tags?: {
    [k: string]: number | string;
  };
  [k: string]: unknown;
}
/**
 * the predefined extension windows-pebinary-ext
 */
export interface WindowsPebinaryExt {
  pe_type: string;
  imphash?: string;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  machine_hex?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  number_of_sections?: number;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  time_date_stamp?: string;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  pointer_to_symbol_table_hex?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  number_of_symbols?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  size_of_optional_header?: number;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  characteristics_hex?: string;
  file_header_hashes?: Hashes;
  optional_header?: {
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    magic_hex?: string;
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    win32_version_value_hex?: string;
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    checksum_hex?: string;
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    subsystem_hex?: string;
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    dll_characteristics_hex?: string;
    /**
     * an even number of digits 0-9 a-f in lower case (section 2.8)
     */
    loader_flags_hex?: string;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_code?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_initialized_data?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_uninitialized_data?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_image?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_headers?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_stack_reserve?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_stack_commit?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_heap_reserve?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size_of_heap_commit?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    major_linker_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    minor_linker_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    address_of_entry_point?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    base_of_code?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    base_of_data?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    image_base?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    section_alignment?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    file_alignment?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    major_os_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    minor_os_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    major_image_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    minor_image_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    major_subsystem_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    minor_subsystem_version?: number;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    number_of_rva_and_sizes?: number;
    hashes?: Hashes;
    [k: string]: unknown;
  };
  /**
   * @minItems 1
   */
  sections?: {
    name: string;
    /**
     * an integer within ±(2^53 − 1) (section 2.10)
     */
    size?: number;
    entropy?: number;
    hashes?: Hashes;
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
export interface Own7 {
  /**
   * an IPv4 address or network in CIDR notation
   */
  value: string;
  /**
   * @minItems 1
   */
  resolves_to_refs?: string[];
  /**
   * @minItems 1
   */
  belongs_to_refs?: string[];
  [k: string]: unknown;
}
export interface Own8 {
  /**
   * an IPv6 address or network in CIDR notation
   */
  value: string;
  /**
   * @minItems 1
   */
  resolves_to_refs?: string[];
  /**
   * @minItems 1
   */
  belongs_to_refs?: string[];
  [k: string]: unknown;
}
export interface Own9 {
  /**
   * a MAC address, six octets of lower-case hex joined by colons
   */
  value: string;
  [k: string]: unknown;
}
/**
 * TLP 2.0 marking of the OASIS common objects
 */
export interface Tlp20 {
  extension_type: 'property-extension';
  tlp_2_0: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  [k: string]: unknown;
}
export interface Own10 {
  name: string;
  [k: string]: unknown;
}
/**
 * the predefined extension http-request-ext
 */
export interface HttpRequestExt {
  request_method: string;
  request_value: string;
  request_version?: string;
  request_header?: {
    /**
     * @minItems 1
     */
    [k: string]: string[];
  };
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  message_body_length?: number;
  message_body_data_ref?: string;
  [k: string]: unknown;
}
/**
 * the predefined extension icmp-ext
 */
export interface IcmpExt {
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  icmp_type_hex: string;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  icmp_code_hex: string;
  [k: string]: unknown;
}
/**
 * the predefined extension socket-ext
 */
export interface SocketExt {
  address_family:
    'AF_UNSPEC' | 'AF_INET' | 'AF_IPX' | 'AF_APPLETALK' | 'AF_NETBIOS' | 'AF_INET6' | 'AF_IRDA' | 'AF_BTH';
  is_blocking?: boolean;
  is_listening?: boolean;
  options?: {
    [k: string]: number;
  };
  socket_type?: 'SOCK_STREAM' | 'SOCK_DGRAM' | 'SOCK_RAW' | 'SOCK_RDM' | 'SOCK_SEQPACKET';
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  socket_descriptor?: number;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  socket_handle?: number;
  [k: string]: unknown;
}
/**
 * the predefined extension tcp-ext
 */
export interface TcpExt {
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  src_flags_hex?: string;
  /**
   * an even number of digits 0-9 a-f in lower case (section 2.8)
   */
  dst_flags_hex?: string;
  [k: string]: unknown;
}
export interface Own12 {
  is_hidden?: boolean;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  pid?: number;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  created_time?: string;
  cwd?: string;
  command_line?: string;
  environment_variables?: {
    [k: string]: string;
  };
  /**
   * @minItems 1
   */
  opened_connection_refs?: string[];
  creator_user_ref?: string;
  image_ref?: string;
  parent_ref?: string;
  /**
   * @minItems 1
   */
  child_refs?: string[];
  extensions?: {
    'windows-process-ext'?: WindowsProcessExt;
    'windows-service-ext'?: WindowsServiceExt;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * the predefined extension windows-process-ext
 */
export interface WindowsProcessExt {
  aslr_enabled?: boolean;
  dep_enabled?: boolean;
  priority?: string;
  owner_sid?: string;
  window_title?: string;
  startup_info?: {
    [k: string]: unknown;
  };
  integrity_level?: 'low' | 'medium' | 'high' | 'system';
  [k: string]: unknown;
}
/**
 * the predefined extension windows-service-ext
 */
export interface WindowsServiceExt {
  service_name?: string;
  /**
   * @minItems 1
   */
  descriptions?: string[];
  display_name?: string;
  group_name?: string;
  start_type?:
    | 'SERVICE_AUTO_START'
    | 'SERVICE_BOOT_START'
    | 'SERVICE_DEMAND_START'
    | 'SERVICE_DISABLED'
    | 'SERVICE_SYSTEM_ALERT';
  /**
   * @minItems 1
   */
  service_dll_refs?: string[];
  service_type?:
    | 'SERVICE_KERNEL_DRIVER'
    | 'SERVICE_FILE_SYSTEM_DRIVER'
    | 'SERVICE_WIN32_OWN_PROCESS'
    | 'SERVICE_WIN32_SHARE_PROCESS';
  service_status?:
    | 'SERVICE_CONTINUE_PENDING'
    | 'SERVICE_PAUSE_PENDING'
    | 'SERVICE_PAUSED'
    | 'SERVICE_RUNNING'
    | 'SERVICE_START_PENDING'
    | 'SERVICE_STOP_PENDING'
    | 'SERVICE_STOPPED';
  [k: string]: unknown;
}
export interface Own13 {
  name: string;
  /**
   * a CPE 2.3 formatted string
   */
  cpe?: string;
  swid?: string;
  /**
   * @minItems 1
   *
   * Items: a language tag (RFC 5646)
   */
  languages?: string[];
  vendor?: string;
  version?: string;
  [k: string]: unknown;
}
export interface Own14 {
  /**
   * an absolute URL (RFC 3986)
   */
  value: string;
  [k: string]: unknown;
}
export interface Own15 {
  user_id?: string;
  credential?: string;
  account_login?: string;
  account_type?: string;
  display_name?: string;
  is_service_account?: boolean;
  is_privileged?: boolean;
  can_escalate_privs?: boolean;
  is_disabled?: boolean;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  account_created?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  account_expires?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  credential_last_changed?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  account_first_login?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  account_last_login?: string;
  extensions?: {
    'unix-account-ext'?: UnixAccountExt;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * the predefined extension unix-account-ext
 */
export interface UnixAccountExt {
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  gid?: number;
  /**
   * @minItems 1
   */
  groups?: string[];
  home_dir?: string;
  shell?: string;
  [k: string]: unknown;
}
export interface Own16 {
  /**
   * a registry key whose hive is spelled out (HKEY_LOCAL_MACHINE, not HKLM)
   */
  key?: string;
  /**
   * @minItems 1
   */
  values?: {
    name?: string;
    data?: string;
    data_type?:
      | 'REG_NONE'
      | 'REG_SZ'
      | 'REG_EXPAND_SZ'
      | 'REG_BINARY'
      | 'REG_DWORD'
      | 'REG_DWORD_BIG_ENDIAN'
      | 'REG_DWORD_LITTLE_ENDIAN'
      | 'REG_LINK'
      | 'REG_MULTI_SZ'
      | 'REG_RESOURCE_LIST'
      | 'REG_FULL_RESOURCE_DESCRIPTION'
      | 'REG_RESOURCE_REQUIREMENTS_LIST'
      | 'REG_QWORD'
      | 'REG_INVALID_TYPE';
    [k: string]: unknown;
  }[];
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  modified_time?: string;
  creator_user_ref?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  number_of_subkeys?: number;
  [k: string]: unknown;
}
export interface Own17 {
  is_self_signed?: boolean;
  hashes?: Hashes;
  version?: string;
  serial_number?: string;
  signature_algorithm?: string;
  issuer?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  validity_not_before?: string;
  /**
   * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
   */
  validity_not_after?: string;
  subject?: string;
  subject_public_key_algorithm?: string;
  subject_public_key_modulus?: string;
  /**
   * an integer within ±(2^53 − 1) (section 2.10)
   */
  subject_public_key_exponent?: number;
  x509_v3_extensions?: {
    basic_constraints?: string;
    name_constraints?: string;
    policy_constraints?: string;
    key_usage?: string;
    extended_key_usage?: string;
    subject_key_identifier?: string;
    authority_key_identifier?: string;
    subject_alternative_name?: string;
    issuer_alternative_name?: string;
    subject_directory_attributes?: string;
    crl_distribution_points?: string;
    inhibit_any_policy?: string;
    certificate_policies?: string;
    policy_mappings?: string;
    /**
     * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
     */
    private_key_usage_period_not_before?: string;
    /**
     * a timestamp, YYYY-MM-DDTHH:mm:ss[.s+]Z (section 2.16), with at most nine fraction digits
     */
    private_key_usage_period_not_after?: string;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
