import { spoolBytes } from '../spool.ts';
import { Node } from '../node.ts';
import { FetchProblem } from './transport.ts';

/** Paths in a page, in names with dots between them. */
export interface PageQuestion {
  /** Paths of texts. */
  readonly texts: readonly string[];
  /** Paths of lists of which the length is needed. */
  readonly lists: readonly string[];
}

/** The answers, in the order of the paths. */
export interface PageFacts {
  readonly texts: readonly (string | undefined)[];
  readonly lengths: readonly number[];
}

/** Reads what leads to the next page in a page of a JSON API. Throws a FetchProblem when it is not valid JSON. */
export async function pageFacts(path: string, { texts, lists }: PageQuestion): Promise<PageFacts> {
  let page: Node;
  try {
    page = new Node(JSON.parse((await spoolBytes(path)).toString('utf8')));
  } catch (error) {
    throw new FetchProblem('A page of the source is not valid JSON', { failure: 'content', cause: error });
  }
  const at = (names: string): Node => page.at(...names.split('.'));
  return {
    texts: texts.map((names) => at(names).text),
    lengths: lists.map((names) => at(names).all().length),
  };
}
