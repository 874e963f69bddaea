import type { Router } from 'express';
import type { Extracted } from '../../api/schema-types.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import { faultOf, sendView as page, textsOf } from '../shared/send-view.tsx';
import { readForPublishing } from '../../stix/values/indicator.ts';
import { documentOf } from '../shared/document-form.ts';
import type { Ask } from './ask.ts';
import { EMPTY } from './publish-form.ts';
import { showCheck, type PublishPages } from './publish.tsx';
import { ExtractPage, chosenIn } from './views/extract.tsx';

/** Bounds for the chosen values of a document: the bytes and the number of fields. */
export const FOUND_FORM = { bytes: 2_097_152, fields: 1_100 } as const;

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
      pages.demandPermission(who, 'extractValues');
      services.rates.take(who.account, 'writes');
      const { extract: t } = textsOf(response);
      const ask = pages.asking(who, request);
      const chosen = chosenIn(request.body);
      if (chosen !== undefined && chosen.values.length > 0) {
        await showCheck(services, who, request, response, { ...EMPTY, values: chosen.values.join('\n') });
        return;
      }
      if (chosen !== undefined && chosen.offered.length > 0) {
        const found = await offeredAgain(ask, chosen.offered);
        page(
          response,
          422,
          <ExtractPage written="" name={chosen.name} fault={t.nothingChosen} found={found} />,
        );
        return;
      }
      const document =
        chosen === undefined ? await documentOf(request, response, services.originOf) : NOTHING;
      written = document.text;
      if (document.bytes.length === 0) {
        page(
          response,
          422,
          <ExtractPage written={written} fault={document.name === '' ? t.nothingGiven : t.emptyFile} />,
        );
        return;
      }
      const query = document.name === '' ? { format: 'text' } : {};
      const found = await ask('extractValues', { content: document.bytes, query });
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

/** A form without a document. */
const NOTHING = { bytes: Buffer.alloc(0), name: '', text: '' };
/** Number of values of one check. More could be in too many networks. */
const AT_ONCE = 200;

/** Returns the values of a form in which none was chosen, without the text in which they were found. */
async function offeredAgain(ask: Ask, values: readonly string[]): Promise<Extracted> {
  const items: Extracted['items'][number][] = [];
  const faults = readForPublishing(values, 'auto').map(({ fault }) => fault);
  let complete = true;
  for (let at = 0; at < values.length; at += AT_ONCE) {
    const checked = await ask('checkValues', { body: { values: values.slice(at, at + AT_ONCE) } });
    complete &&= checked.complete;
    for (const [i, check] of checked.items.entries()) {
      const fault = faults[at + i];
      const place = { written: values[at + i] ?? '', start: at + i, end: at + i };
      items.push({ ...place, check, ...(fault === undefined ? {} : { fault }) });
    }
  }
  return { format: 'text', pages: 1, text: '', items, cut: false, more: false, complete };
}
