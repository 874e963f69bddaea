// Made from schemas/ by "npm run generate". Do not edit.

export interface ApiTypes {
  readonly requests: ApiRequests;
  readonly answers: ApiAnswers;
}
/**
 * Bodies of requests by the files of their schemas.
 */
export interface ApiRequests {
  readonly 'api/account-change.json': AccountChange;
  readonly 'api/account-request.json': AccountRequest;
  readonly 'api/anonymous-request.json': AnonymousRequest;
  readonly 'api/answer-request.json': AnswerRequest;
  readonly 'api/answer.json': Answer;
  readonly 'api/certificate-request.json': CertificateRequest;
  readonly 'api/channel-replay.json': ChannelReplay;
  readonly 'api/channel-request.json': ChannelRequest;
  readonly 'api/claim-decision.json': ClaimDecision;
  readonly 'api/claim-request.json': ClaimRequest;
  readonly 'api/collection-change.json': CollectionChange;
  readonly 'api/collection-request.json': CollectionRequest;
  readonly 'api/confirmation.json': Confirmation;
  readonly 'api/contact-decision.json': ContactDecision;
  readonly 'api/contact-request.json': ContactRequest;
  readonly 'api/contact-verification.json': ContactVerification;
  readonly 'api/dead-letters-request.json': DeadLettersRequest;
  readonly 'api/email-proposal.json': EmailProposal;
  readonly 'api/email-verification.json': EmailVerification;
  readonly 'api/exercise-call-request.json': ExerciseCallRequest;
  readonly 'api/exercise-request.json': ExerciseRequest;
  readonly 'api/false-positive-decision.json': FalsePositiveDecision;
  readonly 'api/feed-change.json': FeedChange;
  readonly 'api/feed-pause.json': FeedPause;
  readonly 'api/feed-request.json': FeedRequest;
  readonly 'api/feedback-request.json': FeedbackRequest;
  readonly 'api/grant-request.json': GrantRequest;
  readonly 'api/group-membership.json': GroupMembership;
  readonly 'api/group-request.json': GroupRequest;
  readonly 'api/held-discard.json': HeldDiscard;
  readonly 'api/held-give.json': HeldGive;
  readonly 'api/indicators-request.json': IndicatorsRequest;
  readonly 'api/key-request.json': KeyRequest;
  readonly 'api/key-rotation.json': KeyRotation;
  readonly 'api/list-change.json': ListChange;
  readonly 'api/list-confirmation.json': ListConfirmation;
  readonly 'api/list-request.json': ListRequest;
  readonly 'api/member-change.json': MemberChange;
  readonly 'api/member-request.json': MemberRequest;
  readonly 'api/member-self-change.json': MemberSelfChange;
  readonly 'api/passkey.json': Passkey;
  readonly 'api/password-reset-request.json': PasswordResetRequest;
  readonly 'api/password-reset.json': PasswordReset;
  readonly 'api/preferences-request.json': PreferencesRequest;
  readonly 'api/publish-request.json': PublishRequest;
  readonly 'api/red-request.json': RedRequest;
  readonly 'api/registration.json': Registration;
  readonly 'api/request-decision.json': RequestDecision;
  readonly 'api/revision-request.json': RevisionRequest;
  readonly 'api/rule-request.json': RuleRequest;
  readonly 'api/saved-search-change.json': SavedSearchChange;
  readonly 'api/saved-search-request.json': SavedSearchRequest;
  readonly 'api/seal-opening.json': SealOpening;
  readonly 'api/second-factor-code.json': SecondFactorCode;
  readonly 'api/second-factor-proof.json': SecondFactorProof;
  readonly 'api/secret-request.json': SecretRequest;
  readonly 'api/share-answer.json': ShareAnswer;
  readonly 'api/share-request.json': ShareRequest;
  readonly 'api/sign-in.json': SignIn;
  readonly 'api/sign-on-link.json': SignOnLink;
  readonly 'api/suppression-lift.json': SuppressionLift;
  readonly 'api/suppression-request.json': SuppressionRequest;
  readonly 'api/triage-assignment.json': TriageAssignment;
  readonly 'api/triage-dismissal.json': TriageDismissal;
  readonly 'api/values-check.json': ValuesCheck;
  readonly 'api/wide-network-decision.json': WideNetworkDecision;
  readonly 'api/wide-network-request.json': WideNetworkRequest;
}
export interface AccountChange {
  readonly role?: 'administrator' | 'analyst' | 'officer' | 'machine';
  readonly person?: boolean;
  readonly default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  /**
   * 12 to 256 characters.
   */
  readonly password?: string;
  /**
   * A disabled account cannot sign in.
   */
  readonly disabled?: boolean;
  /**
   * Email address. It takes effect after the person has confirmed it.
   */
  readonly email?: string;
}
export interface AccountRequest {
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly name: string;
  readonly role: 'administrator' | 'analyst' | 'officer' | 'machine';
  /**
   * Member of the account. Without it, the account belongs to the hub.
   */
  readonly member?: string;
  /**
   * The account of a person, who can receive TLP:RED.
   */
  readonly person?: boolean;
  /**
   * TLP level of its objects without a marking.
   */
  readonly default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  /**
   * 12 to 256 characters.
   */
  readonly password?: string;
  /**
   * Email address. It takes effect after the person has confirmed it.
   */
  readonly email?: string;
}
export interface AnonymousRequest {
  /**
   * STIX 2.1 indicators. Their ids stay with the hub, under seal.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly objects: readonly object[];
  /**
   * `anonymous-in-counts`: numbers about your member do not include the objects either.
   */
  readonly attribution: 'anonymous-to-members' | 'anonymous-in-counts';
  /**
   * True to see the changes only. Nothing is stored.
   */
  readonly preview?: boolean;
}
export interface AnswerRequest {
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly until: string;
}
export interface Answer {
  readonly answer: 'acknowledged' | 'not-ours' | 'false-positive';
  readonly note?: string;
}
export interface CertificateRequest {
  /**
   * The certificate in PEM format. The hub stores only a fingerprint of its public key.
   */
  readonly certificate: string;
  /**
   * Proof that the caller holds the private key. Not needed if the request arrives with the certificate itself.
   */
  readonly proof?: {
    /**
     * Time of the signature (RFC 3339, UTC), at most ten minutes ago.
     */
    readonly signed_at: string;
    /**
     * Signature in base64 (SHA-256 with RSA or ECDSA, or Ed25519) of four lines: `Talanoa client certificate`, `hub: URL`, `account: NAME`, `signed at: TIME`, each followed by a line feed. URL is `hub.url` of the settings.
     */
    readonly signature: string;
  };
  /**
   * The account of the certificate.
   */
  readonly account?: string;
  /**
   * The member that a new account belongs to.
   */
  readonly member?: string;
  /**
   * The role of a new account.
   */
  readonly role?: 'administrator' | 'analyst' | 'officer' | 'machine';
  /**
   * Collections to grant, by id or alias.
   *
   * @maxItems 100
   */
  readonly collections?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  /**
   * Expiry, if earlier than the expiry of the certificate.
   */
  readonly expiresDays?: number;
  /**
   * The purpose of the certificate.
   */
  readonly label?: string;
  /**
   * Scopes that limit the certificate. Without them it has all rights of its account.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly scopes?: readonly (
    'taxii:read' | 'taxii:write' | 'lists:read' | 'api:read' | 'api:write' | 'metrics:read'
  )[];
  /**
   * Collections, by id or alias, that limit the certificate.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly only?: readonly string[];
  /**
   * Addresses and networks (CIDR) from which the certificate may be used.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly addresses?: readonly string[];
}
export interface ChannelReplay {
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly since: string;
}
export interface ChannelRequest {
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly name: string;
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly member: string;
  readonly kind: 'taxii' | 'webhook' | 'mail' | 'sentinel' | 'defender';
  /**
   * For mail: mailto:soc@cert.example. For webhook: the https URL that receives the requests. For taxii: the URL of the collection on the member's server. For sentinel: the URL of the upload API with the id of the workspace. For defender: api.security.microsoft.com, with https
   */
  readonly url: string;
  /**
   * Collection, by id or alias. Default: the member's own.
   */
  readonly collection?: string;
  /**
   * For sentinel and defender: the https URL where the application gets its tokens: login.microsoftonline.com/TENANT/oauth2/v2.0/token
   */
  readonly token_url?: string;
  /**
   * For defender: what a device does with a match. Default: Audit, which raises an alert.
   */
  readonly action?: 'Audit' | 'Alert' | 'Warn' | 'Block' | 'BlockAndRemediate';
  readonly username?: string;
  /**
   * Reference of the password or key (taxii), of the signing secret (webhook), or of the secret of the application (sentinel, defender).
   */
  readonly secret?: string;
  /**
   * For mail: interval of the digest. Urgent objects are sent at once.
   */
  readonly every?: 'now' | 'hour' | 'day' | 'week';
  /**
   * For mail: time of day of the digest.
   */
  readonly at?: string;
  /**
   * For mail: IANA time zone.
   */
  readonly zone?: string;
  /**
   * For mail: all includes objects that match only by country or sector.
   */
  readonly relevance?: 'strong' | 'all';
  /**
   * STIX types to send.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly types?: readonly string[];
  /**
   * Labels, one of which must match.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly labels?: readonly string[];
  /**
   * Minimum confidence.
   */
  readonly min_confidence?: number;
}
export interface ClaimDecision {
  readonly verdict: 'verified' | 'rejected';
  readonly note?: string;
}
export interface ClaimRequest {
  readonly type: 'network' | 'domain' | 'asn' | 'country' | 'sector' | 'brand';
  readonly value: string;
  /**
   * Evidence: a registration, a letter, a DNS record.
   */
  readonly evidence?: string;
  /**
   * End of the claim (RFC 3339, UTC). It affects routing until then.
   */
  readonly until?: string;
}
export interface CollectionChange {
  readonly title?: string;
  /**
   * null removes it.
   */
  readonly description?: string | null;
  /**
   * The hub removes stored objects that are stricter.
   */
  readonly max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  /**
   * Applies to new objects.
   */
  readonly min_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  /**
   * Applies to new objects.
   */
  readonly unmarked?: 'refuse' | 'default';
  /**
   * Applies to new objects.
   */
  readonly default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  /**
   * Applies to new objects.
   */
  readonly validation?: 'strict' | 'standard' | 'tolerant';
}
export interface CollectionRequest {
  readonly title: string;
  readonly description?: string;
  /**
   * a name of a-z, 0-9 and hyphens
   */
  readonly alias?: string;
  /**
   * Default: the first API root.
   */
  readonly api_root?: string;
  readonly max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  readonly min_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  readonly unmarked?: 'refuse' | 'default';
  readonly default_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  readonly validation?: 'strict' | 'standard' | 'tolerant';
}
export interface Confirmation {
  readonly password?: string;
  /**
   * A code from the authenticator app, or a recovery code.
   */
  readonly code?: string;
  /**
   * The credential as the browser returns it (PublicKeyCredential.toJSON).
   */
  readonly passkey?: object;
}
export interface ContactDecision {
  readonly verdict: 'accept' | 'decline';
  /**
   * The fields that come into force. Without it, all of them do. Only for changes of a contact.
   *
   * @minItems 1
   * @maxItems 13
   */
  readonly fields?: readonly (
    | 'label'
    | 'name'
    | 'name_shown'
    | 'purposes'
    | 'order'
    | 'wait'
    | 'languages'
    | 'time_zone'
    | 'hours'
    | 'holidays'
    | 'phones'
    | 'emails'
    | 'keys'
  )[];
  /**
   * How you made sure that the change is right. Required to accept a change of a contact with the purpose 24x7, and a new key.
   */
  readonly method?: 'call' | 'sms' | 'signed-email' | 'known-person';
  /**
   * The member can read it.
   */
  readonly note?: string;
}
export interface ContactRequest {
  /**
   * The contact to change or remove. Without it, the request creates one.
   */
  readonly contact?: string;
  /**
   * Removes the contact.
   */
  readonly remove?: true;
  /**
   * The fields to set. Fields that are left out stay as they are.
   */
  readonly fields?: {
    /**
     * The role, such as "Duty desk". Everybody who sees a field of the contact sees it.
     */
    readonly label?: string;
    /**
     * The name of the person. null removes it.
     */
    readonly name?: string | null;
    /**
     * Readers of the name. By default the hub alone.
     */
    readonly name_shown?: {
      /**
       * Readers: anybody, all members, the members in `members` and the hub, or the hub alone. The member itself always sees its contacts.
       */
      readonly visibility: 'public' | 'members' | 'named' | 'hub';
      /**
       * Names of members, for `named`.
       *
       * @maxItems 100
       */
      readonly members?: readonly string[];
    } | null;
    /**
     * @minItems 1
     * @maxItems 9
     */
    readonly purposes?: readonly (
      | 'incident'
      | '24x7'
      | 'abuse'
      | 'vulnerability'
      | 'policy'
      | 'media'
      | 'legal'
      | 'law-enforcement'
      | 'technical'
    )[];
    /**
     * The place in the phone tree of the member.
     */
    readonly order?: number;
    /**
     * Minutes to wait for an answer before the next contact is called.
     */
    readonly wait?: number;
    /**
     * Tags of languages (BCP 47), such as en and to.
     *
     * @maxItems 10
     */
    readonly languages?: readonly string[];
    /**
     * IANA time zone, such as Pacific/Tongatapu.
     */
    readonly time_zone?: string;
    /**
     * Weekly hours in this time zone, such as "Mon-Fri 08:30-16:30; Sat 09:00-12:00", or 24/7. null removes them.
     */
    readonly hours?: string | null;
    /**
     * Days without hours. null removes them.
     *
     * @maxItems 100
     */
    readonly holidays?: readonly string[] | null;
    /**
     * @maxItems 10
     */
    readonly phones?: readonly {
      /**
       * With the country code, such as +676 00 14 299. Stored in E.164 format.
       */
      readonly number: string;
      readonly kind: 'duty' | 'mobile' | 'desk' | 'satellite' | 'fax';
      /**
       * Other ways to reach somebody at this number.
       *
       * @maxItems 3
       */
      readonly reach?: readonly ('sms' | 'whatsapp' | 'signal')[];
      /**
       * Readers: anybody, all members, the members in `members` and the hub, or the hub alone. The member itself always sees its contacts.
       */
      readonly visibility: 'public' | 'members' | 'named' | 'hub';
      /**
       * Names of members, for `named`.
       *
       * @maxItems 100
       */
      readonly members?: readonly string[];
    }[];
    /**
     * @maxItems 10
     */
    readonly emails?: readonly {
      readonly address: string;
      /**
       * Readers: anybody, all members, the members in `members` and the hub, or the hub alone. The member itself always sees its contacts.
       */
      readonly visibility: 'public' | 'members' | 'named' | 'hub';
      /**
       * Names of members, for `named`.
       *
       * @maxItems 100
       */
      readonly members?: readonly string[];
    }[];
    /**
     * OpenPGP public keys, armored. Each must be valid, able to encrypt, and name an email address of the contact. null removes all.
     *
     * @maxItems 3
     */
    readonly keys?: readonly string[] | null;
  };
  /**
   * How the caller made sure that the change is right. Only administrators of the hub, whose changes come into force at once, give it. Required for contacts with the purpose 24x7.
   */
  readonly method?: 'call' | 'sms' | 'signed-email' | 'known-person';
  readonly note?: string;
}
export interface ContactVerification {
  readonly method: 'call' | 'sms' | 'signed-email' | 'known-person';
  readonly note?: string;
}
export interface DeadLettersRequest {
  /**
   * send: send the objects again. clear: remove the dead letters from the list without sending them.
   */
  readonly way: 'send' | 'clear';
  /**
   * Ids of the objects. Default: all dead letters.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly objects?: readonly string[];
}
export interface EmailProposal {
  /**
   * Email address.
   */
  readonly email: string;
}
export interface EmailVerification {
  readonly token: string;
}
export interface ExerciseCallRequest {
  /**
   * Id of the contact that was called.
   */
  readonly contact: string;
  readonly outcome: 'reached' | 'no-answer' | 'wrong-number';
  readonly note?: string;
}
export interface ExerciseRequest {
  readonly title: string;
  /**
   * Members that take part. Without members and group, all active members do.
   *
   * @minItems 1
   * @maxItems 1000
   */
  readonly members?: readonly string[];
  /**
   * Group whose members take part.
   */
  readonly group?: string;
}
export interface FalsePositiveDecision {
  readonly verdict: 'confirmed' | 'refused';
  /**
   * The reporters can read it. If the report is confirmed, everybody who has the value can read it, too.
   */
  readonly note: string;
}
export interface FeedChange {
  /**
   * Collection to fill, by id or alias.
   */
  readonly collection: string;
  /**
   * Name of a preset.
   */
  readonly preset?: string;
  /**
   * A feed document (schemas/feeds/feed.json).
   */
  readonly document?: object;
  /**
   * URL of the feed. With a preset, it replaces the URL of the preset. Without one, the hub detects the format.
   */
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly enabled?: boolean;
}
export interface FeedPause {
  readonly reason?: string;
}
export interface FeedRequest {
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly name: string;
  /**
   * Collection to fill, by id or alias.
   */
  readonly collection: string;
  /**
   * Name of a preset.
   */
  readonly preset?: string;
  /**
   * A feed document (schemas/feeds/feed.json).
   */
  readonly document?: object;
  /**
   * URL of the feed. With a preset, it replaces the URL of the preset. Without one, the hub detects the format.
   */
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly enabled?: boolean;
}
export interface FeedbackRequest {
  /**
   * @minItems 1
   * @maxItems 1000
   */
  readonly items: readonly {
    /**
     * An address, a network, a domain, a URL, an email address or a hash, defanged or not.
     */
    readonly value?: string;
    /**
     * STIX id of an indicator, instead of a value: a report about each of its first 100 values. The items of one request can have at most 1,000 values together.
     */
    readonly object?: string;
    readonly kind: 'sighting' | 'false-positive' | 'note';
    readonly first_seen?: string;
    readonly last_seen?: string;
    readonly count?: number;
    readonly note?: string;
    /**
     * TLP level of the report. The report is at least as strict as the value.
     */
    readonly tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
  }[];
}
export interface GrantRequest {
  /**
   * account:NAME, member:NAME, group:NAME, role:NAME or public
   */
  readonly to: string;
  readonly read?: boolean;
  readonly write?: boolean;
  /**
   * Removes rights that the request does not name. Without it, the request only adds rights.
   */
  readonly replace?: boolean;
}
export interface GroupMembership {
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly since?: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly until?: string;
}
export interface GroupRequest {
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly name: string;
  readonly title?: string;
  /**
   * Other members can see the group and its members.
   */
  readonly listed?: boolean;
}
export interface HeldDiscard {
  readonly reason: string;
}
export interface HeldGive {
  /**
   * Accounts of people.
   *
   * @minItems 1
   * @maxItems 100
   *
   * Items: a-z, 0-9 and hyphens.
   */
  readonly to: readonly string[];
  readonly note?: string;
}
export interface IndicatorsRequest {
  /**
   * IP addresses, networks, ranges of addresses, AS numbers, domain names, URLs, email addresses and hashes, defanged or not. Each becomes an indicator.
   *
   * @minItems 1
   * @maxItems 500
   */
  readonly values: readonly string[];
  /**
   * Kind of all values, where it is ambiguous: a SHA-1 or SHA-256 can be the hash of a file or of a certificate. Default: each value is recognised by its format.
   */
  readonly kind?: 'auto' | 'ip' | 'asn' | 'domain' | 'url' | 'email' | 'hash' | 'certificate';
  /**
   * TLP level of the indicators.
   */
  readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  /**
   * Days until the indicators expire.
   */
  readonly valid_days: number;
  /**
   * Name of the indicators. Default: the value.
   */
  readonly title?: string;
  /**
   * Description of the indicators.
   */
  readonly description?: string;
  /**
   * Name of the malware family that the indicators point to. A malware object with this name is used or created, with a relationship from each indicator.
   */
  readonly malware?: string;
  /**
   * Confidence that the indicators are right, from 0 to 100.
   */
  readonly confidence?: number;
  /**
   * Labels of the indicators.
   *
   * @maxItems 50
   */
  readonly labels?: readonly string[];
  /**
   * URLs of pages about the threat.
   *
   * @maxItems 20
   */
  readonly references?: readonly string[];
  /**
   * Time from which the indicators are valid. Default: now. valid_days counts from it.
   */
  readonly valid_from?: string;
  /**
   * Publish values that are on warning lists, such as public resolvers, with a label. Default: these values are refused, because nobody should block them.
   */
  readonly accept_warnings?: boolean;
  /**
   * Handling of values for which the collection has a valid indicator that the caller can read. skip (the default): publish nothing. sighting: publish a sighting of that indicator. new: publish a new indicator.
   */
  readonly if_known?: 'skip' | 'sighting' | 'new';
  /**
   * The member on behalf of which the indicators are submitted. Only hub staff may set this. The audit log records it.
   */
  readonly on_behalf_of?: string;
}
export interface KeyRequest {
  /**
   * The account of the key.
   */
  readonly account?: string;
  /**
   * Member that the account belongs to.
   */
  readonly member?: string;
  /**
   * Role of a new account.
   */
  readonly role?: 'administrator' | 'analyst' | 'officer' | 'machine';
  /**
   * Collections, by id or alias.
   *
   * @maxItems 100
   */
  readonly collections?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  readonly expiresDays?: number;
  /**
   * The purpose.
   */
  readonly label?: string;
  /**
   * Scopes. Without them the key has all rights of its account.
   *
   * @minItems 1
   * @maxItems 16
   */
  readonly scopes?: readonly (
    'taxii:read' | 'taxii:write' | 'lists:read' | 'api:read' | 'api:write' | 'metrics:read'
  )[];
  /**
   * Collections, by id or alias, that limit the key.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly only?: readonly string[];
  /**
   * Addresses and networks (CIDR) of clients that may use the key.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly addresses?: readonly string[];
}
export interface KeyRotation {
  /**
   * Days for which the old key stays valid.
   */
  readonly overlapDays?: number;
  readonly expiresDays?: number;
}
export interface ListChange {
  /**
   * Title. Null removes the setting.
   */
  readonly title?: string | null;
  /**
   * Collections whose values the list joins, by id or alias. You must be able to read them.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly collections?: readonly string[];
  /**
   * Format of the list at its address. It decides whether values are selected for alerting or for blocking.
   */
  readonly format?: string;
  /**
   * Types of values. Default: the usual types of the format. Null removes the setting.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly types?: readonly string[] | null;
  /**
   * Minimum confidence. Default: 0.
   */
  readonly min_confidence?: number;
  /**
   * Only values that were last seen within this number of days. Null removes the setting.
   */
  readonly max_age?: number | null;
  /**
   * Only values with one of these labels. Null removes the setting.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly labels?: readonly string[] | null;
  /**
   * Minimum number of members or feeds that report a value. Default: 1.
   */
  readonly sources?: number;
  /**
   * Maximum number of values, which depends on the device. The list keeps the best ones. Default: 100000.
   */
  readonly max_entries?: number;
  /**
   * Join neighbouring addresses to networks that contain exactly the same addresses.
   */
  readonly aggregate?: boolean;
  /**
   * Growth in percent at which a person must confirm the list. Default: 100, which is twice as many values. Growth by fewer than 10 values is always published.
   */
  readonly max_growth?: number;
  /**
   * Loss in percent at which a person must confirm the list. Default: 90. An empty list must always be confirmed.
   */
  readonly max_shrink?: number;
  /**
   * Hours without a change after which an alarm is sent. Default: 72.
   */
  readonly stale_hours?: number;
}
export interface ListConfirmation {
  /**
   * Number of values that you expect the list to have. Content that has changed since you looked is not published.
   */
  readonly entries?: number;
}
export interface ListRequest {
  /**
   * The name in the address /lists/NAME: a-z, 0-9 and hyphens.
   */
  readonly name: string;
  /**
   * The member that the list belongs to. Default: your own member, or the hub.
   */
  readonly member?: string;
  readonly title?: string;
  /**
   * Collections whose values the list joins, by id or alias. You must be able to read them.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly collections: readonly string[];
  /**
   * Format of the list at its address. It decides whether values are selected for alerting or for blocking.
   */
  readonly format: string;
  /**
   * Types of values. Default: the usual types of the format.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly types?: readonly string[];
  /**
   * Minimum confidence. Default: 0.
   */
  readonly min_confidence?: number;
  /**
   * Only values that were last seen within this number of days.
   */
  readonly max_age?: number;
  /**
   * Only values with one of these labels.
   *
   * @minItems 1
   * @maxItems 20
   */
  readonly labels?: readonly string[];
  /**
   * Minimum number of members or feeds that report a value. Default: 1.
   */
  readonly sources?: number;
  /**
   * Maximum number of values, which depends on the device. The list keeps the best ones. Default: 100000.
   */
  readonly max_entries?: number;
  /**
   * Join neighbouring addresses to networks that contain exactly the same addresses.
   */
  readonly aggregate?: boolean;
  /**
   * Growth in percent at which a person must confirm the list. Default: 100, which is twice as many values. Growth by fewer than 10 values is always published.
   */
  readonly max_growth?: number;
  /**
   * Loss in percent at which a person must confirm the list. Default: 90. An empty list must always be confirmed.
   */
  readonly max_shrink?: number;
  /**
   * Hours without a change after which an alarm is sent. Default: 72.
   */
  readonly stale_hours?: number;
}
export interface MemberChange {
  readonly title?: string;
  readonly kind?:
    | 'national-cert'
    | 'government'
    | 'sector-cert'
    | 'operator'
    | 'academic'
    | 'regional-body'
    | 'partner'
    | 'vendor'
    | 'source';
  /**
   * Only active members read, write and receive.
   */
  readonly status?: 'active' | 'paused' | 'former';
  /**
   * @maxItems 1000
   *
   * Items: the STIX id of an identity: identity-- and a UUID
   */
  readonly identities?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly countries?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly asns?: readonly number[];
  /**
   * @maxItems 1000
   */
  readonly networks?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly domains?: readonly string[];
  readonly objects_per_day?: number;
  /**
   * The member whose client it is, or null.
   */
  readonly parent?: string | null;
  /**
   * The member receives copies of objects that match more specific claims of others inside its networks and domains, or of its clients.
   */
  readonly copies?: boolean;
  /**
   * @maxItems 100
   */
  readonly sectors?: readonly string[];
  /**
   * @maxItems 100
   */
  readonly brands?: readonly string[];
}
export interface MemberRequest {
  /**
   * a-z, 0-9 and hyphens. Names that the member chooses for its accounts and lists begin with it.
   */
  readonly name: string;
  readonly title?: string;
  readonly kind?:
    | 'national-cert'
    | 'government'
    | 'sector-cert'
    | 'operator'
    | 'academic'
    | 'regional-body'
    | 'partner'
    | 'vendor'
    | 'source';
  /**
   * Only active members read, write and receive.
   */
  readonly status?: 'active' | 'paused' | 'former';
  /**
   * @maxItems 1000
   *
   * Items: the STIX id of an identity: identity-- and a UUID
   */
  readonly identities?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly countries?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly asns?: readonly number[];
  /**
   * @maxItems 1000
   */
  readonly networks?: readonly string[];
  /**
   * @maxItems 1000
   */
  readonly domains?: readonly string[];
  readonly objects_per_day?: number;
  /**
   * Creates a collection of its own, to which the hub routes objects that affect the member.
   */
  readonly collection?: boolean;
  /**
   * The member whose client it is.
   */
  readonly parent?: string;
  /**
   * The member receives copies of objects that match more specific claims of others inside its networks and domains, or of its clients.
   */
  readonly copies?: boolean;
  /**
   * @maxItems 100
   */
  readonly sectors?: readonly string[];
  /**
   * @maxItems 100
   */
  readonly brands?: readonly string[];
}
export interface MemberSelfChange {
  readonly title?: string;
  /**
   * @maxItems 1000
   *
   * Items: the STIX id of an identity: identity-- and a UUID
   */
  readonly identities?: readonly string[];
  /**
   * The member receives copies of objects that match more specific claims of others inside its networks and domains, or of its clients.
   */
  readonly copies?: boolean;
}
export interface Passkey {
  /**
   * The credential as the browser returns it (PublicKeyCredential.toJSON).
   */
  readonly passkey: object;
  readonly label?: string;
}
export interface PasswordResetRequest {
  /**
   * Account name or email address.
   */
  readonly account: string;
}
export interface PasswordReset {
  readonly token: string;
  /**
   * 12 to 256 characters.
   */
  readonly password: string;
}
export interface PreferencesRequest {
  /**
   * Language of pages. Without it, the hub uses the language that the browser asks for.
   */
  readonly language?: 'en' | 'fr';
  /**
   * IANA time zone, such as Pacific/Noumea. Without it, pages show times in the time zone of the hub.
   */
  readonly time_zone?: string;
  /**
   * Colours of pages. Without it, they follow the device.
   */
  readonly theme?: 'day' | 'night';
  /**
   * Present for more contrast than usual.
   */
  readonly contrast?: 'more';
  /**
   * Present when the overview does not show the first steps of a new hub.
   */
  readonly first_steps?: 'hidden';
}
export interface PublishRequest {
  /**
   * STIX objects.
   *
   * @minItems 1
   * @maxItems 500
   */
  readonly objects: readonly object[];
  /**
   * The member on behalf of which the objects are submitted. Only hub staff may set this. The audit log records it.
   */
  readonly on_behalf_of?: string;
}
export interface RedRequest {
  /**
   * A STIX object marked TLP:RED.
   */
  readonly object: object;
  /**
   * Accounts of people.
   *
   * @minItems 1
   * @maxItems 100
   *
   * Items: a-z, 0-9 and hyphens.
   */
  readonly to: readonly string[];
  readonly note?: string;
}
export interface Registration {
  /**
   * a-z, 0-9 and hyphens. Names that the member chooses for its accounts and lists begin with it.
   */
  readonly name: string;
  readonly title: string;
  readonly kind?:
    | 'national-cert'
    | 'government'
    | 'sector-cert'
    | 'operator'
    | 'academic'
    | 'regional-body'
    | 'partner'
    | 'vendor'
    | 'source';
  /**
   * @maxItems 1000
   */
  readonly countries?: readonly string[];
  /**
   * The contact person and how to reach them.
   */
  readonly contact: string;
  readonly message?: string;
}
export interface RequestDecision {
  readonly verdict: 'approved' | 'refused';
  readonly note?: string;
}
export interface RevisionRequest {
  /**
   * New name of the object.
   */
  readonly title?: string;
  /**
   * New description.
   */
  readonly description?: string;
  /**
   * New TLP level. Other markings stay.
   */
  readonly tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  /**
   * Days from now until the indicator expires. 0: it expires now.
   */
  readonly valid_days?: number;
  /**
   * New confidence, from 0 to 100.
   */
  readonly confidence?: number;
  /**
   * New labels, which replace the current ones.
   *
   * @maxItems 50
   */
  readonly labels?: readonly string[];
}
export interface RuleRequest {
  /**
   * a-z, 0-9 and hyphens.
   */
  readonly name: string;
  /**
   * Collection, by id or alias.
   */
  readonly from: string;
  /**
   * Collection, by id or alias.
   */
  readonly to: string;
  /**
   * STIX types.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly types?: readonly string[];
  /**
   * Labels, one of which must match.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly labels?: readonly string[];
  /**
   * Owners whose objects the rule forwards: members, hub or feed:NAME.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly owners?: readonly string[];
  readonly max_tlp?: 'clear' | 'green' | 'amber' | 'amber+strict';
}
export interface SavedSearchChange {
  /**
   * The value to search for, defanged or not.
   */
  readonly query?: string;
  /**
   * The filters, written as in the query of GET /search. An empty text removes them.
   */
  readonly filters?: string;
  /**
   * True if the people of your member, or hub staff, can see the search.
   */
  readonly shared?: boolean;
}
export interface SavedSearchRequest {
  /**
   * The name of the search: lowercase letters, digits and hyphens.
   */
  readonly name: string;
  /**
   * The value to search for, defanged or not.
   */
  readonly query: string;
  /**
   * The filters, written as in the query of GET /search, such as type=indicator&state=valid.
   */
  readonly filters?: string;
  /**
   * True if the people of your member, or hub staff, can see the search. False by default.
   */
  readonly shared?: boolean;
}
export interface SealOpening {
  /**
   * The officers of the member can read it.
   */
  readonly reason: string;
}
export interface SecondFactorCode {
  /**
   * A code from the authenticator app, or a recovery code.
   */
  readonly code: string;
}
export interface SecondFactorProof {
  /**
   * A code from the authenticator app, or a recovery code.
   */
  readonly code?: string;
  /**
   * The credential as the browser returns it (PublicKeyCredential.toJSON).
   */
  readonly passkey?: object;
}
export interface SecretRequest {
  readonly value: string;
  /**
   * Hosts (with a non-default port) that may receive the secret.
   *
   * @minItems 1
   * @maxItems 10
   */
  readonly hosts: readonly string[];
}
export interface ShareAnswer {
  readonly verdict: 'granted' | 'refused';
  readonly note?: string;
}
export interface ShareRequest {
  /**
   * @minItems 1
   * @maxItems 100
   *
   * Items: a-z, 0-9 and hyphens.
   */
  readonly members?: readonly string[];
  /**
   * Collection, by id or alias.
   */
  readonly collection?: string;
  readonly reason?: string;
}
export interface SignIn {
  readonly account: string;
  readonly password: string;
}
export interface SignOnLink {
  /**
   * The provider's identifier for the person (claim sub).
   */
  readonly subject?: string;
  /**
   * Verified email address that matches the account at the first sign-in.
   */
  readonly email?: string;
}
export interface SuppressionLift {
  readonly reason: string;
}
export interface SuppressionRequest {
  /**
   * Addresses, networks, domains, URLs, email addresses or hashes, defanged or not.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly values: readonly string[];
  /**
   * Everybody who has the value can read it.
   */
  readonly reason: string;
}
export interface TriageAssignment {
  /**
   * @minItems 1
   * @maxItems 100
   *
   * Items: a-z, 0-9 and hyphens.
   */
  readonly members: readonly string[];
  readonly note?: string;
}
export interface TriageDismissal {
  readonly note: string;
}
export interface ValuesCheck {
  /**
   * @minItems 1
   * @maxItems 1000
   *
   * Items: An address, a network, a domain, a URL, an email address or a hash, defanged or not.
   */
  readonly values: readonly string[];
}
export interface WideNetworkDecision {
  readonly reason: string;
}
export interface WideNetworkRequest {
  /**
   * A network larger than /16 and at most /8 (IPv6: larger than /32 and at most /20), in CIDR notation.
   */
  readonly network: string;
  readonly reason: string;
  /**
   * Days until the approval ends, from this first approval.
   */
  readonly days: number;
}
/**
 * Bodies of responses by their names in schemas/api/resources.json.
 */
