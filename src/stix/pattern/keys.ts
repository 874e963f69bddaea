import { parseNetwork } from '../../kernel/address.ts';
import { algorithmLike } from '../formats.ts';
import { eachTest, type Constant, type Pattern, type Test } from './ast.ts';
import { printPath } from './print.ts';

/** A value that a pattern looks for, in the format for comparisons. Patterns are searched and listed by it. */
export interface ObservableKey {
  /** Type of the observable. `network` stands for addresses and networks of both families. */
  readonly type: string;
  /** Property of the observable: `value`, `hashes.SHA-256`, `name`, … */
  readonly property: string;
  readonly value: string;
}

const AFFIRMING = new Set(['=', 'IN', 'ISSUBSET']);

/**
 * Returns the observable keys of a pattern: the values that must match. Values under NOT have no key. Neither do
 * comparisons other than equality and containment.
 */
export function patternKeys(pattern: Pattern): readonly ObservableKey[] {
  const found = new Map<string, ObservableKey>();
  eachTest(pattern.root, (test) => {
    if (test.kind !== 'test' || test.negated || !AFFIRMING.has(test.operator)) return;
    for (const constant of test.constants) {
      const key = keyOfConstant(test, constant);
      found.set(`${key.type} ${key.property} ${key.value}`, key);
    }
  });
  return [...found.values()];
}

/** Returns the key of one constant of a comparison. */
export function keyOfConstant(test: Test, constant: Constant): ObservableKey {
  const { type } = test.path;
  const property = printPath(test.path)
    .slice(type.length + 1)
    .replaceAll("'", '');
  const value = typeof constant.value === 'string' ? constant.value : String(constant.value);
  const names = test.path.steps.flatMap((step) => ('name' in step ? [step.name] : []));
  if (names.at(-2) === 'hashes')
    return {
      type,
      property: `hashes.${algorithmLike(names.at(-1) ?? '') ?? names.at(-1) ?? ''}`,
      value: value.toLowerCase(),
    };
  if (names.at(-1) !== 'value') return { type, property, value };
  const network = parseNetwork(value);
  if (network !== undefined && (type.startsWith('ipv') || names.length > 1))
    return { type: 'network', property: 'value', value: value.toLowerCase() };
  if (type === 'domain-name' || type === 'email-addr')
    return { type, property, value: value.toLowerCase().replace(/\.$/, '') };
  return { type, property, value };
}
