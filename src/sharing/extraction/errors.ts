import { errorTable } from '../../kernel/error-table.ts';

/** Errors of documents from which values are extracted. */
export const extractionErrors = errorTable({
  unknownFormat: {
    code: 'TLN-B-431',
    kind: 'invalid-content',
    title: 'The format of the document is not known',
    hint: 'Upload a PDF, Word (.docx), HTML, email (.eml) or text file, or paste the text.',
  },
  encrypted: {
    code: 'TLN-B-432',
    kind: 'invalid-content',
    title: 'The document is protected by a password',
    hint: 'Save it without a password, or paste its text.',
  },
  noText: {
    code: 'TLN-B-433',
    kind: 'invalid-content',
    title: 'The document contains no text',
    description: 'Its pages may be pictures.',
    hint: 'Paste the text instead.',
  },
  damaged: {
    code: 'TLN-B-434',
    kind: 'invalid-content',
    title: 'The document is damaged and cannot be read',
    hint: 'Open it in a program and save it again, or paste its text.',
  },
  tooCostly: {
    code: 'TLN-B-435',
    kind: 'invalid-content',
    title: 'The document could not be read within {seconds} seconds and the memory for it',
    hint: 'Upload a part of it, or paste its text.',
  },
  tooManyOfCaller: {
    code: 'TLN-B-437',
    kind: 'rate-limited',
    title: 'You already have {most} documents that are being read or wait',
    hint: 'Try again when they are done.',
  },
  tooManyDocuments: {
    code: 'TLN-B-436',
    kind: 'unavailable',
    title: 'Too many documents are being read',
    hint: 'Try again in a minute.',
  },
});
