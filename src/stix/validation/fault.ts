/** One thing that is wrong with an object. `error` means that the object is refused, `warning` that it is let pass. */
export interface StixFault {
  readonly level: 'error' | 'warning';
  /** Rule id: S-… for objects, P-… for patterns, J-001 for the JSON itself. */
  readonly rule: string;
  /** JSON pointer (RFC 6901) into the object. */
  readonly pointer: string;
  /** What is wrong there and what was expected. */
  readonly message: string;
}

/** A fault as one line for a person: `S-019 /created: …`. */
export function faultLine(fault: StixFault): string {
  return `${fault.rule} ${fault.pointer === '' ? 'the object' : fault.pointer}: ${fault.message}`;
}
