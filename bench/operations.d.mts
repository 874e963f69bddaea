/** A request to an operation of the API. */
export interface ApiRow {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export function apiRows(source: string, people: object): readonly ApiRow[];
