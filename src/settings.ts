import type { Tlp } from './stix/markings.ts';

/** Parts of the settings file, as their schema (schemas/config.json) lets them in. Names as written there. */
export interface ApiRootSetting {
  readonly path: string;
  readonly title?: string;
  readonly description?: string;
  readonly max_content_length?: number;
  readonly page_limit?: number;
}

export interface GrantSetting {
  readonly to: string;
  readonly read?: boolean;
  readonly write?: boolean;
}

export interface CollectionSetting {
  readonly id: string;
  readonly api_root: string;
  readonly alias?: string;
  readonly title: string;
  readonly description?: string;
  readonly unmarked?: 'default' | 'refuse';
  readonly default_tlp?: Tlp;
  readonly min_tlp?: Tlp;
  readonly max_tlp?: Tlp;
  readonly accept?: readonly ('2.0' | '2.1')[];
  readonly validation?: 'strict' | 'standard';
  readonly grants?: readonly GrantSetting[];
}

export interface GroupSetting {
  readonly name: string;
  readonly title?: string;
  readonly members?: readonly string[];
}

export interface MemberSetting {
  readonly name: string;
  readonly title?: string;
  readonly kind?: string;
  readonly status?: 'active' | 'paused' | 'former';
  readonly identities?: readonly string[];
  readonly countries?: readonly string[];
  readonly asns?: readonly number[];
  readonly networks?: readonly string[];
  readonly domains?: readonly string[];
  readonly collection?: boolean | { readonly id: string; readonly api_root?: string };
  readonly push?: { readonly url: string };
}

export interface AccountSetting {
  readonly name: string;
  readonly role: 'administrator' | 'analyst' | 'officer' | 'machine';
  readonly person?: boolean;
  readonly member?: string;
  readonly default_tlp?: Tlp;
  readonly key_env?: string;
  readonly password_env?: string;
}

export interface FeedSetting {
  readonly name: string;
  readonly preset?: string;
  readonly enabled?: boolean;
  readonly collection?: string;
  readonly tlp?: Tlp;
  readonly url?: string;
  readonly schedule?: string | Readonly<Record<string, unknown>>;
  readonly document?: Readonly<Record<string, unknown>>;
  readonly confidence?: number;
  readonly special_addresses_allowed?: readonly string[];
  readonly special_domains_allowed?: readonly string[];
}
