import type { Router } from 'express';
import { setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import { faultOf, sendView as page, textsOf } from '../shared/send-view.tsx';
import { webErrors } from '../errors.ts';
import { documentOf } from '../shared/document-form.ts';
import { EMPTY } from './publish-form.ts';
import { showCheck, type PublishPages } from './publish.tsx';
import { ExtractPage, chosenIn } from './views/extract.tsx';

/** Bounds for the chosen values of a document: the bytes and the number of fields. */
export const FOUND_FORM = { bytes: 1_048_576, fields: 1_100 } as const;

/**
 * The page that finds values in a document: a form with a file or a text, the values that were found, and the form that
 * publishes the chosen ones. Nothing of the document is kept between these steps.
 */
export function extractRoutes(router: Router, services: PublishPages): void {
  const { signedIn, pages } = services;
  router.get('/extract', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    pages.demandPermission(who, 'extractValues');
    page(response, 200, <ExtractPage written="" fault={undefined} />);
  });
  router.post('/extract', async (request, response) => {
    // The document is read only for a signed-in person.
    const who = await signedIn(request, response);
    if (who === undefined) return;
    let written = '';
    try {
      services.rates.take(who.account, 'writes');
      const chosen = chosenIn(request.body);
      if (chosen !== undefined && chosen.values.length > 0) {
        await showCheck(services, who, request, response, { ...EMPTY, values: chosen.values.join('\n') });
        return;
      }
      if (chosen !== undefined) {
        const content = Buffer.from(chosen.offered);
        const found = await pages.asking(who, request)('extractValues', { content });
        const fault = textsOf(response).extract.nothingChosen;
        page(response, 422, <ExtractPage written="" fault={fault} found={found} />);
        return;
      }
      const document = await documentOf(request, response, services.originOf);
      written = document.text;
      if (document.bytes.length === 0)
        throw webErrors.invalidInput({ description: textsOf(response).extract.nothingGiven });
      const found = await pages.asking(who, request)('extractValues', { content: document.bytes });
      page(
        response,
        200,
        <ExtractPage written={written} name={document.name} fault={undefined} found={found} />,
      );
    } catch (error) {
      if (!(error instanceof Problem) || error.kind === 'forbidden') throw error;
      setHeaders(response, error.headers);
      page(response, statusOf[error.kind], <ExtractPage written={written} fault={faultOf(error)} />);
    }
  });
}
