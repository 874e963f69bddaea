import { operation, type Operation } from '../../access/operation.ts';
import { senderOf } from '../../access/sessions/throttle.ts';
import { readBody } from '../../kernel/body.ts';
import type { Extraction } from './extraction.ts';
import { LARGEST_DOCUMENT } from './read-document.ts';

/** The operation that finds the values in a document. */
export function extractionOperations(extraction: Extraction): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/values/extract',
      name: 'extractValues',
      summary: 'Find the values in a document of up to 10 MiB: text, HTML, email, PDF or Word (.docx)',
      tag: 'Objects',
      permission: 'collection.read',
      status: 200,
      raw: true,
      query: [
        {
          name: 'format',
          description: 'text: read the document as text, although it looks like another format.',
          schema: { type: 'string', enum: ['text'] },
        },
      ],
      answer: 'extracted',
      run: async ({ actor, http, agent, query, whenSent }) => {
        const caller = senderOf(actor, http.from);
        const ended = new AbortController();
        whenSent(() => ended.abort());
        const reading = { caller, isText: query.format === 'text', signal: ended.signal };
        // A page has already read the form with the document.
        if (http.document !== undefined)
          return { body: await extraction.extract(actor, http.document, agent, reading) };
        const tooLarge = { description: 'A document can have at most 10 MB.' };
        const { bytes, release } = await readBody(http.body, { caller, limit: LARGEST_DOCUMENT, tooLarge });
        try {
          return { body: await extraction.extract(actor, bytes, agent, reading) };
        } finally {
          release();
        }
      },
    }),
  ];
}
