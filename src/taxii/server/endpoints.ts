import { addObjects } from './add-objects.ts';
import { apiRoot } from './api-root.ts';
import { collection, collections } from './collections.ts';
import type { RootRequest, TaxiiRequest } from './context.ts';
import { deleteObject } from './delete-object.ts';
import { discovery } from './discovery.ts';
import { manifest } from './manifest.ts';
import { object, objects } from './objects.ts';
import {
  ALL_PARAMETERS,
  CURRENT_PARAMETERS,
  DELETE_PARAMETERS,
  OBJECT_PARAMETERS,
  REMOVALS_PARAMETERS,
  VERSIONS_PARAMETERS,
  type Parameter,
} from './query.ts';
import { removals } from './removals-endpoint.ts';
import { status } from './status.ts';
import { versions } from './versions.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

/** A method of an endpoint. The router calls `handle`. The OpenAPI document is generated from the other properties. */
export interface Operation<R extends TaxiiRequest> {
  readonly handle: (request: R) => Promise<void>;
  readonly name: string;
  readonly summary: string;
  /** The section of TAXII 2.1. Undefined for additions of the hub. */
  readonly section: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly status: 200 | 202;
  /** The name of the response schema in schemas/taxii.json. Undefined for a response without a body. */
  readonly answer: string | undefined;
  /** True when responses are pages with the date added of their first and last item. */
  readonly paged: boolean;
  readonly body?: 'envelope';
}

export type Operations<R extends TaxiiRequest> = Readonly<Partial<Record<Method, Operation<R>>>>;

function get<R extends TaxiiRequest>(
  name: string,
  summary: string,
  section: string | undefined,
  handle: (request: R) => Promise<void>,
  answer: string,
  parameters: readonly Parameter[] = [],
): Operation<R> {
  return { name, summary, section, handle, answer, parameters, status: 200, paged: parameters.length > 0 };
}

/** Discovery, the only endpoint outside an API root. */
export const DISCOVERY: Operations<TaxiiRequest> = {
  GET: get('getDiscovery', 'List the API roots of this server', '4.1', discovery, 'discovery'),
};

/** The endpoints of each API root, by path. */
const OF_ROOT: Readonly<Record<string, Operations<RootRequest>>> = {
  '/:root': { GET: get('getApiRoot', 'Get an API root', '4.2', apiRoot, 'api_root') },
  '/:root/status/:id': {
    GET: get('getStatus', 'Get the status of an envelope', '4.3', status, 'status'),
  },
  '/:root/collections': {
    GET: get(
      'getCollections',
      'List the collections that the caller may use',
      '5.1',
      collections,
      'collections',
    ),
  },
  '/:root/collections/:collection': {
    GET: get('getCollection', 'One collection', '5.2', collection, 'collection'),
  },
  '/:root/collections/:collection/manifest': {
    GET: get(
      'getManifest',
      'List objects without their contents',
      '5.3',
      manifest,
      'manifest',
      ALL_PARAMETERS,
    ),
  },
  '/:root/collections/:collection/removals': {
    GET: get('getRemovals', 'List removed objects', undefined, removals, 'removals', REMOVALS_PARAMETERS),
  },
  '/:root/collections/:collection/objects': {
    GET: get('getObjects', 'Objects of a collection', '5.4', objects, 'envelope', ALL_PARAMETERS),
    POST: {
      name: 'addObjects',
      summary: 'Send objects',
      section: '5.5',
      handle: addObjects,
      parameters: [],
      status: 202,
      answer: 'status',
      paged: false,
      body: 'envelope',
    },
  },
  '/:root/collections/:collection/objects/:object': {
    GET: get('getObject', 'One object', '5.6', object, 'envelope', OBJECT_PARAMETERS),
    DELETE: {
      name: 'deleteObject',
      summary: 'Remove an object from a collection; without match[version] all its versions',
      section: '5.7',
      handle: deleteObject,
      parameters: DELETE_PARAMETERS,
      status: 200,
      answer: undefined,
      paged: false,
    },
  },
  '/:root/collections/:collection/objects/:object/versions': {
    GET: get('getVersions', 'Versions of an object', '5.8', versions, 'versions', VERSIONS_PARAMETERS),
  },
};

const CURRENT = '/:root/current';

/**
 * The second API root of each API root. It has the same collections with the same ids and rights, and serves only
 * objects in force. It is an API root, because many clients know a collection by its API root and its id.
 */
const OF_CURRENT: Readonly<Record<string, Operations<RootRequest>>> = {
  [CURRENT]: {
    GET: get('getCurrentApiRoot', 'Get the API root of objects in force', '4.2', apiRoot, 'api_root'),
  },
  [`${CURRENT}/collections`]: {
    GET: get('getCurrentCollections', 'List the collections that the caller may read', '5.1', collections, 'collections'),
  },
  [`${CURRENT}/collections/:collection`]: {
    GET: get('getCurrentCollection', 'One collection, without its rights to write', '5.2', collection, 'collection'),
  },
  [`${CURRENT}/collections/:collection/manifest`]: {
    GET: get('getCurrentManifest', 'List objects in force without their contents', '5.3', manifest, 'manifest', CURRENT_PARAMETERS),
  },
  [`${CURRENT}/collections/:collection/objects`]: {
    GET: get('getCurrentObjects', 'Objects of a collection that are in force', '5.4', objects, 'envelope', CURRENT_PARAMETERS),
  },
  [`${CURRENT}/collections/:collection/objects/:object`]: {
    GET: get('getCurrentObject', 'One object, if it is in force', '5.6', object, 'envelope', VERSIONS_PARAMETERS),
  },
  [`${CURRENT}/collections/:collection/objects/:object/versions`]: {
    GET: get('getCurrentVersions', 'The version of an object that is in force', '5.8', versions, 'versions', VERSIONS_PARAMETERS),
  },
}; // prettier-ignore

/** The endpoints below an API root, by path. */
export const ROOT_ENDPOINTS: Readonly<Record<string, Operations<RootRequest>>> = {
  ...OF_ROOT,
  ...OF_CURRENT,
};

/** True for a path of objects in force only. */
export function isOfCurrent(path: string): boolean {
  return Object.hasOwn(OF_CURRENT, path);
}
