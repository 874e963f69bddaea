import type { Comparison, Constant, ObjectPath, Observation, Pattern, Qualifier, Step, Test } from './ast.ts';
import { quote } from './build.ts';

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The first name of a path is a property name (P-020). Any other first name must be quoted. */
const PROPERTY_NAME = /^(?:id|[a-z][a-z0-9_]{2,249})$/;
/** Precedence of the observation operators (STIX 2.1 §9.4). */
const BINDS = { FOLLOWEDBY: 1, OR: 2, AND: 3 } as const;

/** Returns a constant in pattern syntax. */
function printConstant(constant: Constant): string {
  switch (constant.kind) {
    case 'string':
      return quote(constant.value);
    case 'integer':
    case 'float':
      return constant.text;
    case 'boolean':
      return String(constant.value);
    case 'hex':
      return `h'${constant.value}'`;
    case 'binary':
      return `b'${constant.value}'`;
    case 'timestamp':
      return `t'${constant.value}'`;
  }
}

/** Returns an object path in pattern syntax. Names are quoted only where necessary. */
export function printPath({ type, steps }: ObjectPath): string {
  const printed = steps.map((step: Step, i) =>
    'index' in step
      ? `[${step.index}]`
      : `${i === 0 ? '' : '.'}${(i === 0 ? PROPERTY_NAME : PLAIN_NAME).test(step.name) ? step.name : quote(step.name)}`,
  );
  return `${type}:${printed.join('')}`;
}

/** Returns one comparison in pattern syntax. */
function printTest(test: Test): string {
  if (test.kind === 'exists') return `${test.negated ? 'NOT ' : ''}EXISTS ${printPath(test.path)}`;
  const operands = test.constants.map(printConstant);
  const operand = test.operator === 'IN' ? `(${operands.join(', ')})` : (operands[0] ?? '');
  return `${printPath(test.path)} ${test.negated ? 'NOT ' : ''}${test.operator} ${operand}`;
}

function printComparison(comparison: Comparison): string {
  if (!('operands' in comparison)) return printTest(comparison);
  const word = comparison.kind === 'and' ? ' AND ' : ' OR ';
  return comparison.operands
    .map((operand) => {
      const text = printComparison(operand);
      const loose = 'operands' in operand && (comparison.kind === 'and' || operand.kind === 'or');
      return loose ? `(${text})` : text;
    })
    .join(word);
}

function printQualifier(qualifier: Qualifier): string {
  switch (qualifier.kind) {
    case 'WITHIN':
      return ` WITHIN ${qualifier.text} SECONDS`;
    case 'REPEATS':
      return ` REPEATS ${qualifier.times} TIMES`;
    case 'START':
      return ` START t'${qualifier.start}' STOP t'${qualifier.stop}'`;
  }
}

function printObservation(observation: Observation): string {
  const qualifiers = observation.qualifiers.map(printQualifier).join('');
  if (observation.kind === 'observation') return `[${printComparison(observation.comparison)}]${qualifiers}`;
  const text = observation.operands
    .map((operand) => {
      const printed = printObservation(operand);
      const loose =
        operand.kind !== 'observation' &&
        operand.qualifiers.length === 0 &&
        BINDS[operand.kind] <= BINDS[observation.kind];
      return loose ? `(${printed})` : printed;
    })
    .join(` ${observation.kind} `);
  return qualifiers === '' ? text : `(${text})${qualifiers}`;
}

/**
 * Returns the canonical form of a pattern: one space between words, no comments, quotes around names only where necessary,
 * and constants as they were read. Patterns that differ only in notation have the same canonical form. Parsing it gives
 * the same tree.
 */
export function printPattern({ root }: Pattern): string {
  return printObservation(root);
}
