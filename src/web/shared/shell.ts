import { createContext } from 'preact';

/** A link of the navigation. */
export interface NavItem {
  readonly href: string;
  readonly text: string;
  readonly isCurrent: boolean;
}

/** A titled part of the navigation. */
export interface NavGroup {
  readonly title: string;
  readonly items: readonly NavItem[];
}

/** The content of the frame around a page. */
export interface Shell {
  readonly hub: string;
  /** The name of the account. */
  readonly account: string;
  readonly nav: readonly NavGroup[];
  /** True if there is a collection that the person can write to. */
  readonly canPublish: boolean;
}

/** The frame around the pages of a signed-in person. Undefined outside the console. */
export const ShellContext = createContext<Shell | undefined>(undefined);
