/** Who stands out: somebody pinned, else a screen, else, in the speaker view, who speaks. */
export class View {
  #chosen: 'grid' | 'speaker' | undefined;
  #pinned: string | undefined;
  #speaker: string | undefined;
  #screens = new Set<string>();

  get pinned(): string | undefined {
    return this.#pinned;
  }

  pin(key: string | undefined): void {
    this.#pinned = key;
    if (key !== undefined && this.#chosen === 'grid') this.#chosen = undefined;
  }

  /** The other view than the one that is seen. */
  toggle(): void {
    this.#chosen = this.large ? 'grid' : 'speaker';
    if (this.#chosen === 'grid') this.#pinned = undefined;
  }

  spoke(participant: string): void {
    this.#speaker = participant;
  }

  /** What can be seen now; a screen that is new is worth a look. */
  update(keys: readonly string[], screens: readonly string[]): void {
    if (this.#pinned !== undefined && !keys.includes(this.#pinned)) this.#pinned = undefined;
    if (this.#speaker !== undefined && !keys.includes(this.#speaker)) this.#speaker = undefined;
    if (screens.some(screen => !this.#screens.has(screen)) && this.#chosen === 'grid') this.#chosen = undefined;
    this.#screens = new Set(screens);
  }

  /** Whether one stands out at all. */
  get large(): boolean {
    return this.#chosen !== undefined ? this.#chosen === 'speaker' : this.#pinned !== undefined || this.#screens.size > 0;
  }

  /** Who stands out of `keys`: others before oneself, who comes first in the list. */
  featured(keys: readonly string[], own: string | undefined): string | undefined {
    if (!this.large) return undefined;
    const [newest] = [...this.#screens].reverse();
    return this.#pinned ?? newest ?? this.#speaker ?? keys.find(key => key !== own) ?? own;
  }

  clear(): void {
    this.#pinned = this.#speaker = undefined;
    this.#screens.clear();
  }
}