export interface ApiAnswers {
  readonly object_actions: ObjectActions;
  readonly overview: Overview;
  readonly problem: Problem;
  readonly whoami: Whoami;
  readonly account: Account;
  readonly accounts: Accounts;
  readonly invitation: Invitation;
  readonly session: Session;
  readonly sessions: Sessions;
  readonly key: Key;
  readonly keys: Keys;
  readonly created_key: CreatedKey;
  readonly member: Member;
  readonly members: Members;
  readonly grant: Grant;
  readonly collection: Collection;
  readonly deleted_collection: DeletedCollection;
  readonly collections: Collections;
  readonly run: Run;
  readonly runs: Runs;
  readonly run_line: RunLine;
  readonly quarantine: Quarantine;
  readonly alarm: Alarm;
  readonly feed: Feed;
  readonly feed_details: FeedDetails;
  readonly preset: Preset;
  readonly presets: Presets;
  readonly feed_preview: FeedPreview;
  readonly new_feed_preview: NewFeedPreview;
  readonly secret: Secret;
  readonly saved_search: SavedSearch;
  readonly saved_searches: SavedSearches;
  readonly saved_list: SavedList;
  readonly saved_lists: SavedLists;
  readonly list_removals: ListRemovals;
  readonly secrets: Secrets;
  readonly usefulness: Usefulness;
  readonly retried: Retried;
  readonly feeds: Feeds;
  readonly status: Status;
  readonly settings: Settings;
  readonly diagnosis: Diagnosis;
  readonly published: Published;
  readonly object_places: ObjectPlaces;
  readonly found_objects: FoundObjects;
  readonly search_view: SearchView;
  readonly search_export: SearchExport;
  readonly list_connection: ListConnection;
  readonly scorecard_share: ScorecardShare;
  readonly scorecard_time: ScorecardTime;
  readonly scorecard: Scorecard;
  readonly arrivals: Arrivals;
  readonly scorecards: Scorecards;
  readonly value_view_state: ValueViewState;
  readonly value_view_states: ValueViewStates;
  readonly object_changes: ObjectChanges;
  readonly reader: Reader;
  readonly readers: Readers;
  readonly findings: Findings;
  readonly refusals: Refusals;
  readonly audit_entry: AuditEntry;
  readonly audit: Audit;
  readonly verification: Verification;
  readonly held: Held;
  readonly held_objects: HeldObjects;
  readonly held_object: HeldObject;
  readonly released: Released;
  readonly reason: Reason;
  readonly why: Why;
  readonly recipient: Recipient;
  readonly recipients: Recipients;
  readonly claim: Claim;
  readonly claims: Claims;
  readonly group: Group;
  readonly groups: Groups;
  readonly left_group: LeftGroup;
  readonly channel: Channel;
  readonly channels: Channels;
  readonly red: Red;
  readonly red_content: RedContent;
  readonly reds: Reds;
  readonly rule: Rule;
  readonly rules: Rules;
  readonly share: Share;
  readonly shares: Shares;
  readonly delegations: Delegations;
  readonly asked: Asked;
  readonly asked_list: AskedList;
  readonly delivery_log: DeliveryLog;
  readonly triage_item: TriageItem;
  readonly triage_items: TriageItems;
  readonly 'second-factor': SecondFactor;
  readonly 'authenticator-offer': AuthenticatorOffer;
  readonly 'recovery-codes': RecoveryCodes;
  readonly preferences: Preferences;
  readonly notifications: Notifications;
  readonly 'sign-in-list': SignInList;
  readonly created_certificate: CreatedCertificate;
  readonly 'passkey-options': PasskeyOptions;
  readonly suppression: Suppression;
  readonly suppression_details: SuppressionDetails;
  readonly suppressions: Suppressions;
  readonly anonymous_outcomes: AnonymousOutcomes;
  readonly anonymous_outcome: AnonymousOutcome;
  readonly anonymous_objects: AnonymousObjects;
  readonly anonymous_object: AnonymousObject;
  readonly anonymous_opening: AnonymousOpening;
  readonly wide_network: WideNetwork;
  readonly personal_decision: PersonalDecision;
  readonly wide_networks: WideNetworks;
  readonly feedback_listed: FeedbackListed;
  readonly feedback_list: FeedbackList;
  readonly feedback_outcome: FeedbackOutcome;
  readonly feedback_outcomes: FeedbackOutcomes;
  readonly false_positive: FalsePositive;
  readonly false_positives: FalsePositives;
  readonly value_details: ValueDetails;
  readonly checked_value: CheckedValue;
  readonly extracted: Extracted;
  readonly checked_values: CheckedValues;
  readonly contact: Contact;
  readonly contacts: Contacts;
  readonly contact_fields: ContactFields;
  readonly contact_change: ContactChange;
  readonly contact_changes: ContactChanges;
  readonly contact_key: ContactKey;
  readonly exercise: Exercise;
  readonly exercises: Exercises;
}
/**
 * The changes of an object that the hub would accept from the caller.
 */
