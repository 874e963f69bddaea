import { uuidV5 } from '../../../kernel/ids.ts';
import { fixedTlp, markingRefs, tlpMarking, tlpMarkingId } from '../../../stix/markings.ts';
import { VALUE_TYPES } from '../../../stix/values/observed-values.ts';
import { text } from '../../../stix/types.ts';
import type { ObjectFormat } from './object-format.ts';

/** The namespace of the ids of bundles. */
const BUNDLES = '4f6f0e62-6c0f-4f0e-9d3e-7c2a5b1d8e90';

/** A STIX 2.1 bundle of the indicators in force, with the identities and marking definitions of the collection. */
export const stix: ObjectFormat = {
  name: 'stix',
  tools: 'programs that import STIX files',
  media: 'application/stix+json;version=2.1',
  acts: 'read',
  carries: VALUE_TYPES,
  usual: VALUE_TYPES,
  patterns: undefined,
  head: ({ name, lines, changed }) => {
    const id = `bundle--${uuidV5(`${name} ${lines} ${changed}`, BUNDLES)}`;
    return `{"type":"bundle","id":"${id}"`;
  },
  writer: () => {
    const [present, used] = [new Set<string>(), new Set<string>()];
    // A bundle without objects has no list of them (STIX 2.1 §8).
    const next = (written: string, id: string): string => {
      const before = present.size === 0 ? ',"objects":[\n' : ',\n';
      present.add(id);
      return before + written;
    };
    return {
      take: ({ object, text: written }) => {
        const id = text(object, 'id') ?? '';
        if (present.has(id)) return '';
        for (const ref of markingRefs(object)) used.add(ref);
        return next(written, id);
      },
      // Readers know the markings of TLP 1 (STIX 2.1 §7.2.1.4). Those of TLP 2.0 come with the objects that use them.
      end: () => {
        const missing = [...used].filter((id) => !present.has(id)).toSorted();
        const definitions = missing.flatMap((id) => {
          const tlp = fixedTlp(id);
          return tlp !== undefined && tlpMarkingId(tlp) === id
            ? [next(JSON.stringify(tlpMarking(tlp)), id)]
            : [];
        });
        return `${definitions.join('')}${present.size === 0 ? '' : '\n]'}}\n`;
      },
    };
  },
};
