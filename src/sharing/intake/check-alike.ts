import type { GatedObject } from '../../kernel/json-gate.ts';
import type { Slices } from '../../kernel/slices.ts';
import { text, type StixObject } from '../../stix/types.ts';
import type { ValidShapes } from '../../stix/validation/valid-shapes.ts';
import { versionOf } from '../../stix/versions.ts';
import { checkSliced, type CheckRules, type Checked } from './judge.ts';
import { NO_ID } from './outcome.ts';

/**
 * Does the same as `checkSliced` for one of many similar objects, such as those that the hub makes for the rows of
 * a feed. Most of them need no full check. `shapes` are the shapes that are valid by these rules.
 */
export function checkAlike(
  item: GatedObject,
  rules: CheckRules,
  shapes: ValidShapes,
  slices: Slices,
): Checked | Promise<Checked> {
  const { text: written, value: object } = item;
  if (shapes.has(object)) return validAs(written, object);
  const remembered = (checked: Checked): Checked => {
    if (checked.kind === 'valid' && checked.findings.length === 0) shapes.add(object);
    return checked;
  };
  const checked = checkSliced(item, rules, slices);
  return checked instanceof Promise ? checked.then(remembered) : remembered(checked);
}

/** Returns the result of a check that found nothing wrong with an object. The outline of the object is enough. */
export function validAs(written: string, object: StixObject): Extract<Checked, { kind: 'valid' }> {
  return {
    kind: 'valid',
    text: written,
    object,
    id: text(object, 'id') ?? NO_ID,
    version: versionOf(object),
    findings: [],
  };
}