export interface ObjectActions {
  /**
   * revise: correct it with a new version. revoke: revoke it.
   */
  readonly items: readonly ('revise' | 'revoke')[];
}
/**
 * News of the collections that the caller may read.
 */
export interface Overview {
  /**
   * The collections that the caller may read, at most 50.
   *
   * Items: A collection that the caller may read.
   */
  readonly readable: readonly {
    readonly id: string;
    /**
     * The alias of the collection, or its id.
     */
    readonly name: string;
    readonly title: string;
    readonly api_root: string;
    readonly max_tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  }[];
  /**
   * Number of collections that the caller may read.
   */
  readonly collections: number;
  /**
   * Number of objects that were added or changed in the last 24 hours, each counted once.
   */
  readonly new: number;
  /**
   * True if there are more new objects than the hub counts.
   */
  readonly more: boolean;
  /**
   * The newest objects, newest first.
   *
   * Items: A new object.
   */
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    /**
     * The version. Absent for objects that have no versions, such as observables.
     */
    readonly version?: string | undefined;
    readonly title: string;
    /**
     * The first value that the object is about, such as an address.
     */
    readonly value?: string | undefined;
    /**
     * The TLP level of the object in the collection.
     */
    readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    readonly state: 'valid' | 'expired' | 'revoked' | 'not-yet-valid';
    /**
     * Time at which the indicator expires.
     */
    readonly valid_until?: string | undefined;
    readonly collection: string;
    readonly collection_name: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly date_added: string;
  }[];
}
/**
 * Problem details (RFC 9457).
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /**
   * Stable code.
   */
  readonly code: string;
  readonly detail?: string | undefined;
  /**
   * The next step.
   */
  readonly hint?: string | undefined;
  /**
   * Identifies the reason in the hub's log.
   */
  readonly error_id?: string | undefined;
}
/**
 * The account of the caller.
 */
