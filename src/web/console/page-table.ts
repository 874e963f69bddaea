import type { JSX } from 'preact';
import type { Messages } from '../shared/messages/en.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import type { Ask, AskText, OperationName } from './ask.ts';

/** The request for a page, and its means. */
export interface PageContext {
  readonly who: AccountPrincipal;
  readonly ask: Ask;
  readonly askText: AskText;
  /** The texts in the language of the person. */
  readonly messages: Messages;
  /** True when the person can use the operation, or when its target decides. */
  readonly permits: (name: OperationName) => boolean;
  /** The values in the path, by their names. */
  readonly path: Readonly<Record<string, string>>;
  /** A parameter of the address. Undefined when it is absent, empty or given twice. */
  readonly query: (name: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Returns a random text that identifies one form. */
  readonly token: () => string;
  /**
   * Does the work of a form once, however often it is sent, and returns the kept result each time. Throws a Problem of kind
   * conflict while the first one is being processed. \`token\` is that of the form, and \`request\` what it asks for.
   */
  readonly once: (token: string, request: string, work: () => Promise<string>) => Promise<string>;
}

/** A submitted form: its fields, and the reason why it was not accepted. Empty for a page that was not submitted. */
export interface Form {
  readonly field: (name: string) => string | undefined;
  /** The names of all its fields. */
  readonly names: readonly string[];
  readonly fault: string | undefined;
}

/**
 * Returns the content of a text field: what was typed if the form was sent, and `before` otherwise. A field that was
 * emptied stays empty when the form is shown again.
 */
export function typed({ field, fault }: Form, name: string, before: string): string {
  return field(name) ?? (fault === undefined ? before : '');
}

/** The parts of the navigation. */
export const NAV_GROUPS = ['Watch', 'Share', 'Network', 'Run'] as const;

/** A file that a page offers. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/**
 * A page of the console. Routes, navigation and the tests of every role are made from the list of pages. A page reads
 * and changes the hub only through operations, so it shows nothing that the API would not return.
 */
export interface ConsolePage {
  /** The path below `/console`, with values as `:name`. */
  readonly path: string;
  readonly title: (messages: Messages) => string;
  /** The part of the navigation that lists the page. */
  readonly nav?: (typeof NAV_GROUPS)[number];
  /** The operation whose permission the page needs. */
  readonly needs: OperationName;
  readonly show: (context: PageContext, form: Form) => Promise<JSX.Element>;
  /** Returns the page as a file instead. */
  readonly download?: (context: PageContext) => Promise<Download>;
  /**
   * Performs what the form of the page asks for. Returns the path of the page that follows, or the response itself: a page
   * with a secret that is shown only once, an answer to what was typed, or a file.
   */
  readonly act?: (context: PageContext, form: Form) => Promise<string | JSX.Element | Download>;
}
