/**
 * The URL at which others reach a hub. The settings can ask for a free port (0). Its number is known only when the hub
 * listens.
 */
export class PublicUrl {
  #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  readonly get = (): string => this.#url;

  /** Takes the port on which the hub listens, if the settings asked for a free one. */
  listensOn(port: number): void {
    this.#url = this.#url.replace(/:0$/, `:${port}`);
  }
}
