import type { CheckedValues, Extracted } from '../../api/schema-types.ts';
import type { Principal } from '../../access/principal.ts';
import { readForPublishing } from '../../stix/values/indicator.ts';
import type { ValueCheck } from '../feedback/value-check.ts';
import { readDocument, type Reading } from './read-document.ts';

/** Number of values that one check looks up. An IPv6 address alone is in 112 networks. */
const AT_ONCE = 200;

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
   * Returns the text of a document and its values in their order, each with the verdict that `ValueCheck` gives the caller,
   * and with the reason why it cannot be published as it is. Places are in UTF-16 code units of the text. `agent` is the
   * client program. Throws a Problem (`TLN-B-431` to `TLN-B-437`) if the document cannot be read.
   */
  async extract(actor: Principal, bytes: Buffer, agent: string, reading: Reading): Promise<Extracted> {
    const { format, pages, text, found, isCut, hasMore } = await readDocument(bytes, reading);
    const values = found.map(({ readable }) => readable);
    const { items, complete } = await this.#checked(actor, values, agent);
    const faults = readForPublishing(values, 'auto').map(({ fault }) => fault);
    return {
      format,
      pages,
      text,
      items: items.flatMap((check, i) => {
        const place = found[i];
        if (place === undefined) return [];
        const { written, start, end } = place;
        const fault = faults[i];
        return [{ written, start, end, check, ...(fault === undefined ? {} : { fault }) }];
      }),
      cut: isCut,
      more: hasMore,
      complete,
    };
  }

  /** Checks all values in parts. A key that cannot read is refused also if there are none. */
  async #checked(actor: Principal, values: readonly string[], agent: string): Promise<CheckedValues> {
    const items: CheckedValues['items'][number][] = [];
    let complete = true;
    for (let at = 0; at === 0 || at < values.length; at += AT_ONCE) {
      const checked = await this.#check.check(actor, values.slice(at, at + AT_ONCE), agent);
      items.push(...checked.items);
      complete &&= checked.complete;
    }
    return { items, complete };
  }
}
