import type { Extracted } from '../../api/schema-types.ts';
import type { Principal } from '../../access/principal.ts';
import type { ValueCheck } from '../feedback/value-check.ts';
import { readDocument } from './read-document.ts';

/**
 * Finds the values in documents that people have received, such as reports of partners. Nothing of a document is stored or
 * logged, and nothing in it is looked up elsewhere.
 */
export class Extraction {
  readonly #check: Pick<ValueCheck, 'check'>;

  constructor(check: Pick<ValueCheck, 'check'>) {
    this.#check = check;
  }

  /**
   * Returns the text of a document and its values in their order, each with the verdict that `ValueCheck` gives the caller.
   * Places are in UTF-16 code units of the text. `agent` is the client program. Throws a Problem (`TLN-B-431` to
   * `TLN-B-436`) if the document cannot be read.
   */
  async extract(actor: Principal, bytes: Buffer, agent: string): Promise<Extracted> {
    const { format, pages, text, found, isCut, hasMore } = await readDocument(bytes);
    const values = found.map(({ readable }) => readable);
    const { items, complete } = await this.#check.check(actor, values, agent);
    return {
      format,
      pages,
      text,
      items: items.flatMap((check, i) => {
        const place = found[i];
        return place === undefined
          ? []
          : [{ written: place.written, start: place.start, end: place.end, check }];
      }),
      cut: isCut,
      more: hasMore,
      complete,
    };
  }
}
