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
      answer: 'extracted',
      run: async ({ actor, http, agent }) => {
        // A page has already read the form with the document.
        if (http.bytes.length > 0) return { body: await extraction.extract(actor, http.bytes, agent) };
        const caller = senderOf(actor, http.from);
        const { bytes, release } = await readBody(http.body, { caller, limit: LARGEST_DOCUMENT });
        try {
          return { body: await extraction.extract(actor, bytes, agent) };
        } finally {
          release();
        }
      },
    }),
  ];
}