export interface Whoami {
  readonly account: string;
  /**
   * Address of the hub.
   */
  readonly url?: string | undefined;
  readonly role?: ('administrator' | 'analyst' | 'officer' | 'machine') | undefined;
  readonly member?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /**
   * The key that was used.
   */
  readonly key?:
    | {
        readonly id: string;
        /**
         * @minItems 1
         */
        readonly scopes?:
          | readonly (
              'taxii:read' | 'taxii:write' | 'lists:read' | 'api:read' | 'api:write' | 'metrics:read'
            )[]
          | undefined;
        readonly only?: readonly string[] | undefined;
      }
    | undefined;
  /**
   * The collections that the caller can read or submit to.
   *
   * Items: A collection.
   */
  readonly collections?:
    | readonly {
        readonly id: string;
        /**
         * Its alias, or its id.
         */
        readonly name: string;
        readonly title: string;
        readonly read: boolean;
        readonly write: boolean;
      }[]
    | undefined;
}
/**
 * An account.
 */
export interface Account {
  readonly name: string;
  readonly role: 'administrator' | 'analyst' | 'officer' | 'machine';
  readonly member?: string | undefined;
  readonly person: boolean;
  readonly disabled: boolean;
  readonly default_tlp?: ('clear' | 'green' | 'amber' | 'amber+strict' | 'red') | undefined;
  readonly has_password: boolean;
  /**
   * "file" if the settings file declares it. It can then be changed only there.
   */
  readonly managed: string;
  readonly revision: number;
  readonly email?: string | undefined;
  /**
   * True when the person has confirmed the address, so that it can be used for resets.
   */
  readonly email_verified: boolean;
  /**
   * Set when the account uses single sign-on. It is waiting until the first sign-in with its email address.
   */
  readonly single_sign_on?: ('linked' | 'waiting') | undefined;
}
/**
 * A page of accounts.
 */
