/** Formats of hash values by the name of the algorithm (STIX 2.1 §10.7). */
const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly words: string }>> = {
  MD5: { form: /^[0-9a-f]{32}$/i, words: '32 hexadecimal digits' },
  'SHA-1': { form: /^[0-9a-f]{40}$/i, words: '40 hexadecimal digits' },
  'SHA-256': { form: /^[0-9a-f]{64}$/i, words: '64 hexadecimal digits' },
  'SHA-512': { form: /^[0-9a-f]{128}$/i, words: '128 hexadecimal digits' },
  'SHA3-256': { form: /^[0-9a-f]{64}$/i, words: '64 hexadecimal digits' },
  'SHA3-512': { form: /^[0-9a-f]{128}$/i, words: '128 hexadecimal digits' },
  SSDEEP: { form: /^\d+:[A-Za-z0-9/+]*:[A-Za-z0-9/+]*$/, words: 'size:text:text' },
  TLSH: { form: /^(T1)?[0-9a-f]{70}$/i, words: '70 hexadecimal digits' },
};

/**
 * Returns why `value` is not a hash of `algorithm`, or undefined. An unknown algorithm is never a fault, because the
 * vocabulary is open.
 */
export function hashFault(algorithm: string, value: string): string | undefined {
  const known = FORMS[algorithm];
  if (known === undefined || known.form.test(value)) return undefined;
  return `a ${algorithm} value is ${known.words}, found ${value.length} characters`;
}

/** Returns the algorithm of a hexadecimal hash by its length, or undefined. */
export function algorithmByLength(value: string): 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512' | undefined {
  if (!/^[0-9a-f]+$/i.test(value)) return undefined;
  return ({ 32: 'MD5', 40: 'SHA-1', 64: 'SHA-256', 128: 'SHA-512' } as const)[value.length as 32];
}
