/**
 * The requirements of TAXII 2.1 (OASIS Standard, 10 June 2021) by the numbers that the tests cite. Each has the
 * section of the standard. Those without a section are not in the standard: clients need them.
 * @type {readonly (readonly [area: string, rows: readonly (readonly [from: number, to: number, section: string, text: string])[]])[]}
 */
export const REQUIREMENTS = [
  [
    'Server information',
    [
      [1, 2, '4.1, 8.2.1', 'Discovery is at exactly `/taxii2/` and returns 200 with the TAXII media type.'],
      [3, 3, '4.1.1', '`title` is a non-empty string; `description`, `contact` and `default` are strings.'],
      [4, 4, '4.1.1, 2', '`api_roots` is absent or a non-empty list. No list in any response is empty.'],
      [5, 5, '4.1.1', 'Each API root is an `https:` URL or begins with exactly one slash.'],
      [6, 6, '4.1.1', '`default` is absent or an item of `api_roots`.'],
      [7, 7, '3.1', 'Each API root ends in a slash. The list contains what the caller may see.'],
      [8, 8, '1.6.8', 'The content type is exactly `application/taxii+json;version=2.1`.'],
      [20, 22, '4.2', 'An API root has `title`, `versions` and `max_content_length`.'],
      [
        23,
        23,
        '4.2',
        'A request for an unknown API root gets 404 with an error message, and 401 without credentials.',
      ],
    ],
  ],
  [
    'Status',
    [
      [30, 30, '5.5', 'Adding objects returns 202 with a status resource.'],
      [31, 32, '4.3.1', 'A status has a UUID, `complete` or `pending`, and counts that add up.'],
      [33, 33, '4.3', 'The status endpoint returns the same resource.'],
      [34, 35, '4.3.1, 2', 'Each outcome has `id` and `version`. Empty lists are left out.'],
      [36, 36, '4.3.1', '`request_timestamp` has six fraction digits.'],
      [40, 40, '3.7, 5.5', 'A bad object fails alone. The other objects of its envelope are stored.'],
      [42, 42, '5.5', 'After a 4xx response no part of the envelope is stored.'],
    ],
  ],
  [
    'Collections',
    [
      [50, 50, '5.1', 'The list of collections; `{}` when there are none.'],
      [51, 51, '5.2.1', 'A collection has a UUID, a title, and `can_read` and `can_write` for the caller.'],
      [52, 52, '3.3', 'Collections always have the same order.'],
      [53, 53, '5.2', 'A collection resource equals its entry in the list.'],
      [55, 55, '5.2–5.8', 'Every endpoint of an unknown collection returns 404 with an error message.'],
      [56, 56, '', 'Odd identifiers are not found and break nothing.'],
      [61, 61, '5.2.1', 'The alias can replace the id in every endpoint.'],
    ],
  ],
  [
    'Objects',
    [
      [70, 72, '5.6, 5.4', 'An object comes back exactly as it was sent, in an envelope.'],
      [73, 73, '5.6, 5.8', 'A request for an unknown object gets 404 with an error message.'],
      [74, 74, '5.4, 2', 'A filter that matches nothing returns a page without `objects`.'],
      [
        75,
        79,
        '3.2',
        '`X-TAXII-Date-Added-First` and `-Last` are those of the first and last object of the page.',
      ],
      [84, 84, '3.7', 'Every kind of object is accepted unchanged.'],
      [87, 87, '3.4.1', 'STIX 2.0 is stored or refused with the reason, as the collection declares.'],
      [130, 134, '5.5, 5.8', 'A repeated object counts as a success and changes nothing.'],
      [135, 135, '', 'Other content under the same version is refused; the first one stays.'],
    ],
  ],
  [
    'Versions',
    [
      [100, 123, '3.4.1', '`match[version]` with `all`, `first`, `last`, versions, and lists of these, on objects, one object and the manifest.'], // prettier-ignore
      [124, 125, '5.8', 'The versions endpoint lists each version once.'],
      [126, 128, '3.4.1', 'Contradictory and malformed values are refused with 400 and an error message.'],
      [129, 129, '5.8', 'Versions have pages.'],
      [136, 136, '3.4.1', 'A newer version that was sent first stays the last one.'],
    ],
  ],
  [
    'Filters',
    [
      [143, 143, '3.4.1', '`match[type]` accepts every type of STIX 2.1.'],
      [146, 148, '3.4', '`added_after` excludes its own time, and accepts any year.'],
      [
        149,
        149,
        '5.6, 5.8',
        '`added_after` on one object and its versions; an empty page when nothing is later.',
      ],
      [
        150,
        151,
        '3.4',
        'Malformed times are refused with 400. Times with up to nine fraction digits are accepted.',
      ],
      [
        152,
        160,
        '3.4',
        '`limit`, repeated and unknown parameters: malformed ones are refused with 400, unknown ones are ignored.',
      ],
      [161, 162, 'RFC 3986', 'Raw and encoded parameter names mean the same.'],
      [163, 163, '', 'Operators of query languages in parameters find nothing.'],
    ],
  ],
  [
    'Pages',
    [
      [170, 174, '3.5, 3.7', '`limit`, `more` and `next`: each object once, in the order of dates added.'],
      [175, 176, '3.5', '`added_after` alone, from page to page, misses nothing and repeats nothing.'],
      [
        177,
        182,
        '3.5',
        'The last page has no `more`. The limit can change. The same `next` gives the same page.',
      ],
      [
        183,
        186,
        '3.4, App. B',
        '`next` is valid only for its caller, collection and filters. Others are refused with 400.',
      ],
      [187, 189, '3.3, 3.5', 'Dates never go back. Objects that are added between two pages arrive later.'],
      [190, 193, '', 'Deleting objects that were read skips no unread object.'],
      [
        340,
        350,
        '3.5',
        'With four writers and three readers, no reader misses an object or receives one twice.',
      ],
    ],
  ],
  [
    'Delete',
    [
      [210, 211, '5.7', 'A request for a deleted object gets 404, and lists do not contain it.'],
      [212, 217, '5.7', 'Without `match[version]` all versions are deleted, with it exactly those.'],
      [
        218,
        219,
        '5.7',
        'Deleting it again returns 404. An object that is sent again has a later date added.',
      ],
      [220, 222, '5.7', 'Deleting requires read and write access.'],
    ],
  ],
  [
    'Access',
    [
      [
        230,
        237,
        '5.3–5.8',
        'Readers and writers can use the endpoints that their grants allow, and no others.',
      ],
      [238, 238, 'App. B', 'The 404 of a hidden collection is the same as that of one that does not exist.'],
      [239, 239, '', 'A caller that may only write learns nothing about what is stored.'],
      [250, 257, '5.1–5.8', 'Missing and wrong credentials are refused with 401 at every endpoint.'],
      [
        258,
        260,
        'RFC 7235',
        'Schemes are case-insensitive. A wrong password and an unknown account get the same response.',
      ],
      [261, 262, '3.1, 1.6.9', 'A 401 has an error message and `WWW-Authenticate`.'],
      [263, 263, '', '`Authorization: Token` is accepted like `Bearer`.'],
    ],
  ],
  [
    'Media types and bodies',
    [
      [270, 279, '3.1', '`Accept` in all usual spellings.'],
      [280, 284, '3.1', 'Other media types are refused with 406.'],
      [285, 289, '3.1', '`Content-Type` in all usual spellings.'],
      [290, 295, '3.1, 5.5', 'Other content types are refused with 415, and nothing is stored.'],
      [300, 308, '5.5', 'A body that is not an envelope is refused with 4xx.'],
      [309, 309, '', 'Very deeply nested JSON fails only its own object.'],
      [
        310,
        314,
        '5.5, 4.2.1',
        'Bodies above `max_content_length` are refused with 413, chunked ones too. 300 objects fit.',
      ],
      [315, 316, '', 'gzip and STIX bundles are accepted.'],
      [
        321,
        322,
        'RFC 9110',
        'Other methods are refused with 405 and `Allow`. HEAD returns the headers of GET without a body.',
      ],
      [323, 323, '3.1', 'Every endpoint also works without its last slash.'],
      [326, 327, '', 'Compressed responses have the same content. Security headers are set.'],
    ],
  ],
];
