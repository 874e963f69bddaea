/**
 * Returns the smallest error in the format of a path: of TAXII (TAXII 2.1 §3.6.1), of the API (RFC 9457), or plain text
 * for pages.
 */
export function smallestError(
  target: string,
  status: number,
  title: string,
): { readonly type: string; readonly body: string } {
  if (/^\/api\/(?!taxii\/)/.test(target))
    return {
      type: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title, status, code: `TLN-N-${status}` }),
    };
  if (/^\/(?:console|first|answer)(?:[/?]|$)/.test(target))
    return { type: 'text/plain; charset=utf-8', body: `${title}\n` };
  return {
    type: 'application/taxii+json;version=2.1',
    body: JSON.stringify({ title, http_status: String(status) }),
  };
}
