import { escapePointer } from '../../kernel/schema-faults.ts';
import { kindOf, text, type StixObject } from '../types.ts';
import type { Findings } from './fault.ts';
import { ownFaults } from './schema-stage.ts';

const STAND_IN = '--00000000-0000-4000-8000-000000000000';
const DEEPEST = 20;

/**
 * Checks the container of observables that observed-data had before observables were separate objects (STIX 2.1 §2.13
 * and §4.14). Each entry is checked with the schema of its type. Its references are keys of the same container, so they
 * are first replaced by identifiers of the right type.
 */
export function checkContainer(objects: Readonly<Record<string, unknown>>, findings: Findings): void {
  const typeOf = (key: string): string | undefined =>
    Object.hasOwn(objects, key) ? text((objects[key] ?? {}) as StixObject, 'type') : undefined;
  for (const [key, value] of Object.entries(objects)) {
    const pointer = `/objects/${escapePointer(key)}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const type = text(value as StixObject, 'type') ?? '';
    const kind = kindOf(type);
    if (kind !== 'sco' && kind !== 'unknown') {
      findings.error('S-074', `${pointer}/type`, `${type.slice(0, 60)} is not an observable`);
      continue;
    }
    const lifted = lift(value, '', pointer, typeOf, findings, 0);
    for (const fault of ownFaults(type, lifted)) {
      const onReference = /_refs?(?:\/\d+)?$/.test(fault.pointer) && fault.keyword === 'pattern';
      findings.error(onReference ? 'S-074' : fault.rule, `${pointer}${fault.pointer}`, fault.message);
    }
  }
}

/** Returns a copy in which local references are identifiers of the right type. */
function lift(
  value: unknown,
  name: string,
  pointer: string,
  typeOf: (key: string) => string | undefined,
  findings: Findings,
  depth: number,
): unknown {
  if (depth > DEEPEST) return value;
  if (typeof value === 'string' && name.endsWith('_ref')) {
    const type = typeOf(value);
    if (type === undefined) {
      findings.error('S-073', pointer, `"${value.slice(0, 80)}" is not a key of this container`);
      return undefined;
    }
    return `${type}${STAND_IN}`;
  }
  if (Array.isArray(value)) {
    const item = name.endsWith('_refs') ? name.slice(0, -1) : '';
    return value
      .map((one, i) => lift(one, item, `${pointer}/${i}`, typeOf, findings, depth + 1))
      .filter((one) => one !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(
        ([key, part]) =>
          [key, lift(part, key, `${pointer}/${escapePointer(key)}`, typeOf, findings, depth + 1)] as const,
      )
      .filter(([, part]) => part !== undefined),
  );
}
