/** A number of items, and their size. */
export interface Amount {
  readonly items: number;
  readonly bytes: number;
}
