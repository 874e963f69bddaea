// The review queue: objects on hold.

/** An object that is on hold until a person decides or a marking definition arrives. */
export interface HeldObject {
  readonly id: string;
  readonly collection: string;
  readonly text: string;
  readonly objectId: string;
  readonly version: string;
  /** Reason code of the policy or of the rules for conflicts. */
  readonly reason: string;
  /** The reason in words. */
  readonly message: string;
  /** Ids of the marking definitions that the object needs. */
  readonly waitsFor: readonly string[];
  /** Id of the account that submitted the object, or `feed:` and the name of a feed. */
  readonly submitter: string;
  readonly owner: string;
  /** The member on behalf of which hub staff submitted the object. */
  readonly onBehalfOf?: string;
  readonly at: number;
  /**
   * The text is sealed, because the object is or names TLP:RED. `objectId` is then a keyed digest, by which the
   * object can be found but not guessed.
   */
  readonly sealed?: true;
  /** The STIX id of a sealed object, sealed. Objects that earlier versions sealed have their id in the clear. */
  readonly objectSeal?: string | undefined;
}

/** A held object as lists show it: without its text, which can be large. */
export type HeldHead = Omit<HeldObject, 'text'>;

/** A query of the review queue. All given fields must match. */
export interface HeldQuery {
  readonly submitter?: string;
  readonly waitsFor?: string;
  /** The STIX id, or its keyed digest. */
  readonly objectId?: string;
  /** Only objects after this one, in the order of the list. */
  readonly after?: Pick<HeldObject, 'at' | 'id'>;
  readonly limit: number;
}

/** The number and size of the objects that one owner has on hold. */
export interface HeldUsage {
  readonly objects: number;
  /** The total size of their texts. */
  readonly bytes: number;
}

/** The objects on hold. */
export interface HeldStore {
  /** Returns held objects without their texts, oldest first. */
  held(query: HeldQuery): Promise<readonly HeldHead[]>;
  /** Returns a held object with its text. */
  heldObject(id: string): Promise<HeldObject | undefined>;
  /** Returns how much an owner has on hold now. MongoDB counts at most `most` objects. */
  heldUsage(owner: string, most: number): Promise<HeldUsage>;
}
