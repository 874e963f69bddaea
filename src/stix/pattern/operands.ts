import { writtenFamily } from '../../kernel/address.ts';
import { hashFault } from '../hashes.ts';
import { shapesOf } from '../validation/schema-stage.ts';
import type { Constant, ObjectPath, Operator } from './ast.ts';
import { PatternError } from './lexer.ts';
import { regexFault } from './regex-syntax.ts';

const PROPERTY_NAME = /^(?:id|[a-z][a-z0-9_]{2,249})$/;

const CUSTOM_NAME = /^x_[A-Za-z0-9_]{1,248}$/;

/**
 * Checks the properties in a path (P-020, P-022). Throws a PatternError. For a property that the specification defines,
 * the check knows whether it is a list, an object or a value. Any use of other properties is accepted.
 */
export function checkPath(
  { type, steps }: ObjectPath,
  offset: number,
  deviates: (fault: PatternError) => void,
): void {
  const [first, second] = steps;
  if (first === undefined || !('name' in first)) return;
  if (!first.quoted && !PROPERTY_NAME.test(first.name)) {
    const fault = new PatternError(
      'P-020',
      offset,
      `"${first.name.slice(0, 60)}" is not a property name; property names have 3 to 250 characters of a-z, 0-9 and _`,
    );
    // Capitals in the name of a custom property mislead nobody.
    if (!CUSTOM_NAME.test(first.name)) throw fault;
    deviates(fault);
  }
  if (second === undefined) return;
  const shape = shapesOf(type).get(first.name);
  if ('index' in second) {
    if (shape === 'value' || shape === 'object')
      throw new PatternError(
        'P-022',
        offset,
        `${type}:${first.name} is not a list, so it has no [${second.index}]`,
      );
  } else if (shape === 'value' && !first.name.endsWith('_ref'))
    throw new PatternError(
      'P-022',
      offset,
      `${type}:${first.name} is a value, not a reference, so nothing can follow it`,
    );
}

/**
 * Checks the operands of an operator (P-015 to P-017, P-021). Throws a PatternError. `offset` is the position of the
 * operator.
 */
export function checkOperands(
  path: ObjectPath,
  operator: Operator,
  constants: readonly Constant[],
  offset: number,
): void {
  const [first] = constants;
  if (first === undefined) return;
  switch (operator) {
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (first.kind === 'boolean') throw new PatternError('P-017', offset, 'true and false have no order');
      return;
    case 'LIKE':
      if (first.kind !== 'string') throw new PatternError('P-015', offset, 'LIKE takes a string');
      return;
    case 'MATCHES': {
      if (first.kind !== 'string') throw new PatternError('P-015', offset, 'MATCHES takes a string');
      const fault = regexFault(first.value);
      if (fault !== undefined)
        throw new PatternError('P-015', offset, `the regular expression is not valid: ${fault}`);
      return;
    }
    case 'ISSUBSET':
    case 'ISSUPERSET':
      checkNetwork(path, operator, first, offset);
      return;
    case '=':
    case '!=':
    case 'IN':
      checkHash(path, constants, offset);
      return;
  }
}

function checkNetwork(path: ObjectPath, operator: Operator, constant: Constant, offset: number): void {
  const names = path.steps.flatMap((step) => ('name' in step ? [step.name] : []));
  const last = names.at(-1);
  const direct = (path.type === 'ipv4-addr' || path.type === 'ipv6-addr') && names.length === 1;
  const referred = path.steps.length > 1 && /_refs?$/.test(names.at(-2) ?? '');
  if (last !== 'value' || (!direct && !referred)) {
    throw new PatternError('P-016', offset, `${operator} compares the value of an ipv4-addr or ipv6-addr`);
  }
  const family = constant.kind === 'string' ? writtenFamily(constant.value) : undefined;
  const wanted = path.type === 'ipv4-addr' ? 4 : path.type === 'ipv6-addr' ? 6 : undefined;
  if (family === undefined || (wanted !== undefined && family !== wanted)) {
    throw new PatternError(
      'P-016',
      offset,
      `${operator} takes an address or network of ${wanted === undefined ? 'either family' : `IPv${wanted}`}`,
    );
  }
}

function checkHash(path: ObjectPath, constants: readonly Constant[], offset: number): void {
  const last = path.steps.at(-1);
  const holder = path.steps.at(-2);
  if (
    last === undefined ||
    holder === undefined ||
    !('name' in last) ||
    !('name' in holder) ||
    holder.name !== 'hashes'
  )
    return;
  for (const constant of constants) {
    const fault = constant.kind === 'string' ? hashFault(last.name, constant.value) : undefined;
    if (fault !== undefined) throw new PatternError('P-021', offset, fault);
  }
}
