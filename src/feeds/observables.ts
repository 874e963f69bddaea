import { observableId } from '../stix/identifiers.ts';
import { simpleParts, type Observable, type SimpleObservable } from '../stix/pattern/build.ts';
import type { StixObject } from '../stix/types.ts';

/** Returns an observable with its deterministic id (STIX 2.1 §2.9). Undefined for types without such an id. */
function withId(body: StixObject): StixObject | undefined {
  const id = observableId(body);
  return id === undefined ? undefined : { ...body, spec_version: '2.1', id };
}

/** Returns the observables that a finding looks for, without markings. */
export function observablesOf(observable: Observable): readonly StixObject[] {
  return simpleParts(observable)
    .flatMap(bodiesOf)
    .flatMap((body): readonly StixObject[] => {
      const object = withId(body);
      return object === undefined ? [] : [object];
    });
}

function bodiesOf(observable: SimpleObservable): readonly StixObject[] {
  switch (observable.type) {
    case 'network':
    case 'endpoint':
      return [address(observable)];
    case 'domain-name':
      return [
        { type: 'domain-name', value: observable.value },
        ...(observable.resolvesTo === undefined ? [] : [address(observable.resolvesTo)]),
      ];
    case 'file':
      return [
        {
          type: 'file',
          ...(Object.keys(observable.hashes).length === 0 ? {} : { hashes: observable.hashes }),
          ...(observable.name === undefined ? {} : { name: observable.name }),
        },
      ];
    case 'x509-certificate':
      return [{ type: 'x509-certificate', hashes: observable.hashes }];
    case 'autonomous-system':
      return [{ type: 'autonomous-system', number: observable.number }];
    case 'mutex':
      return [{ type: 'mutex', name: observable.name }];
    case 'windows-registry-key':
      return [{ type: 'windows-registry-key', key: spelledOut(observable.key) }];
    case 'email-message':
      // An email message that nobody has seen is not an observable, but its sender is.
      return observable.from === undefined ? [] : [{ type: 'email-addr', value: observable.from }];
    default:
      return [{ type: observable.type, value: observable.value }];
  }
}

const HIVES: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE', HKCU: 'HKEY_CURRENT_USER', HKCR: 'HKEY_CLASSES_ROOT', HKU: 'HKEY_USERS',
  HKCC: 'HKEY_CURRENT_CONFIG',
}; // prettier-ignore

/** Returns a registry key with the full name of its hive (STIX 2.1 §6.17.1). */
function spelledOut(key: string): string {
  const [hive = '', ...rest] = key.split('\\');
  const whole = HIVES[hive.toUpperCase()];
  return whole === undefined ? key : [whole, ...rest].join('\\');
}

function address({ family, value }: { readonly family: 4 | 6; readonly value: string }): StixObject {
  return { type: `ipv${family}-addr`, value };
}

/** One end of a connection, as stated by the source. */
export interface Peer {
  /** Id of its address. */
  readonly ref?: string | undefined;
  readonly port?: number | undefined;
}

/** Returns a connection (STIX 2.1 §6.12), if enough is known about it. */
export function trafficOf(
  source: Peer,
  destination: Peer,
  protocol: string | undefined,
): StixObject | undefined {
  if (source.ref === undefined && destination.ref === undefined) return undefined;
  if (source.port === undefined && destination.port === undefined && destination.ref === undefined)
    return undefined;
  return withId({
    type: 'network-traffic',
    ...(source.ref === undefined ? {} : { src_ref: source.ref }),
    ...(destination.ref === undefined ? {} : { dst_ref: destination.ref }),
    ...(source.port === undefined ? {} : { src_port: source.port }),
    ...(destination.port === undefined ? {} : { dst_port: destination.port }),
    protocols: [protocol ?? 'tcp'],
  });
}
