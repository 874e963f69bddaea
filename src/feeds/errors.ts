import { errorTable } from '../kernel/error-table.ts';

/** Errors of feeds. */
export const feedErrors = errorTable({
  documentInvalid: {
    code: 'TLN-F-001',
    kind: 'invalid-request',
    title: 'The feed document of {what} is not valid',
    description: '{pointer}: {reason}.',
    hint: 'docs/reference/feeds.md describes the feed document.',
  },
  presetUnknown: {
    code: 'TLN-F-002',
    kind: 'invalid-request',
    title: 'Unknown preset "{name}"',
    description: 'Presets: {presets}.',
    hint: 'To list the presets, run: talanoa feed catalogue',
  },
  documentMissing: {
    code: 'TLN-F-003',
    kind: 'invalid-request',
    title: 'The feed "{name}" has neither a preset nor a document',
    description: 'Presets: {presets}.',
    hint: 'docs/reference/feeds.md describes the feed document.',
  },
  durationInvalid: {
    code: 'TLN-F-004',
    kind: 'invalid-request',
    title: 'A duration cannot be read',
    description: '"{text}" is not of the form P30D or PT12H.',
    hint: 'docs/reference/feeds.md describes the feed document.',
  },
  presetNotFound: {
    code: 'TLN-F-410',
    kind: 'not-found',
    title: '"{source}" is not a preset, a URL or a file',
  },
  notJsonFile: {
    code: 'TLN-F-422',
    kind: 'invalid-content',
    title: '{source} is not valid JSON',
    hint: 'docs/tutorials/write-a-feed.md shows how to write a feed document.',
  },
  sourceMissing: {
    code: 'TLN-F-423',
    kind: 'invalid-content',
    title: 'The feed has no source',
    hint: 'Run: talanoa feed add PRESET|ADDRESS|FILE --collection NAME, or use --defaults. To list the presets, run: talanoa feed catalogue',
  },
  webhookFailed: {
    code: 'TLN-E-021',
    kind: 'peer',
    title: 'The webhook receiver answered with the status {status}',
  },
  listTooLong: {
    code: 'TLN-F-022',
    kind: 'peer',
    title: 'The warning list has more than 200,000 entries',
    hint: 'Use a warning list with fewer entries, or split it into several lists.',
  },
  runStopped: {
    code: 'TLN-F-014',
    kind: 'unavailable',
    title: 'The feed run was stopped',
  },
  formatUnknown: {
    code: 'TLN-F-020',
    kind: 'invalid-content',
    title: 'The format of the feed could not be detected',
    hint: 'Write a feed document for it: docs/tutorials/write-a-feed.md shows how.',
  },
  fileMissing: {
    code: 'TLN-F-021',
    kind: 'invalid-content',
    title: 'The request contains no file',
    hint: 'Send the file as the body, with any content type other than that of a form.',
  },
  feedWithoutSource: {
    code: 'TLN-F-424',
    kind: 'invalid-content',
    title: 'The feed needs a preset, a document or a URL',
  },
  localOnly: {
    code: 'TLN-F-403',
    kind: 'forbidden',
    title:
      'A feed that reads files, folders or variables of the hub can be added only on the machine of the hub',
    description: 'The document refers to {named}.',
    hint: 'Store the key in the hub (talanoa secret set NAME --host HOST) and refer to it as secret:NAME, run talanoa feed add on the machine of the hub, or declare the feed in the settings file.',
  },
  notCsaf: {
    code: 'TLN-F-023',
    kind: 'peer',
    title: 'The feed is not a CSAF advisory',
    description: 'It has no document.tracking.id.',
  },
  documentTooLarge: {
    code: 'TLN-F-012',
    kind: 'peer',
    title: 'A document of the feed is larger than 64 MiB',
  },
  notJson: {
    code: 'TLN-F-015',
    kind: 'peer',
    title: 'The feed is not valid JSON, or it is incomplete',
  },
  tooDeep: {
    code: 'TLN-F-017',
    kind: 'peer',
    title: 'The feed is nested more than 64 levels deep',
  },
  columnMissing: {
    code: 'TLN-F-011',
    kind: 'peer',
    title: 'The feed has no column {missing}',
    description: 'Its columns are {columns}.',
    hint: 'The source may have changed its format. Compare it with the feed document.',
  },
  invalidCountPattern: {
    code: 'TLN-F-031',
    kind: 'invalid-request',
    title: 'Invalid pattern of the count or the end',
  },
  jsonIncomplete: {
    code: 'TLN-F-024',
    kind: 'peer',
    title: 'The feed ends in the middle of its JSON',
  },
  sourceFailed: {
    code: 'TLN-F-016',
    kind: 'peer',
    title: 'The source reports an error',
    description: 'A correct response has {expected}; the response was {received}.',
  },
  invalidRecordsPath: {
    code: 'TLN-F-032',
    kind: 'invalid-request',
    title: 'Invalid path of the records: "{path}"',
    hint: 'Use the form $.data[*], $.*[*] or $[*].',
  },
  invalidLinePattern: {
    code: 'TLN-F-033',
    kind: 'invalid-request',
    title: 'Invalid pattern of the lines',
    hint: 'Use RE2 syntax with named groups: ^(?<ip>\\S+) (?<time>.+)$',
  },
  notXml: {
    code: 'TLN-F-018',
    kind: 'peer',
    title: 'The feed is not valid XML',
  },
  invalidFileNamePattern: {
    code: 'TLN-F-034',
    kind: 'invalid-request',
    title: 'Invalid pattern of the file names',
  },
  notFound: {
    code: 'TLN-F-404',
    kind: 'not-found',
    title: 'Feed "{name}" not found',
    hint: 'To list the feeds, run: talanoa feed list',
  },
  exists: {
    code: 'TLN-F-411',
    kind: 'conflict',
    title: 'A feed named "{name}" already exists',
  },
  fetchedRecently: {
    code: 'TLN-F-430',
    kind: 'conflict',
    title: 'The feed {name} was fetched recently',
    hint: 'The terms of the source set this interval (schedule.min_interval_s).',
  },
  running: {
    code: 'TLN-F-409',
    kind: 'conflict',
    title: 'The feed {name} is already running',
    hint: 'To see the result, run: talanoa feed history {name}',
  },
  collectionMissing: {
    code: 'TLN-F-405',
    kind: 'not-found',
    title: 'The feed {feed} stores its objects in the collection "{collection}", which does not exist',
    hint: 'Create the collection, or name another one in the settings of the feed.',
  },
  tooManyRecords: {
    code: 'TLN-F-025',
    kind: 'peer',
    title: 'The feed has more than 5 million records',
  },
  tooManyBadRows: {
    code: 'TLN-F-013',
    kind: 'peer',
    title: 'More than 100,000 rows of the feed are invalid',
  },
  filterUnknown: {
    code: 'TLN-F-035',
    kind: 'invalid-request',
    title: 'Unknown template filter: "{name}"',
    description: 'Available filters: {filters}.',
  },
  warningListUnknown: {
    code: 'TLN-F-036',
    kind: 'invalid-request',
    title: 'Unknown warning list: "{name}"',
    hint: 'Available warning lists: {lists}.',
  },
  documentType: {
    code: 'TLN-F-019',
    kind: 'peer',
    title: 'The feed has a document type declaration, which the hub does not accept',
    hint: 'Ask the source for XML without a DOCTYPE.',
  },
});
