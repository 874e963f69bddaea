import type { StixObject } from '../types.ts';
import { sectionOf } from './sections.ts';
import { isTolerated, type ValidationLevel } from './tolerance.ts';

/**
 * One fault of an object. An `error` rejects the object. A `finding` is an error that the level `tolerant` accepts. A
 * `warning` breaks a recommendation.
 */
export interface StixFault {
  readonly level: 'error' | 'finding' | 'warning';
  /** Rule id: S-… for objects, P-… for patterns, W-… for advice, L-… for limits of the hub, J-001 for invalid JSON. */
  readonly rule: string;
  /** JSON pointer (RFC 6901) into the object. */
  readonly pointer: string;
  /** The found and the expected value. */
  readonly message: string;
  /** The text that was probably meant. */
  readonly suggestion?: string;
  /** Offset in characters of a fault inside the string at `pointer` (patterns). */
  readonly offset?: number;
}

/** Returns a fault as one line for a person: `S-019 /created: …`. */
export function faultLine(fault: StixFault): string {
  return `${fault.rule} ${fault.pointer === '' ? 'the object' : fault.pointer}: ${fault.message}`;
}

/** Returns a fault with the section of STIX 2.1 that its rule comes from, for programs. */
export function describedFault(fault: StixFault): StixFault & { readonly section?: string } {
  const section = sectionOf(fault.rule);
  return section === undefined ? fault : { ...fault, section };
}

/** Maximum number of faults per level that are reported for one object. The object is not checked any further. */
export const MOST_FAULTS = 20;

/** Stops the check of an object with enough known faults. Only `validateObject` catches it. */
export class Enough extends Error {}

/** Collects the faults of one object. */
export class Findings {
  readonly faults: StixFault[] = [];
  /** Reported positions and rules, so that a fault that two stages find counts once. */
  readonly #told = new Set<string>();
  #errors = 0;
  #findings = 0;
  #warnings = 0;
  readonly #wantsAdvice: boolean;
  readonly #object: StixObject;
  readonly #level: ValidationLevel;

  constructor(object: StixObject, advising: boolean, level: ValidationLevel = 'standard') {
    this.#object = object;
    this.#wantsAdvice = advising;
    this.#level = level;
  }

  /** Probable typing errors are rejected. */
  get strict(): boolean {
    return this.#level === 'strict';
  }

  get tolerant(): boolean {
    return this.#level === 'tolerant';
  }

  /** Advice is not computed at ingest, because nobody reads it there, nor beyond the number that is reported. */
  get advising(): boolean {
    return this.#wantsAdvice && this.#warnings < MOST_FAULTS;
  }

  /** Reports a fault. The level decides whether it rejects the object. */
  error(rule: string, pointer: string, message: string, more: Partial<StixFault> = {}): void {
    const key = `${rule} ${pointer}`;
    if (this.#told.has(key)) return;
    if (!this.tolerant || !isTolerated(this.#object, rule, pointer)) {
      this.reject(rule, pointer, message, more);
      return;
    }
    // A list can have thousands of them. The first ones are enough to understand the fault.
    if (++this.#findings > MOST_FAULTS) return;
    this.#told.add(key);
    this.faults.push({ level: 'finding', rule, pointer, message, ...more });
  }

  /** Reports a fault that rejects the object at every level. */
  reject(rule: string, pointer: string, message: string, more: Partial<StixFault> = {}): void {
    const key = `${rule} ${pointer}`;
    if (this.#told.has(key)) return;
    if (this.#errors === MOST_FAULTS) throw new Enough();
    this.#errors++;
    this.#told.add(key);
    this.faults.push({ level: 'error', rule, pointer, message, ...more });
  }

  /**
   * A check ended early because it had found enough. At the level `tolerant`, what it did not see could be an error, so
   * the object is rejected.
   */
  cut(): void {
    if (this.tolerant && this.#errors === 0) throw new Enough();
  }

  /** Drops the faults at a position, because another one describes the problem better. */
  forget(pointer: string): void {
    const kept = this.faults.filter((fault) => fault.pointer !== pointer);
    this.faults.splice(0, this.faults.length, ...kept);
  }

  /** True when an error or a finding is known at exactly this position. */
  saidOf(pointer: string): boolean {
    return this.faults.some((fault) => fault.level !== 'warning' && fault.pointer === pointer);
  }

  /** True when an error is known at this position or below it. */
  isFaulty(pointer: string): boolean {
    return this.faults.some(
      (fault) =>
        fault.level === 'error' && (fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`)),
    );
  }

  /** Returns a warning with a fixed message. */
  note(rule: string, pointer: string, message: string, more: Partial<StixFault> = {}): void {
    if (!this.advising) return;
    this.#warnings++;
    this.faults.push({ level: 'warning', rule, pointer, message, ...more });
  }

  warn(rule: string, pointer: string, message: string, suggestion?: string): void {
    if (suggestion === undefined) this.note(rule, pointer, message);
    else this.note(rule, pointer, `${message}; did you mean "${suggestion}"?`, { suggestion });
  }
}