export interface Accounts {
  readonly items: readonly Account[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A one-time link. It is shown only in this response.
 */
export interface Invitation {
  readonly account: string;
  readonly link: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires: string;
}
/**
 * A session, without its secret.
 */
export interface Session {
  readonly id: string;
  readonly account: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly created: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly last_used: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires: string;
  readonly address: string;
  readonly agent: string;
  readonly current: boolean;
  /**
   * How the account signed in.
   */
  readonly way: string;
  /**
   * A session that is not active can only give or set up the second factor.
   */
  readonly stage: 'active' | 'second-factor' | 'enrolment';
}
/**
 * A page of sessions.
 */
export interface Sessions {
  readonly items: readonly Session[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A key, without its secret.
 */
export interface Key {
  readonly id: string;
  readonly prefix: string;
  readonly account: string;
  readonly member?: string | undefined;
  readonly label?: string | undefined;
  /**
   * @minItems 1
   */
  readonly scopes?:
    | readonly ('taxii:read' | 'taxii:write' | 'lists:read' | 'api:read' | 'api:write' | 'metrics:read')[]
    | undefined;
  readonly only?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly created?: string | undefined;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires?: string | undefined;
  readonly state: 'active' | 'ending' | 'unused' | 'expired' | 'unconfirmed';
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly last_used?: string | undefined;
  readonly last_client?: string | undefined;
  readonly managed: string;
  /**
   * SHA-256 of the certificate's public key, if the credential is a client certificate.
   */
  readonly certificate?: string | undefined;
}
/**
 * A page of keys.
 */
export interface Keys {
  readonly items: readonly Key[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A new key. Its secret is shown only in this response.
 */
export interface CreatedKey {
  readonly id: string;
  readonly account: string;
  /**
   * The member of the account. Absent for accounts of the hub.
   */
  readonly member?: string | undefined;
  /**
   * True if there was no account of this name, and the request has created it.
   */
  readonly account_created: boolean;
  readonly secret: string;
  readonly prefix: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires: string;
  /**
   * Items: A collection that the key may use.
   */
  readonly collections: readonly {
    readonly id: string;
    readonly api_root: string;
    readonly title: string;
    readonly read: boolean;
    readonly write: boolean;
  }[];
}
/**
 * A member with its claims.
 */
export interface Member {
  readonly name: string;
  readonly title: string;
  readonly active: boolean;
  readonly identities: readonly string[];
  readonly countries: readonly string[];
  readonly asns: readonly number[];
  readonly networks: readonly string[];
  readonly domains: readonly string[];
  /**
   * Id of its own collection.
   */
  readonly collection?: string | undefined;
  /**
   * Maximum number of new objects per day. Default: the limit of the hub.
   */
  readonly objects_per_day?: number | undefined;
  readonly kind?: string | undefined;
  readonly status: string;
  readonly groups: readonly string[];
  /**
   * "file" if the settings file declares it. It can then be changed only there.
   */
  readonly managed: string;
  readonly revision: number;
  readonly sectors: readonly string[];
  readonly brands: readonly string[];
  /**
   * The member whose client it is.
   */
  readonly parent?: string | undefined;
  /**
   * The member receives copies of objects that match more specific claims of others inside its networks and domains, or of its clients.
   */
  readonly copies: boolean;
  /**
   * Id of the collection that its clients read.
   */
  readonly clients?: string | undefined;
}
/**
 * A page of members.
 */
export interface Members {
  readonly items: readonly Member[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * Roles and their rights.
 */
export interface Grant {
  readonly to: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly managed: string;
}
/**
 * A collection with its grants.
 */
export interface Collection {
  readonly id: string;
  readonly alias?: string | undefined;
  readonly title: string;
  readonly api_root: string;
  readonly max_tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly description?: string | undefined;
  readonly min_tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  /**
   * How objects without a marking are treated.
   */
  readonly unmarked: 'refuse' | 'default';
  /**
   * The level of objects without a marking. Absent: amber.
   */
  readonly default_tlp?: ('clear' | 'green' | 'amber' | 'amber+strict' | 'red') | undefined;
  /**
   * Absent: as the hub.
   */
  readonly validation?: ('strict' | 'standard' | 'tolerant') | undefined;
  /**
   * Send it as If-Match to change this revision only.
   */
  readonly revision: number;
  readonly managed: string;
  readonly grants: readonly Grant[];
}
/**
 * Everything that the deletion of a collection removes.
 */
export interface DeletedCollection {
  readonly id: string;
  readonly title: string;
  /**
   * Versions of objects that the hub now removes.
   */
  readonly objects: number;
  /**
   * The receivers whose grants were revoked.
   */
  readonly grants: readonly string[];
}
/**
 * A page of collections.
 */
export interface Collections {
  readonly items: readonly Collection[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A run of a feed.
 */
export interface Run {}
/**
 * Runs, newest first.
 */
export interface Runs {
  readonly items: readonly Run[];
}
/**
 * A line of a run: its progress, or its report at the end.
 */
export interface RunLine {
  readonly progress?: unknown;
  readonly report?: Run | undefined;
  readonly problem?: Problem | undefined;
}
/**
 * Rows in quarantine.
 */
export interface Quarantine {
  /**
   * Items: A row and its reason.
   */
  readonly items: readonly {}[];
}
/**
 * An alarm of a feed.
 */
export interface Alarm {
  readonly code:
    | 'silent'
    | 'stale'
    | 'shrunk'
    | 'flooded'
    | 'few'
    | 'bad-rows'
    | 'refused'
    | 'gone'
    | 'certificate'
    | 'warning';
  readonly message: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly since: string;
}
/**
 * A feed.
 */
export interface Feed {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly state: 'ready' | 'off' | 'paused' | 'needs-key' | 'gone' | 'failing' | 'suspect' | 'waiting';
  readonly url: string;
  readonly schedule: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly next_run?: string | undefined;
  /**
   * Present if the process that answers runs no feeds by schedule, because it was started with --no-feeds or TALANOA_FEEDS=false.
   */
  readonly switched_off?: true | undefined;
  readonly collection: string;
  readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly licence?: string | undefined;
  readonly managed: string;
  readonly alarms: readonly Alarm[];
  readonly last_run?: Run | undefined;
}
/**
 * A feed with its document and status.
 */
export interface FeedDetails {
  readonly name: string;
  readonly title: string;
  readonly enabled: boolean;
  readonly state: 'ready' | 'off' | 'paused' | 'needs-key' | 'gone' | 'failing' | 'suspect' | 'waiting';
  readonly url: string;
  readonly schedule: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly next_run?: string | undefined;
  /**
   * Present if the process that answers runs no feeds by schedule, because it was started with --no-feeds or TALANOA_FEEDS=false.
   */
  readonly switched_off?: true | undefined;
  readonly collection: string;
  readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly licence?: string | undefined;
  readonly managed: string;
  readonly alarms: readonly Alarm[];
  readonly last_run?: Run | undefined;
  readonly document: object;
  readonly health: object;
}
/**
 * A preset.
 */
export interface Preset {
  readonly preset: string;
  readonly title: string;
  readonly owner?: string | undefined;
  readonly homepage?: string | undefined;
  readonly licence?: string | undefined;
  readonly verified?: string | undefined;
  readonly note?: string | undefined;
  readonly enabled: boolean;
  readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  readonly schedule: string;
  readonly redistribute: string;
  readonly credit?: string | undefined;
  /**
   * Column with the value to look up.
   */
  readonly key?: string | undefined;
  readonly key_optional: boolean;
  /**
   * Created by talanoa feed create --defaults.
   */
  readonly default: boolean;
  /**
   * Where to get a key.
   */
  readonly key_from?: string | undefined;
}
/**
 * Presets.
 */
export interface Presets {
  readonly items: readonly Preset[];
}
/**
 * A preview of a run.
 */
export interface FeedPreview {
  readonly http_status?: number | undefined;
  /**
   * Why no row was read.
   */
  readonly nothing_read?: string | undefined;
  readonly bytes: number;
  readonly records: number;
  /**
   * Records that become objects. `records` is the sum of `used`, `filtered` and `quarantined`.
   */
  readonly used: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly filtered_by: object;
  readonly quarantined_by: object;
  readonly new: number;
  readonly changed: number;
  readonly same: number;
  /**
   * New and changed objects that a run puts on hold, because they are TLP:RED or stricter than the maximum of the collection.
   */
  readonly held: number;
  readonly gone: number;
  readonly objects: readonly object[];
  readonly quarantine: readonly object[];
  /**
   * The first five rows and the objects that they become.
   */
  readonly samples: readonly {
    readonly line: number;
    readonly row: string;
    readonly objects: readonly object[];
    /**
     * The reason why the row does not become an object.
     */
    readonly reason?: string | undefined;
    /**
     * True if a run puts the objects of the row on hold.
     */
    readonly held?: boolean | undefined;
  }[];
}
/**
 * The document of a new feed and a preview of its run.
 */
export interface NewFeedPreview {
  readonly document: object;
  readonly preview: FeedPreview;
  /**
   * Notes on parts of a detected source that the hub did not understand, or could have understood in another way.
   */
  readonly notes: readonly string[];
}
/**
 * A secret, without its value.
 */
export interface Secret {
  readonly name: string;
  readonly hosts: readonly string[];
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly changed: string;
}
/**
 * A search that was saved.
 */
export interface SavedSearch {
  readonly name: string;
  /**
   * The value to search for.
   */
  readonly query: string;
  /**
   * The filters, written as in the query of GET /search.
   */
  readonly filters?: string | undefined;
  /**
   * True if the people of the member, or hub staff, can see the search.
   */
  readonly shared: boolean;
  /**
   * The account that shares the search. Absent for your own searches.
   */
  readonly by?: string | undefined;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly saved: string;
}
/**
 * A page of saved searches.
 */
export interface SavedSearches {
  readonly items: readonly SavedSearch[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A list that was saved under a name, and its state.
 */
export interface SavedList {
  readonly name: string;
  /**
   * The member that the list belongs to, or hub.
   */
  readonly owner: string;
  readonly title?: string | undefined;
  readonly collections: readonly string[];
  /**
   * Format of the list at its address. It decides whether values are selected for alerting or for blocking.
   */
  readonly format: string;
  readonly types: readonly string[];
  /**
   * Minimum confidence. Default: 0.
   */
  readonly min_confidence: number;
  /**
   * Only values that were last seen within this number of days.
   */
  readonly max_age?: number | undefined;
  readonly labels: readonly string[];
  /**
   * Minimum number of members or feeds that report a value. Default: 1.
   */
  readonly sources: number;
  /**
   * Maximum number of values, which depends on the device. The list keeps the best ones. Default: 100000.
   */
  readonly max_entries: number;
  /**
   * Join neighbouring addresses to networks that contain exactly the same addresses.
   */
  readonly aggregate: boolean;
  /**
   * Growth in percent at which a person must confirm the list. Default: 100, which is twice as many values. Growth by fewer than 10 values is always published.
   */
  readonly max_growth: number;
  /**
   * Loss in percent at which a person must confirm the list. Default: 90. An empty list must always be confirmed.
   */
  readonly max_shrink: number;
  /**
   * Hours without a change after which an alarm is sent. Default: 72.
   */
  readonly stale_hours: number;
  /**
   * Time of the last change of the settings.
   */
  readonly changed: string;
  /**
   * The address that tools fetch.
   */
  readonly url: string;
  /**
   * held: new content is waiting for confirmation. stale: for too long, the list has not changed or could not be made.
   */
  readonly state: 'unpublished' | 'current' | 'held' | 'stale';
  /**
   * Number of published values.
   */
  readonly entries: number;
  /**
   * Values that the list leaves out, by reason.
   */
  readonly omitted: readonly {
    readonly reason: string;
    readonly count: number;
  }[];
  /**
   * Time of the last change of the published values.
   */
  readonly published?: string | undefined;
  /**
   * Time at which the list was last compared with its collections.
   */
  readonly checked?: string | undefined;
  readonly held?:
    | {
        readonly reason: 'empty' | 'shrink' | 'growth';
        /**
         * Number of values that the list would have.
         */
        readonly entries: number;
        /**
         * Time in RFC 3339 format, UTC.
         */
        readonly since: string;
      }
    | undefined;
}
/**
 * A page of saved lists.
 */
export interface SavedLists {
  readonly items: readonly SavedList[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * Values that left a list, oldest first.
 */
export interface ListRemovals {
  readonly items: readonly {
    readonly type: string;
    readonly value: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly at: string;
    readonly reason:
      'expired' | 'revoked' | 'suppressed' | 'withdrawn' | 'not-permitted' | 'filter' | 'limit';
    /**
     * The rule that no longer permits the value.
     */
    readonly detail?: string | undefined;
  }[];
  /**
   * Send this value as "since" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * A page of secrets.
 */
export interface Secrets {
  readonly items: readonly Secret[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * Feeds compared.
 */
export interface Usefulness {
  /**
   * Items: A feed compared with the others.
   */
  readonly items: readonly {
    readonly feed: string;
    /**
     * Number of different entries so far.
     */
    readonly values: number;
    /**
     * Entries that no other feed has.
     */
    readonly unique: number;
    /**
     * Entries that other feeds had later.
     */
    readonly first: number;
    /**
     * Items: Comparison with another feed.
     */
    readonly shared_with: readonly {
      readonly feed: string;
      readonly values: number;
      readonly first: number;
    }[];
  }[];
}
/**
 * The result of processing rows again.
 */
export interface Retried {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly held: number;
  readonly refused: number;
  readonly still_bad: number;
}
/**
 * A page of feeds.
 */
export interface Feeds {
  readonly items: readonly Feed[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * The status of the hub.
 */
export interface Status {
  readonly version: string;
  readonly title: string;
  readonly url: string;
  /**
   * Kind of the database.
   */
  readonly store: string;
  /**
   * Seconds since the process started.
   */
  readonly uptime_s: number;
  /**
   * Memory of the process, in MiB.
   */
  readonly memory_mb: number;
  readonly members: number;
  readonly accounts: number;
  /**
   * Objects on hold, at most 1,000.
   */
  readonly held: number;
  readonly collections: readonly {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly api_root: string;
    readonly objects: number;
  }[];
}
/**
 * The effective settings, in the format of the settings file.
 */
export interface Settings {
  /**
   * Path of the settings file.
   */
  readonly file?: string | undefined;
  readonly revision: number;
  /**
   * The source of each setting that does not have its default, by its path in the settings file, such as listen.port.
   */
  readonly sources: {
    readonly [k: string]: 'command line' | 'environment' | 'file' | 'demo';
  };
  readonly hub: object;
  readonly listen: object;
  readonly roles: readonly string[];
  readonly store: string;
}
/**
 * Results of the diagnostics.
 */
export interface Diagnosis {
  /**
   * Items: One check.
   */
  readonly items: readonly {
    readonly check: string;
    readonly status: 'ok' | 'warning' | 'failed';
    readonly found: string;
    readonly hint?: string | undefined;
  }[];
}
/**
 * Outcomes, in the order of the objects.
 */
export interface Published {
  /**
   * Items: Outcome of one object.
   */
  readonly items: readonly {
    readonly id: string;
    readonly version: string;
    readonly outcome: 'stored' | 'known' | 'held' | 'refused' | 'pending';
    /**
     * The value that the object was made of, as it was given.
     */
    readonly value?: string | undefined;
    /**
     * Warnings about the value: warning lists, and networks and domains of members.
     */
    readonly warnings?: readonly string[] | undefined;
    /**
     * Deviations from the standard that were accepted, the first five.
     */
    readonly findings?:
      | readonly {
          readonly rule: string;
          readonly pointer: string;
          readonly message: string;
        }[]
      | undefined;
    readonly message?: string | undefined;
  }[];
}
/**
 * A version of an object and the collections that contain the object.
 */
export interface ObjectPlaces {
  readonly id: string;
  /**
   * State of the version now. Objects other than indicators do not expire.
   */
  readonly state: 'valid' | 'expired' | 'revoked' | 'not-yet-valid';
  /**
   * Deviations from the standard with which the version was accepted, at most five.
   *
   * Items: A deviation.
   */
  readonly findings: readonly {
    /**
     * Id of the rule, as in the reference of STIX rules.
     */
    readonly rule: string;
    /**
     * Position in the object (JSON pointer). Empty for the whole object.
     */
    readonly pointer: string;
    readonly message: string;
  }[];
  /**
   * Items: In one collection.
   */
  readonly places: readonly {
    readonly collection: string;
    readonly name: string;
    readonly title: string;
    /**
     * Items: A version.
     */
    readonly versions: readonly {
      /**
       * The version. Absent for objects that have no versions, such as observables.
       */
      readonly version?: string | undefined;
      readonly spec_version: string;
      /**
       * Time in RFC 3339 format, UTC.
       */
      readonly date_added: string;
      /**
       * True when the object names a member other than its submitter as its creator.
       */
      readonly relayed?: boolean | undefined;
    }[];
  }[];
  /**
   * A STIX object.
   */
  readonly object: object;
}
/**
 * A page of objects that were found.
 */
export interface FoundObjects {
  /**
   * How the search value was interpreted.
   */
  readonly meaning: string;
  /**
   * Items: An object in one collection.
   */
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    /**
     * The version. Absent for objects that have no versions, such as observables.
     */
    readonly version?: string | undefined;
    readonly title: string;
    /**
     * The value that matched.
     */
    readonly matched: {
      readonly kind: 'address' | 'asn' | 'domain' | 'hash' | 'mail' | 'name' | 'network' | 'url';
      readonly value: string;
    };
    readonly collection: string;
    readonly collection_name: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly date_added: string;
    /**
     * The first value that the object is about, such as an address.
     */
    readonly value?: string | undefined;
    /**
     * State of the newest version now. Objects other than indicators do not expire.
     */
    readonly state: 'valid' | 'expired' | 'revoked' | 'not-yet-valid';
    /**
     * Time at which the indicator expires.
     */
    readonly valid_until?: string | undefined;
    /**
     * True when the object names a member other than its submitter as its creator.
     */
    readonly relayed?: boolean | undefined;
  }[];
  /**
   * Number of collections that were searched: those that the caller may read.
   */
  readonly collections: number;
  /**
   * False while the search index is not up to date.
   */
  readonly complete: boolean;
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * The objects that match a search and its filters.
 */
export interface SearchView {
  /**
   * How the search value was interpreted.
   */
  readonly meaning: string;
  /**
   * The objects of the page, newest first.
   *
   * Items: An object, once for each owner.
   */
  readonly items: readonly {
    readonly id: string;
    readonly type: string;
    /**
     * The version. Absent for objects that have no versions, such as observables.
     */
    readonly version?: string | undefined;
    readonly title: string;
    readonly collection: string;
    readonly collection_name: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly date_added: string;
    /**
     * The first value that the object is about, such as an address.
     */
    readonly value?: string | undefined;
    /**
     * State of the newest version now. Objects other than indicators do not expire.
     */
    readonly state: 'valid' | 'expired' | 'revoked' | 'not-yet-valid';
    /**
     * Time at which the indicator expires.
     */
    readonly valid_until?: string | undefined;
    /**
     * True when the object names a member other than its submitter as its creator.
     */
    readonly relayed?: boolean | undefined;
    readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
    /**
     * The owner of the object, for hub staff and for the member itself.
     */
    readonly source?: string | undefined;
    /**
     * The first labels.
     */
    readonly labels: readonly string[];
    /**
     * Number of your collections that contain the object.
     */
    readonly collections: number;
  }[];
  /**
   * Number of objects that match.
   */
  readonly total: number;
  /**
   * True if more entries match than the hub examines (2,000, or 64 MiB of objects). Filters and counts concern those that it has examined.
   */
  readonly capped: boolean;
  /**
   * Items: The values of a filter with their counts, among the objects that you can read and that the other filters leave.
   */
  readonly facets: readonly {
    readonly facet: 'type' | 'tlp' | 'state' | 'collection' | 'source' | 'label' | 'age';
    /**
     * Items: A value of the filter.
     */
    readonly values: readonly {
      readonly value: string;
      readonly count: number;
      readonly chosen: boolean;
    }[];
  }[];
  /**
   * Identifies the list of all objects that match, with their versions.
   */
  readonly digest: string;
  /**
   * Number of collections that were searched: those that the caller may read.
   */
  readonly collections: number;
  /**
   * False while the search index is not up to date.
   */
  readonly complete: boolean;
  /**
   * Send this value as "offset" for the next page.
   */
  readonly next?: number | undefined;
}
/**
 * A STIX bundle. It has no "objects" when nothing matches.
 */
export interface SearchExport {
  readonly type: 'bundle';
  readonly id: string;
  /**
   * Items: A STIX object as the hub received it.
   */
  readonly objects?: readonly object[] | undefined;
}
/**
 * The settings that connect a tool to the list of a collection.
 */
export interface ListConnection {
  readonly tool: string;
  readonly title: string;
  /**
   * The format of the list.
   */
  readonly format: string;
  /**
   * Where the settings are in the tool.
   */
  readonly place: string;
  readonly url: string;
  /**
   * The command with which you create a key for this list and nothing else. Absent if you can't create one that works.
   */
  readonly key_command?: string | undefined;
  /**
   * The request with which you create the same key at POST /keys. Absent together with the command.
   */
  readonly key_request?:
    | {
        /**
         * Absent if you choose the name of a new account.
         */
        readonly account?: string | undefined;
        readonly member?: string | undefined;
        readonly label: string;
        readonly scopes: readonly string[];
        readonly only: readonly string[];
        /**
         * Collections that the account can't read yet.
         */
        readonly collections?: readonly string[] | undefined;
      }
    | undefined;
  /**
   * Why there is no such command, and what to do.
   */
  readonly key_note?: string | undefined;
  /**
   * The hub sends to the tool through a channel. Absent for tools that fetch.
   */
  readonly pushed?: true | undefined;
  /**
   * Items: A field of the tool. ACCOUNT and KEY stand for the account and the key that the command prints.
   */
  readonly fields: readonly {
    readonly name: string;
    readonly value: string;
  }[];
  readonly limits: readonly string[];
  /**
   * A command that fetches and loads the list.
   */
  readonly script?: string | undefined;
  /**
   * The number of values in the list now.
   */
  readonly entries: number;
  /**
   * Items: Values that the list leaves out, by reason.
   */
  readonly omitted: readonly {
    readonly reason: string;
    readonly count: number;
  }[];
  /**
   * Items: An account that fetches the list, as far as the caller may see it.
   */
  readonly pulls: readonly {
    readonly account: string;
    readonly last_seen?: string | undefined;
    readonly agent: string;
    /**
     * Nothing has been added to the collections of the list since then.
     */
    readonly unchanged: boolean;
  }[];
}
/**
 * A share of a number of values. `share` is absent if the number is too small for one, or if fewer than three members reported.
 */
export interface ScorecardShare {
  /**
   * The number of values, or of rows and objects.
   */
  readonly of: number;
  readonly share?: number | undefined;
}
/**
 * The median of a number of periods of time. `hours` is absent if the number is too small.
 */
export interface ScorecardTime {
  readonly of: number;
  readonly hours?: number | undefined;
}
/**
 * How original, fast and reliable a source is, for the values that it reported first in the period.
 */
export interface Scorecard {
  /**
   * `feed:NAME`, `member:NAME`, or `hub`, which includes anonymous objects.
   */
  readonly source: string;
  /**
   * Alias or id of the collection in which the sources are compared. Absent for all collections together.
   */
  readonly collection?: string | undefined;
  /**
   * The number of different values that the source reported for the first time in the period.
   */
  readonly values: number;
  readonly unique: ScorecardShare1;
  readonly first: ScorecardShare1;
  readonly corroborated: ScorecardShare1;
  readonly lead: ScorecardTime1;
  readonly age: ScorecardTime1;
  readonly false_positives: ScorecardShare1;
  readonly sighted: ScorecardShare1;
  readonly rejected?: ScorecardShare1 | undefined;
  /**
   * The feeds that also reported at least five of its values, largest share first.
   */
  readonly overlap: readonly {
    readonly source: string;
    readonly share: number;
  }[];
}
/**
 * A share of a number of values. `share` is absent if the number is too small for one, or if fewer than three members reported.
 */
export interface ScorecardShare1 {
  /**
   * The number of values, or of rows and objects.
   */
  readonly of: number;
  readonly share?: number;
}
/**
 * The median of a number of periods of time. `hours` is absent if the number is too small.
 */
export interface ScorecardTime1 {
  readonly of: number;
  readonly hours?: number;
}
/**
 * How many objects or rows each source offered on each day.
 */
export interface Arrivals {
  /**
   * The days (UTC), oldest first.
   */
  readonly dates: readonly string[];
  /**
   * The sources, those that offered most first.
   */
  readonly items: readonly {
    /**
     * `feed:NAME`, `member:NAME` or `hub`.
     */
    readonly source: string;
    /**
     * The objects that the source offered, or the rows of a feed, for each day. Those of members are added when the day is over.
     */
    readonly offered: readonly number[];
    /**
     * How many of them the hub rejected.
     */
    readonly rejected: number;
    readonly total: number;
  }[];
}
/**
 * The scorecards of sources for a period.
 */
export interface Scorecards {
  /**
   * The first day of the period (UTC).
   */
  readonly from: string;
  /**
   * The last day of the period (UTC).
   */
  readonly to: string;
  readonly days: number;
  /**
   * Shares and medians of fewer values are not stated.
   */
  readonly minimum: number;
  /**
   * The time up to which everything is counted. Absent on a new hub.
   */
  readonly up_to?: string | undefined;
  readonly items: readonly Scorecard[];
}
/**
 * Whether the values of a collection, from which lists are made, are up to date.
 */
export interface ValueViewState {
  readonly collection: string;
  /**
   * Alias of the collection, or its id.
   */
  readonly name: string;
  /**
   * `behind`: the view does not contain newer changes yet. `rebuilding`: it is built again from the beginning.
   */
  readonly state: 'current' | 'behind' | 'rebuilding';
  /**
   * The time of the newest change in the view. Absent for an empty collection.
   */
  readonly up_to?: string | undefined;
}
/**
 * The value view of collections.
 */
export interface ValueViewStates {
  readonly items: readonly ValueViewState[];
}
/**
 * The result of a new version in each collection.
 */
export interface ObjectChanges {
  /**
   * Items: Result in one collection.
   */
  readonly items: readonly {
    readonly collection: string;
    readonly outcome: 'stored' | 'known' | 'held' | 'refused';
    /**
     * The time of the new version.
     */
    readonly version?: string | undefined;
    readonly message?: string | undefined;
  }[];
}
/**
 * The progress of a reader.
 */
export interface Reader {
  readonly account: string;
  readonly member?: string | undefined;
  readonly collection: string;
  readonly name: string;
  readonly kind: string;
  readonly filters: string;
  readonly state: 'current' | 'behind' | 'silent' | 'never' | 'no grant';
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly last_seen?: string | undefined;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly up_to?: string | undefined;
  readonly waiting: number;
  readonly more: boolean;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly waiting_since?: string | undefined;
  readonly requests: number;
  readonly objects: number;
  readonly agent: string;
}
/**
 * A page of readers.
 */
export interface Readers {
  readonly items: readonly Reader[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * Counts, the largest first.
 */
export interface Findings {
  /**
   * Items: Stored objects of a producer with findings of one rule, since the count began. A count that does not change for 30 days is removed.
   */
  readonly items: readonly {
    /**
     * Name of the account or, with feed:, of the feed that submitted the objects.
     */
    readonly producer: string;
    readonly rule: string;
    readonly objects: number;
  }[];
}
/**
 * Refused requests, latest first.
 */
export interface Refusals {
  /**
   * Items: Requests that were refused for the same reason.
   */
  readonly items: readonly {
    readonly account?: string | undefined;
    readonly collection?: string | undefined;
    readonly code: string;
    readonly reason: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly first: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly last: string;
    readonly times: number;
    readonly agent: string;
  }[];
}
/**
 * An audit log entry.
 */
export interface AuditEntry {
  /**
   * The number of the entry in the chain. Only for administrators of the hub.
   */
  readonly seq?: number | undefined;
  /**
   * Only for administrators of the hub.
   */
  readonly hash?: string | undefined;
  /**
   * The action.
   */
  readonly fact: {
    readonly id: string;
    readonly at: number;
    /**
     * The id of the account. It is never reused, even if another account gets the same name.
     */
    readonly actor_id?: string | undefined;
    readonly actor: string;
    readonly key?: string | undefined;
    readonly address?: string | undefined;
    readonly action: string;
    readonly resource: string;
    readonly member?: string | undefined;
    readonly result: 'done' | 'refused';
    readonly details?: object | undefined;
  };
}
/**
 * A page of audit log entries.
 */
export interface Audit {
  readonly items: readonly AuditEntry[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
  /**
   * The names of collections whose ids are in the entries, as far as the caller can list them.
   */
  readonly names?:
    | {
        readonly [k: string]: string;
      }
    | undefined;
}
/**
 * A verification of the whole chain.
 */
export interface Verification {
  /**
   * The number of the last entry.
   */
  readonly entries: number;
  /**
   * Number of the oldest entries that were removed because of their age (limits.audit_days).
   */
  readonly removed?: number | undefined;
  readonly head: string;
  /**
   * The first entry whose hash does not match.
   */
  readonly broken?:
    | {
        readonly seq: number;
        readonly reason: string;
      }
    | undefined;
}
/**
 * An object on hold.
 */
export interface Held {
  readonly id: string;
  readonly object: string;
  /**
   * The version. Absent for objects that have no versions, such as observables.
   */
  readonly version?: string | undefined;
  readonly type: string;
  readonly collection: string;
  readonly submitter: string;
  readonly owner: string;
  readonly reason: string;
  readonly message: string;
  /**
   * Possible actions.
   */
  readonly next_step: string;
  readonly at: string;
}
/**
 * Objects on hold.
 */
export interface HeldObjects {
  readonly items: readonly Held[];
}
/**
 * An object on hold, with its content.
 */
export interface HeldObject {
  readonly id: string;
  readonly object: string;
  /**
   * The version. Absent for objects that have no versions, such as observables.
   */
  readonly version?: string | undefined;
  readonly type: string;
  readonly collection: string;
  readonly submitter: string;
  readonly owner: string;
  readonly reason: string;
  readonly message: string;
  /**
   * Possible actions.
   */
  readonly next_step: string;
  readonly at: string;
  readonly content: object;
}
/**
 * The result of a release.
 */
export interface Released {
  readonly outcome: 'stored' | 'known' | 'held' | 'refused' | 'gone';
  readonly message?: string | undefined;
}
/**
 * One fact that explains a delivery.
 */
export interface Reason {
  /**
   * Stable identifier for programs.
   */
  readonly code: string;
  readonly message: string;
  /**
   * Possible actions.
   */
  readonly next_step?: string | undefined;
}
/**
 * An explanation of a delivery.
 */
export interface Why {
  readonly object: string;
  readonly member: string;
  /**
   * Whether the member received it, can read it, or does not have it.
   */
  readonly answer: 'received' | 'available' | 'no';
  readonly reasons: readonly Reason[];
}
/**
 * A preview of the objects that one member would receive.
 */
export interface Recipient {
  readonly member: string;
  readonly title: string;
  readonly objects: number;
  readonly by: readonly string[];
  readonly reasons: readonly Reason[];
}
/**
 * A preview of the recipients of objects.
 */
export interface Recipients {
  readonly items: readonly Recipient[];
  readonly objects: readonly {
    readonly id: string;
    readonly outcome: 'stored' | 'known' | 'held' | 'refused';
    /**
     * The value that the object was made of, as it was given.
     */
    readonly value?: string | undefined;
    /**
     * Warnings about the value: warning lists, and networks and domains of members.
     */
    readonly warnings?: readonly string[] | undefined;
    readonly message?: string | undefined;
  }[];
  /**
   * True when the preview shows only the members that the caller may see. Others may receive the objects as well.
   */
  readonly limited: boolean;
  /**
   * Members that can already read it.
   */
  readonly public: boolean;
}
/**
 * A claim of a member. Only verified claims affect routing.
 */
export interface Claim {
  readonly id: string;
  readonly member: string;
  readonly type: 'network' | 'domain' | 'asn' | 'country' | 'sector' | 'brand';
  readonly value: string;
  readonly evidence?: string | undefined;
  readonly state: 'claimed' | 'verified' | 'rejected' | 'expired';
  readonly by: string;
  readonly at: string;
  readonly decided_by?: string | undefined;
  readonly note?: string | undefined;
  /**
   * Members with the same claim, or with one that contains it or that it contains.
   */
  readonly overlaps: readonly {
    readonly member: string;
    readonly claim: string;
  }[];
  /**
   * Time of expiry.
   */
  readonly until?: string | undefined;
}
/**
 * Claims.
 */
export interface Claims {
  readonly items: readonly Claim[];
}
/**
 * A group of members.
 */
export interface Group {
  readonly name: string;
  readonly title: string;
  readonly members: readonly string[];
  /**
   * Collections that the group can read through grants.
   */
  readonly collections: readonly string[];
  readonly managed: string;
  readonly revision: number;
  /**
   * Memberships with a start or end date.
   */
  readonly dates: {
    readonly [k: string]: {
      readonly since?: string | undefined;
      readonly until?: string | undefined;
    };
  };
  readonly listed: boolean;
}
/**
 * A page of groups.
 */
export interface Groups {
  readonly items: readonly Group[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * The result of removing a member from a group.
 */
export interface LeftGroup {
  readonly group: Group;
  /**
   * Objects that the member has already read.
   */
  readonly recall: readonly {
    readonly collection: string;
    readonly account: string;
    readonly objects: number;
    readonly last_seen: string;
  }[];
}
/**
 * A channel that sends a collection to a member.
 */
export interface Channel {
  readonly name: string;
  readonly member: string;
  readonly kind: 'taxii' | 'webhook' | 'mail' | 'sentinel' | 'defender';
  readonly url: string;
  readonly collection: string;
  /**
   * broken: it has failed for a day, and the hub keeps retrying; closed: the receiver refuses the hub, and a person must look at it.
   */
  readonly state: 'current' | 'behind' | 'failing' | 'broken' | 'closed' | 'paused' | 'no grant';
  readonly delivered: number;
  readonly waiting: number;
  readonly more: boolean;
  readonly waiting_since?: string | undefined;
  readonly last_ok?: string | undefined;
  /**
   * Why the channel cannot deliver, which is known before it has an object to deliver.
   */
  readonly problem?: string | undefined;
  readonly last_error?: string | undefined;
  readonly next_try?: string | undefined;
  /**
   * Dead letters: objects that the receiver refused permanently.
   */
  readonly dead_letters: readonly {
    readonly id: string;
    /**
     * The version. Absent for objects that have no versions, such as observables.
     */
    readonly version?: string | undefined;
    readonly at: string;
    readonly message: string;
  }[];
  readonly paused?:
    | {
        readonly by: string;
        readonly at: string;
        readonly reason?: string | undefined;
      }
    | undefined;
  readonly managed: string;
  readonly every?: string | undefined;
  readonly next_digest?: string | undefined;
}
/**
 * A page of channels.
 */
export interface Channels {
  readonly items: readonly Channel[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * TLP:RED that was given to named people.
 */
export interface Red {
  readonly id: string;
  readonly object: string;
  /**
   * The version. Absent for objects that have no versions, such as observables.
   */
  readonly version?: string | undefined;
  readonly by: string;
  readonly at: string;
  /**
   * Recipients. A recipient sees only their own name.
   */
  readonly to: readonly {
    readonly account: string;
    /**
     * Time of the first reading.
     */
    readonly read?: string | undefined;
  }[];
  readonly note?: string | undefined;
}
/**
 * TLP:RED with its content.
 */
export interface RedContent {
  readonly id: string;
  readonly object: string;
  /**
   * The version. Absent for objects that have no versions, such as observables.
   */
  readonly version?: string | undefined;
  readonly by: string;
  readonly at: string;
  /**
   * Recipients. A recipient sees only their own name.
   */
  readonly to: readonly {
    readonly account: string;
    /**
     * Time of the first reading.
     */
    readonly read?: string | undefined;
  }[];
  readonly note?: string | undefined;
  readonly content: object;
}
/**
 * TLP:RED given to the caller or by the caller.
 */
export interface Reds {
  readonly items: readonly Red[];
  readonly next?: string | undefined;
}
/**
 * A rule that forwards objects from one collection to another.
 */
export interface Rule {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /**
   * STIX types.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly types?: readonly string[] | undefined;
  /**
   * Labels, one of which must match.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly labels?: readonly string[] | undefined;
  /**
   * Owners whose objects the rule forwards: members, hub or feed:NAME.
   *
   * @minItems 1
   * @maxItems 100
   */
  readonly owners?: readonly string[] | undefined;
  readonly max_tlp?: ('clear' | 'green' | 'amber' | 'amber+strict') | undefined;
  readonly managed: string;
}
/**
 * Forwarding rules.
 */
export interface Rules {
  readonly items: readonly Rule[];
  readonly next?: string | undefined;
}
/**
 * A share or a request for consent.
 */
export interface Share {
  readonly id: string;
  readonly object: string;
  readonly members?: readonly string[] | undefined;
  readonly collection?: string | undefined;
  readonly reason?: string | undefined;
  /**
   * The owner whose consent is needed, if its TLP requires consent.
   */
  readonly owner: string;
  readonly by: string;
  readonly at: string;
  readonly state: 'done' | 'asked' | 'refused';
  readonly answer?:
    | {
        readonly by: string;
        readonly at: string;
        readonly note?: string | undefined;
      }
    | undefined;
  readonly outcomes: readonly {
    readonly to: string;
    readonly outcome: 'placed' | 'known' | 'withheld';
    readonly message?: string | undefined;
  }[];
}
/**
 * Shares and requests for consent.
 */
export interface Shares {
  readonly items: readonly Share[];
  readonly next?: string | undefined;
}
/**
 * The changes of an import of delegation statistics.
 */
export interface Delegations {
  readonly registry: string;
  readonly date: string;
  readonly applied: boolean;
  /**
   * Items: A country.
   */
  readonly changes: readonly {
    readonly country: string;
    readonly members: readonly string[];
    readonly networks: number;
    readonly asns: number;
    readonly added: readonly string[];
    readonly removed: readonly string[];
  }[];
  /**
   * Items: A row that could not be read.
   */
  readonly faults: readonly {
    readonly line: number;
    readonly message: string;
  }[];
}
/**
 * A registration or a request for change.
 */
export interface Asked {
  readonly id: string;
  readonly kind: 'registration' | 'change';
  readonly member: string;
  readonly registration?: object | undefined;
  readonly change?: object | undefined;
  readonly by: string;
  readonly at: string;
  readonly state: 'pending' | 'approved' | 'refused';
  readonly decided_by?: string | undefined;
  readonly note?: string | undefined;
  /**
   * Invitation for the officer of a new member. It is shown once.
   */
  readonly link?: string | undefined;
}
/**
 * Registrations and requests for change.
 */
export interface AskedList {
  readonly items: readonly Asked[];
  readonly next?: string | undefined;
}
/**
 * The deliveries of an object to each member that may read it.
 */
export interface DeliveryLog {
  /**
   * Items: A member.
   */
  readonly items: readonly {
    readonly member: string;
    readonly state:
      'available' | 'announced' | 'delivered' | 'opened' | 'acknowledged' | 'not-ours' | 'false-positive';
    /**
     * The newest version that the member can read.
     */
    readonly version?: string | undefined;
    readonly where: string;
    readonly available: string;
    readonly grant: string;
    readonly delivered_by?: string | undefined;
    readonly opened?: string | undefined;
    readonly answered?: string | undefined;
    readonly answered_by?: string | undefined;
    readonly note?: string | undefined;
    readonly due?: string | undefined;
    readonly overdue?: boolean | undefined;
  }[];
}
/**
 * A report that needs a person at the hub.
 */
export interface TriageItem {
  readonly id: string;
  readonly object: string;
  /**
   * The value or name of the object, or the first values that it reports. Absent for callers that cannot read the collection.
   */
  readonly about?: string | undefined;
  readonly collection: string;
  readonly reason: 'no-member' | 'nobody' | 'not-ours' | 'false-positive';
  readonly message: string;
  /**
   * Countries for which the hub acts.
   */
  readonly country?: string | undefined;
  readonly member?: string | undefined;
  readonly at: string;
  readonly state: 'open' | 'done';
  readonly decided?: object | undefined;
}
/**
 * Open reports, oldest first.
 */
export interface TriageItems {
  readonly items: readonly TriageItem[];
}
/**
 * The second factor of an account, without secrets.
 */
export interface SecondFactor {
  readonly account: string;
  /**
   * True when the hub requires a second factor for this account.
   */
  readonly required: boolean;
  readonly authenticator?:
    | {
        /**
         * Time in RFC 3339 format, UTC.
         */
        readonly since: string;
      }
    | undefined;
  readonly recovery_codes_left: number;
  readonly passkeys: readonly {
    readonly id: string;
    readonly label: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly since: string;
  }[];
}
/**
 * A secret for an authenticator app. It is shown only in this response.
 */
export interface AuthenticatorOffer {
  readonly secret: string;
  readonly uri: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires: string;
}
/**
 * Recovery codes. Each works once. They are shown only in this response.
 */
export interface RecoveryCodes {
  readonly codes: readonly string[];
}
/**
 * The preferences of the caller's own account. Those that are absent are left to the browser and the hub.
 */
export interface Preferences {
  /**
   * Language of pages. Without it, the hub uses the language that the browser asks for.
   */
  readonly language?: ('en' | 'fr') | undefined;
  /**
   * IANA time zone, such as Pacific/Noumea. Without it, pages show times in the time zone of the hub.
   */
  readonly time_zone?: string | undefined;
  /**
   * Colours of pages. Without it, they follow the device.
   */
  readonly theme?: ('day' | 'night') | undefined;
  /**
   * Present for more contrast than usual.
   */
  readonly contrast?: 'more' | undefined;
  /**
   * Present when the overview does not show the first steps of a new hub.
   */
  readonly first_steps?: 'hidden' | undefined;
}
/**
 * A page of notifications of the caller's own account.
 */
export interface Notifications {
  readonly items: readonly {
    readonly id: string;
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly at: string;
    /**
     * The event, such as key.created or account.reset.
     */
    readonly event: string;
    /**
     * The event as readable text.
     */
    readonly text: string;
  }[];
  /**
   * Send this value as "after" for the next page.
   */
  readonly next?: string | undefined;
}
/**
 * The last sign-ins of an account.
 */
export interface SignInList {
  readonly items: readonly {
    /**
     * Time in RFC 3339 format, UTC.
     */
    readonly at: string;
    readonly way: string;
    readonly result: 'accepted' | 'refused';
    readonly address: string;
    readonly agent: string;
  }[];
}
/**
 * A registered certificate.
 */
export interface CreatedCertificate {
  readonly id: string;
  readonly account: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly expires: string;
  /**
   * Items: A collection that the key may use.
   */
  readonly collections: readonly {
    readonly id: string;
    readonly api_root: string;
    readonly title: string;
    readonly read: boolean;
    readonly write: boolean;
  }[];
  /**
   * SHA-256 of the certificate's public key.
   */
  readonly certificate: string;
}
/**
 * Options for the browser (WebAuthn level 3, sections 5.1.8 and 5.1.9).
 */
export interface PasskeyOptions {
  readonly options: object;
}
/**
 * A value that no list contains.
 */
export interface Suppression {
  readonly id: string;
  /**
   * The type of the value, such as `ipv4` or `domain`.
   */
  readonly type: string;
  readonly value: string;
  readonly state: 'suppressed' | 'lifted';
  /**
   * `false-positive`: hub staff confirmed a report. `panic`: somebody removed the value at once.
   */
  readonly cause: 'false-positive' | 'panic';
  readonly reason: string;
  readonly by: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly at: string;
  /**
   * The end of the suppression.
   */
  readonly lifted?:
    | {
        readonly by: string;
        readonly at: string;
        readonly reason: string;
      }
    | undefined;
}
/**
 * A suppressed value, with the state of its removal at each recipient.
 */
export interface SuppressionDetails {
  readonly id: string;
  /**
   * The type of the value, such as `ipv4` or `domain`.
   */
  readonly type: string;
  readonly value: string;
  readonly state: 'suppressed' | 'lifted';
  /**
   * `false-positive`: hub staff confirmed a report. `panic`: somebody removed the value at once.
   */
  readonly cause: 'false-positive' | 'panic';
  readonly reason: string;
  readonly by: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly at: string;
  /**
   * The end of the suppression.
   */
  readonly lifted?:
    | {
        readonly by: string;
        readonly at: string;
        readonly reason: string;
      }
    | undefined;
  /**
   * The removal notices are placed in all collections that contain the value.
   */
  readonly announced: boolean;
  /**
   * Recipients that have fetched a list or read the notice since then.
   */
  readonly confirmed: number;
  /**
   * Recipients to which the notice was sent by email.
   */
  readonly notified: number;
  /**
   * Recipients that still have the value.
   */
  readonly holding: number;
  /**
   * Hub staff get all recipients, others only those of their own member.
   *
   * Items: A recipient that had the value.
   */
  readonly recipients: readonly {
    readonly account?: string | undefined;
    readonly member?: string | undefined;
    readonly collection: string;
    readonly way: 'list' | 'taxii' | 'push' | 'webhook' | 'email';
    /**
     * The list, the filters or the name of the channel.
     */
    readonly what: string;
    readonly state: 'confirmed' | 'notified' | 'holding';
    readonly last_seen?: string | undefined;
  }[];
}
/**
 * Suppressed values.
 */
export interface Suppressions {
  readonly items: readonly Suppression[];
}
/**
 * The outcomes of an anonymous submission.
 */
export interface AnonymousOutcomes {
  readonly items: readonly AnonymousOutcome[];
}
/**
 * The outcome of one object that was submitted without a name.
 */
export interface AnonymousOutcome {
  readonly id: string;
  /**
   * `known`: the hub has this version already.
   */
  readonly outcome: 'waiting' | 'known' | 'refused';
  readonly message?: string | undefined;
  /**
   * The id under which the hub releases the object. A preview shows an example.
   */
  readonly released_id?: string | undefined;
  /**
   * Time of the release, in RFC 3339 format, UTC.
   */
  readonly due?: string | undefined;
  /**
   * The object as the hub releases it. Its times are set at the release.
   */
  readonly object?: object | undefined;
  /**
   * Items: A property that the hub changes or leaves out.
   */
  readonly changes: readonly {
    readonly property: string;
    readonly before: string;
    /**
     * Absent if the property is left out.
     */
    readonly after?: string | undefined;
  }[];
}
/**
 * Anonymous objects of a member.
 */
export interface AnonymousObjects {
  readonly items: readonly AnonymousObject[];
}
/**
 * An object that a member submitted without its name.
 */
export interface AnonymousObject {
  /**
   * The id that the member gave it.
   */
  readonly id: string;
  readonly released_id: string;
  readonly collection: string;
  readonly attribution: 'anonymous-to-members' | 'anonymous-in-counts';
  readonly state: 'waiting' | 'released' | 'revoked' | 'refused';
  /**
   * Why the hub could not release it.
   */
  readonly message?: string | undefined;
  /**
   * Time of the next release, in RFC 3339 format, UTC.
   */
  readonly due?: string | undefined;
  /**
   * Time of the first submission, in RFC 3339 format, UTC.
   */
  readonly at: string;
}
/**
 * The opening of a seal. The origin of the anonymous object is absent until a second person opens it.
 */
export interface AnonymousOpening {
  readonly id: string;
  /**
   * `asked`: a second person must open it too.
   */
  readonly state: 'asked' | 'open';
  /**
   * The end of the request, or the time until which both people can read the origin.
   */
  readonly until: string;
  readonly member?: string | undefined;
  readonly account?: string | undefined;
  /**
   * The id that the member gave the object.
   */
  readonly original?: string | undefined;
  readonly attribution?: ('anonymous-to-members' | 'anonymous-in-counts') | undefined;
  readonly at?: string | undefined;
}
/**
 * The approval of a network that lists that block leave out without one.
 */
export interface WideNetwork {
  readonly id: string;
  /**
   * In CIDR notation.
   */
  readonly network: string;
  /**
   * `proposed`: one person approved it, so lists do not contain it yet.
   */
  readonly state: 'proposed' | 'approved' | 'ended' | 'revoked';
  /**
   * The end of the approval, in RFC 3339 format, UTC.
   */
  readonly until: string;
  /**
   * The people who approved it, in order.
   */
  readonly approvals: readonly PersonalDecision[];
  readonly revoked?: PersonalDecision | undefined;
}
/**
 * The decision of one person.
 */
export interface PersonalDecision {
  readonly by: string;
  /**
   * Time in RFC 3339 format, UTC.
   */
  readonly at: string;
  readonly reason: string;
}
/**
 * Approvals of wide networks.
 */
export interface WideNetworks {
  readonly items: readonly WideNetwork[];
}
/**
 * A report of your own member about a value.
 */
export interface FeedbackListed {
  readonly kind: 'sighting' | 'false-positive' | 'note';
  readonly type: string;
  readonly value: string;
  readonly at: string;
  readonly first_seen?: string | undefined;
  readonly last_seen?: string | undefined;
  readonly count?: number | undefined;
  readonly note?: string | undefined;
  /**
   * For a false positive, the decision of the hub.
   */
  readonly state: 'recorded' | 'open' | 'confirmed' | 'refused';
  /**
   * The note of the hub on its decision.
   */
  readonly decision?: string | undefined;
}
/**
 * Reports of your own member.
 */
export interface FeedbackList {
  readonly items: readonly FeedbackListed[];
}
/**
 * The outcome of one report.
 */
export interface FeedbackOutcome {
  /**
   * The value or object that the report is about.
   */
  readonly about: string;
  readonly outcome: 'stored' | 'refused';
  readonly message?: string | undefined;
}
/**
 * The outcomes, in the order of the reports.
 */
export interface FeedbackOutcomes {
  readonly items: readonly FeedbackOutcome[];
}
/**
 * A value that members reported as a false positive.
 */
export interface FalsePositive {
  readonly id: string;
  readonly type: string;
  readonly value: string;
  readonly state: 'open' | 'confirmed' | 'refused';
  /**
   * The beginning of the day on which it was first reported.
   */
  readonly at: string;
  /**
   * The number of members that reported it.
   */
  readonly members: number;
  /**
   * The collections that contained the value when it was first reported.
   */
  readonly collections: readonly string[];
  /**
   * The notes of the reporters.
   */
  readonly notes: readonly string[];
}
/**
 * Reported false positives, oldest first.
 */
export interface FalsePositives {
  readonly items: readonly FalsePositive[];
}
/**
 * The state of a value in the collections that the caller can read.
 */
export interface ValueDetails {
  readonly type: string;
  readonly value: string;
  /**
   * Items: A collection that contains the value.
   */
  readonly places: readonly {
    readonly collection: string;
    readonly state: 'active' | 'pending' | 'expired' | 'withdrawn';
    /**
     * The confidence now, which falls over the lifetime of an active value.
     */
    readonly score?: number | undefined;
    readonly confidence?: number | undefined;
    readonly first_seen: string;
    readonly last_seen: string;
    readonly valid_until: string;
    /**
     * The number of independent sources.
     */
    readonly sources: number;
  }[];
  /**
   * No list contains the value.
   */
  readonly suppressed?:
    | {
        readonly cause: 'false-positive' | 'panic';
        readonly reason: string;
        readonly at: string;
      }
    | undefined;
  /**
   * Members that saw the value.
   */
  readonly sightings?:
    | {
        /**
         * The number of members.
         */
        readonly members: '1' | '2-4' | '5+';
        /**
         * The day of the last report. Only for five members or more.
         */
        readonly last_day?: string | undefined;
      }
    | undefined;
  /**
   * Members that reported the value as a false positive.
   */
  readonly false_positives?:
    | {
        /**
         * The number of members.
         */
        readonly members: '1' | '2-4' | '5+';
        /**
         * The day of the last report. Only for five members or more.
         */
        readonly last_day?: string | undefined;
      }
    | undefined;
}
/**
 * The verdict on one value.
 */
export interface CheckedValue {
  /**
   * The first 200 characters of what was sent.
   */
  readonly input: string;
  readonly type?: string | undefined;
  /**
   * The value as the hub understands it. Absent if it is not a value.
   */
  readonly value?: string | undefined;
  /**
   * "active", "pending", "expired" and "withdrawn" are the states of indicators that you can read. "suppressed": people decided that no list contains the value. "warning-list": nobody should block the value. "own-network": the value is in the networks or domains of a member. "unknown": no collection that you can read contains it. "invalid": the text is not a value.
   */
  readonly verdict:
    | 'active'
    | 'suppressed'
    | 'warning-list'
    | 'own-network'
    | 'pending'
    | 'expired'
    | 'withdrawn'
    | 'unknown'
    | 'invalid';
  /**
   * The warning lists that contain the value.
   */
  readonly warning_lists?: readonly string[] | undefined;
  /**
   * Items: A member whose networks or domains contain the value.
   */
  readonly owners?:
    | readonly {
        readonly member: string;
        readonly claim: string;
      }[]
    | undefined;
  /**
   * The contents of your collections about the value.
   */
  readonly found?:
    | {
        /**
         * STIX id of the indicator with the most facts.
         */
        readonly object: string;
        readonly state: 'active' | 'pending' | 'expired' | 'withdrawn';
        /**
         * The strictest TLP level of the indicators that count.
         */
        readonly tlp: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
        readonly confidence?: number | undefined;
        readonly last_seen: string;
        readonly valid_until: string;
        /**
         * The number of independent sources.
         */
        readonly sources: number;
        /**
         * The first 20 collections that contain it.
         */
        readonly collections: readonly string[];
        /**
         * The network, domain or host around the value that the indicator names. Absent if it names the value itself.
         */
        readonly through?: string | undefined;
      }
    | undefined;
}
/**
 * The text of a document, and its values.
 */
export interface Extracted {
  /**
   * The format that the hub detected.
   */
  readonly format: 'text' | 'html' | 'email' | 'pdf' | 'docx';
  /**
   * Number of pages of a PDF file that were read, at most 500. 1 for other formats.
   */
  readonly pages: number;
  /**
   * The text in which the hub looked for values, without invisible characters. Targets of links are part of it.
   */
  readonly text: string;
  /**
   * The values in the order of their first occurrence, each once.
   *
   * @maxItems 1000
   */
  readonly items: readonly {
    /**
     * The value as the document contains it, which may be defanged.
     */
    readonly written: string;
    /**
     * Position of its first character in the text, in UTF-16 code units.
     */
    readonly start: number;
    /**
     * Position after its last character.
     */
    readonly end: number;
    readonly check: CheckedValue;
    /**
     * The reason why the value cannot be published as it is.
     */
    readonly fault?: string | undefined;
  }[];
  /**
   * True if the document has more than 1,000,000 characters. The hub did not read the rest.
   */
  readonly cut: boolean;
  /**
   * True if the text contains more than 1,000 values. The others are missing.
   */
  readonly more: boolean;
  /**
   * False while the hub has not read all objects of your collections.
   */
  readonly complete: boolean;
}
/**
 * The verdicts, in the order of the values.
 */
export interface CheckedValues {
  readonly items: readonly CheckedValue[];
  /**
   * False while the hub has not read all objects of your collections.
   */
  readonly complete: boolean;
}
/**
 * A contact of a member, with those fields that the caller may see.
 */
export interface Contact {
  readonly id: string;
  /**
   * The name of the member, or hub.
   */
  readonly member: string;
  /**
   * The title of the member.
   */
  readonly team: string;
  readonly label: string;
  readonly name?: string | undefined;
  readonly name_shown?:
    | {
        readonly visibility: 'public' | 'members' | 'named' | 'hub';
        readonly members?: readonly string[] | undefined;
      }
    | undefined;
  readonly purposes: readonly (
    | 'incident'
    | '24x7'
    | 'abuse'
    | 'vulnerability'
    | 'policy'
    | 'media'
    | 'legal'
    | 'law-enforcement'
    | 'technical'
  )[];
  readonly order: number;
  readonly wait: number;
  readonly languages: readonly string[];
  readonly time_zone: string;
  readonly hours?: string | undefined;
  readonly holidays?: readonly string[] | undefined;
  /**
   * Whether somebody is there now.
   */
  readonly now: {
    /**
     * `unknown`: the contact has no hours.
     */
    readonly state: 'open' | 'closed' | 'unknown';
    /**
     * The time there, with its offset, such as 2026-12-01T03:10+13:00.
     */
    readonly local: string;
    /**
     * The weekday there: 1 is Monday, 7 is Sunday.
     */
    readonly weekday: number;
    /**
     * The end of the open hours, or the next beginning, in RFC 3339 format, UTC.
     */
    readonly changes?: string | undefined;
  };
  readonly phones: readonly {
    readonly number: string;
    readonly kind: 'duty' | 'mobile' | 'desk' | 'satellite' | 'fax';
    readonly reach?: readonly ('sms' | 'whatsapp' | 'signal')[] | undefined;
    /**
     * Only for the member itself and the hub.
     */
    readonly visibility?: ('public' | 'members' | 'named' | 'hub') | undefined;
    readonly members?: readonly string[] | undefined;
  }[];
  readonly emails: readonly {
    readonly address: string;
    /**
     * Only for the member itself and the hub.
     */
    readonly visibility?: ('public' | 'members' | 'named' | 'hub') | undefined;
    readonly members?: readonly string[] | undefined;
  }[];
  readonly verification: {
    /**
     * `due`: the last check is older than 90 days for a contact with the purpose 24x7, and 180 days for others.
     */
    readonly state: 'unverified' | 'verified' | 'due';
    /**
     * RFC 3339, UTC.
     */
    readonly at?: string | undefined;
    readonly method?: ('call' | 'sms' | 'signed-email' | 'known-person') | undefined;
  };
  /**
   * Number of requested changes that wait for a decision. Only for the member itself and the hub.
   */
  readonly pending?: number | undefined;
  readonly revision: number;
  readonly keys: readonly ContactKey[];
}
/**
 * An OpenPGP public key of a contact.
 */
export interface ContactKey {
  /**
   * 40 or 64 hexadecimal digits.
   */
  readonly fingerprint: string;
  readonly user_ids: readonly string[];
  /**
   * The end of its validity, in RFC 3339 format, UTC. Absent for a key without an end.
   */
  readonly expires?: string | undefined;
  /**
   * The whole key. Lists leave it out.
   */
  readonly armored?: string | undefined;
}
/**
 * Contacts.
 */
export interface Contacts {
  readonly items: readonly Contact[];
  readonly next?: string | undefined;
}
/**
 * Some fields of a contact.
 */
export interface ContactFields {
  readonly label?: string | undefined;
  readonly name?: string | undefined;
  readonly name_shown?:
    | {
        readonly visibility: 'public' | 'members' | 'named' | 'hub';
        readonly members?: readonly string[] | undefined;
      }
    | undefined;
  readonly purposes?:
    | readonly (
        | 'incident'
        | '24x7'
        | 'abuse'
        | 'vulnerability'
        | 'policy'
        | 'media'
        | 'legal'
        | 'law-enforcement'
        | 'technical'
      )[]
    | undefined;
  readonly order?: number | undefined;
  readonly wait?: number | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly time_zone?: string | undefined;
  readonly hours?: string | undefined;
  readonly holidays?: readonly string[] | undefined;
  readonly phones?:
    | readonly {
        readonly number: string;
        readonly kind: 'duty' | 'mobile' | 'desk' | 'satellite' | 'fax';
        readonly reach?: readonly ('sms' | 'whatsapp' | 'signal')[] | undefined;
        /**
         * Only for the member itself and the hub.
         */
        readonly visibility?: ('public' | 'members' | 'named' | 'hub') | undefined;
        readonly members?: readonly string[] | undefined;
      }[]
    | undefined;
  readonly emails?:
    | readonly {
        readonly address: string;
        /**
         * Only for the member itself and the hub.
         */
        readonly visibility?: ('public' | 'members' | 'named' | 'hub') | undefined;
        readonly members?: readonly string[] | undefined;
      }[]
    | undefined;
  readonly keys?: readonly ContactKey[] | undefined;
}
/**
 * A requested change of a contact. Decided changes are its history.
 */
export interface ContactChange {
  readonly id: string;
  readonly member: string;
  readonly team: string;
  readonly contact: string;
  readonly kind: 'create' | 'update' | 'remove';
  readonly label: string;
  readonly before: ContactFields;
  readonly after: ContactFields;
  /**
   * The contact has the purpose 24x7, before or after the change.
   */
  readonly night: boolean;
  readonly by: string;
  /**
   * RFC 3339, UTC.
   */
  readonly at: string;
  readonly state: 'pending' | 'applied' | 'declined';
  readonly accepted?:
    | readonly (
        | 'label'
        | 'name'
        | 'name_shown'
        | 'purposes'
        | 'order'
        | 'wait'
        | 'languages'
        | 'time_zone'
        | 'hours'
        | 'holidays'
        | 'phones'
        | 'emails'
        | 'keys'
      )[]
    | undefined;
  readonly decided_by?: string | undefined;
  /**
   * RFC 3339, UTC.
   */
  readonly decided_at?: string | undefined;
  readonly method?: ('call' | 'sms' | 'signed-email' | 'known-person') | undefined;
  readonly note?: string | undefined;
}
/**
 * Requested changes of contacts.
 */
export interface ContactChanges {
  readonly items: readonly ContactChange[];
  readonly next?: string | undefined;
}
/**
 * An exercise of the phone tree, with the results of those members that the caller may see.
 */
export interface Exercise {
  readonly id: string;
  readonly title: string;
  /**
   * RFC 3339, UTC.
   */
  readonly started: string;
  /**
   * RFC 3339, UTC.
   */
  readonly ended?: string | undefined;
  readonly by: string;
  readonly results: readonly {
    readonly member: string;
    readonly team: string;
    /**
     * `failed`: all contacts were called, and nobody answered.
     */
    readonly state: 'open' | 'reached' | 'failed';
    /**
     * Minutes from the start until somebody answered.
     */
    readonly minutes?: number | undefined;
    readonly calls: readonly {
      readonly contact: string;
      readonly label: string;
      /**
       * RFC 3339, UTC.
       */
      readonly at: string;
      readonly outcome: 'reached' | 'no-answer' | 'wrong-number';
      readonly by: string;
      readonly note?: string | undefined;
    }[];
    /**
     * The next call.
     */
    readonly next?:
      | {
          readonly contact: string;
          readonly label: string;
          readonly numbers: readonly string[];
          /**
           * RFC 3339, UTC.
           */
          readonly due: string;
        }
      | undefined;
  }[];
}
/**
 * Exercises.
 */
export interface Exercises {
  readonly items: readonly Exercise[];
  readonly next?: string | undefined;
}
