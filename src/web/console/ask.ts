import type { ApiAnswers, ApiRequests } from '../../api/schema-types.ts';
import { demandPermission } from '../../access/hub-service.ts';
import { fitsSchema, jsonText, valueOfBody, type Operation } from '../../access/operation.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import { demandConfirmed } from '../../access/sessions/demands.ts';
import type { Origin } from '../../access/authenticate.ts';
import { whenSent } from '../../kernel/http-door.ts';
import { Problem } from '../../kernel/problem.ts';
import { thoroughCheck } from '../../kernel/validate.ts';
import type { Request } from 'express';
import { webErrors } from '../errors.ts';

/** The operations that pages use, and the schema of what each returns. */
const ANSWERS = {
  getOverview: 'overview',
  getSearchView: 'search_view',
  exportSearch: 'search_export',
  checkValues: 'checked_values',
  extractValues: 'extracted',
  listArrivals: 'arrivals',
  listSavedSearches: 'saved_searches',
  createSavedSearch: 'saved_search',
  deleteSavedSearch: undefined,
  getObject: 'object_places',
  getObjectActions: 'object_actions',
  reviseObject: 'object_changes',
  revokeObject: 'object_changes',
  getDeliveries: 'delivery_log',
  explainDelivery: 'why',
  shareObject: 'share',
  sendFeedback: 'feedback_outcomes',
  requestAnswers: 'delivery_log',
  answerObject: undefined,
  listReaders: 'readers',
  listRed: 'reds',
  listHeld: 'held_objects',
  getHeld: 'held_object',
  releaseHeld: 'released',
  discardHeld: undefined,
  listTriage: 'triage_items',
  assignTriage: 'share',
  dismissTriage: undefined,
  listFeeds: 'feeds',
  getFeed: 'feed_details',
  listRuns: 'runs',
  pauseFeed: 'feed_details',
  resumeFeed: 'feed_details',
  listMembers: 'members',
  getMember: 'member',
  listClaims: 'claims',
  listGroups: 'groups',
  listContacts: 'contacts',
  listExercises: 'exercises',
  getExercise: 'exercise',
  createExercise: 'exercise',
  createExerciseCall: 'exercise',
  endExercise: 'exercise',
  getContact: 'contact',
  listContactChanges: 'contact_changes',
  requestContactChange: 'contact_change',
  decideContactChange: 'contact_change',
  verifyContact: 'contact',
  listKeys: 'keys',
  listAccounts: 'accounts',
  getAccount: 'account',
  createAccount: 'account',
  updateAccount: 'account',
  deleteAccount: undefined,
  inviteAccount: 'invitation',
  listSessions: 'sessions',
  endSession: undefined,
  listSignIns: 'sign-in-list',
  resetSecondFactor: undefined,
  getDiagnosis: 'diagnosis',
  getSettings: 'settings',
  getStatus: 'status',
  createKey: 'created_key',
  rotateKey: 'created_key',
  revokeKey: undefined,
  decideClaim: 'claim',
  listRequests: 'asked_list',
  decideRequest: 'asked',
  listChannels: 'channels',
  getChannel: 'channel',
  pauseChannel: 'channel',
  resumeChannel: 'channel',
  replayChannel: 'channel',
  resolveDeadLetters: 'channel',
  listCollections: 'collections',
  createGrant: 'collection',
  listLists: 'saved_lists',
  getList: 'saved_list',
  confirmList: 'saved_list',
  listRules: 'rules',
  connectTool: 'list_connection',
  listQuarantine: 'quarantine',
  retryQuarantine: 'retried',
  listPresets: 'presets',
  previewNewFeed: 'new_feed_preview',
  createFeed: 'feed_details',
  getPreferences: 'preferences',
  updatePreferences: 'preferences',
  listAudit: 'audit',
  verifyAudit: 'verification',
} as const satisfies Readonly<Record<string, keyof ApiAnswers | undefined>>;

/** The name of an operation that pages use. */
export type OperationName = keyof typeof ANSWERS;

