/** The syntax tree of a STIX pattern (STIX 2.1 §9). */
export type Constant =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer' | 'float'; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'hex' | 'binary' | 'timestamp'; readonly value: string };

export type Step = { readonly name: string; readonly quoted: boolean } | { readonly index: number | '*' };

/** `type:step.step[0]` (STIX 2.1 §9.7). */
export interface ObjectPath {
  readonly type: string;
  readonly steps: readonly Step[];
}

export type Operator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'LIKE' | 'MATCHES' | 'ISSUBSET' | 'ISSUPERSET';

/** One comparison of a path. */
export type Test =
  | {
      readonly kind: 'test';
      readonly path: ObjectPath;
      readonly negated: boolean;
      readonly operator: Operator;
      readonly constants: readonly Constant[];
    }
  | { readonly kind: 'exists'; readonly path: ObjectPath; readonly negated: boolean };

export type Comparison = Test | { readonly kind: 'and' | 'or'; readonly operands: readonly Comparison[] };

export type Qualifier =
  | { readonly kind: 'WITHIN'; readonly seconds: number; readonly text: string }
  | { readonly kind: 'REPEATS'; readonly times: number }
  | { readonly kind: 'START'; readonly start: string; readonly stop: string };

export type Observation =
  | {
      readonly kind: 'observation';
      readonly comparison: Comparison;
      readonly qualifiers: readonly Qualifier[];
    }
  | {
      readonly kind: 'AND' | 'OR' | 'FOLLOWEDBY';
      readonly operands: readonly Observation[];
      readonly qualifiers: readonly Qualifier[];
    };

/** A parsed pattern, with the deviations from the standard that the parser accepted. */
export interface Pattern {
  readonly root: Observation;
  readonly warnings: readonly string[];
  /** Faults that the parser accepted because it was asked to be tolerant. */
  readonly faults: readonly PatternFault[];
}

/** A fault of a pattern, as its error describes it. */
export interface PatternFault {
  readonly rule: string;
  readonly offset: number;
  readonly message: string;
}

/** Calls `visit` for every comparison of a pattern, from left to right. */
export function eachTest(observation: Observation, visit: (test: Test) => void): void {
  if (observation.kind === 'observation') walk(observation.comparison, visit);
  else for (const operand of observation.operands) eachTest(operand, visit);
}

function walk(comparison: Comparison, visit: (test: Test) => void): void {
  if ('operands' in comparison) {
    for (const operand of comparison.operands) walk(operand, visit);
  } else visit(comparison);
}
