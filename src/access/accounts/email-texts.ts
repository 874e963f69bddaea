/** An email without its sender. */
export interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** Returns an email about an event that can endanger an account. */
export function securityNotice(
  { title, url }: { readonly title: string; readonly url: () => string },
  to: string,
  text: string,
): Letter {
  return {
    to: [to],
    subject: `[${title}] Security notice about your account`,
    text: `${text}\n\nIf this was not you, sign in at ${url()}/console, change your password, and tell your administrator.\n`,
  };
}