type AnswerOf<Name extends OperationName> = (typeof ANSWERS)[Name] extends infer Answer
  ? Answer extends keyof ApiAnswers
    ? ApiAnswers[Answer]
    : undefined
  : never;

/** The input of an operation. Parameters of the query that are undefined are left out. */
export interface Input {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: ApiRequests[keyof ApiRequests];
  /** A document for an operation with `raw`. */
  readonly content?: Buffer;
}

/** Runs an operation of the API as the signed-in person. */
export type Ask = <Name extends OperationName>(name: Name, input?: Input) => Promise<AnswerOf<Name>>;

/** Does the same, and returns the answer as JSON, with the objects as the hub received them. */
export type AskText = (name: OperationName, input?: Input) => Promise<string>;

const NOTHING = Buffer.alloc(0);

/** The operations behind the pages, by name. */
export class PageOperations {
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #now: () => number;
  readonly #originOf: (request: Request) => Origin;

  /** Throws if the table above does not fit the operations. */
  constructor(operations: readonly Operation[], now: () => number, originOf: (request: Request) => Origin) {
    this.#now = now;
    this.#originOf = originOf;
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
    for (const [name, answer] of Object.entries(ANSWERS))
      if (this.#named(name).answer !== answer) throw new Error(`${name} does not return ${String(answer)}`);
  }

  /** False for a person who can never use the operation. The service decides where the target matters. */
  permits(who: AccountPrincipal, name: OperationName): boolean {
    try {
      demandPermission(who, this.#named(name));
      return true;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  }

  /** Throws for a person who can never use the operation. */
  demandPermission(who: AccountPrincipal, name: OperationName): void {
    demandPermission(who, this.#named(name));
  }

  /** Throws if the operation changes access rights and the person has not confirmed the password or a second factor. */
  demandConfirmedFor(who: AccountPrincipal, name: OperationName): void {
    if (this.#named(name).dangerous === true) demandConfirmed(who, this.#now());
  }

  /** Returns a function that runs operations for a request, with the checks that the API makes. */
  asking(who: AccountPrincipal, request: Request): Ask {
    const ask = async (name: string, input?: Input): Promise<unknown> =>
      valueOfBody(await this.#run(who, request, name, input));
    // The constructor has compared the names of the responses with the operations.
    return ask as Ask;
  }

  /** Does the same for answers as text. */
  askingText(who: AccountPrincipal, request: Request): AskText {
    return async (name, input) => {
      const body = await this.#run(who, request, name, input);
      return body === undefined ? '' : jsonText(body);
    };
  }

  async #run(
    who: AccountPrincipal,
    request: Request,
    name: string,
    { parameters = {}, query = {}, body, content }: Input = {},
  ): Promise<object | undefined> {
    const operation = this.#named(name);
    if (operation.dangerous === true) demandConfirmed(who, this.#now());
    demandPermission(who, operation);
    const answer = await operation.run({
      actor: who,
      parameters,
      query: queryOf(operation, query),
      body: bodyOf(operation, body),
      revision: undefined,
      agent: request.headers['user-agent'] ?? '',
      http: {
        headers: request.headers,
        from: this.#originOf(request),
        body: request,
        bytes: NOTHING,
        document: content,
      },
      progress: () => undefined,
      whenSent: (done) => (request.res === undefined ? done() : whenSent(request.res, done)),
    });
    return answer.body;
  }

  #named(name: string): Operation {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`${name} is not an operation`);
    return operation;
  }
}

function queryOf({ query = [] }: Operation, given: NonNullable<Input['query']>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const known = query.find((parameter) => parameter.name === name);
    if (known === undefined) throw new Error(`${name} is not a parameter`);
    if (!fitsSchema(value, known.schema)) throw webErrors.invalidInput({ description: known.description });
    found[name] = value;
  }
  return found;
}

function bodyOf({ body: schema }: Operation, body: Input['body']): unknown {
  if (schema === undefined) return undefined;
  const faults = thoroughCheck(schema)(body);
  if (faults.length > 0)
    throw webErrors.invalidInput({
      description: faults.map(({ pointer, message }) => `${pointer.slice(1)}: ${message}`).join('; '),
    });
  return body;
}
