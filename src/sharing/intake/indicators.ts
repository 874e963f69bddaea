import { gateSliced, type GatedDocument } from '../../kernel/json-gate.ts';

/** Writes objects that the hub made as a document, to be submitted like one that came from outside. */
export function documentOf(objects: readonly object[]): Promise<GatedDocument> {
  return gateSliced(Buffer.from(JSON.stringify({ objects })));
}
