/** Tells when the machine's network is another one: a connection back after none, or another kind of it. In browsers; elsewhere it never happens. */
export class NetworkWatch {
  readonly #stop: (() => void)[] = [];

  constructor(changed: () => void, page: Partial<EventTarget> = globalThis) {
    if (!page.addEventListener) return;
    this.#listen(page as EventTarget, 'online', changed);
    const connection = (globalThis.navigator as { connection?: EventTarget & { type?: string } } | undefined)?.connection;
    if (!connection) return;
    // It changes with every estimate of the bandwidth, too: only another type (wifi, cellular) is another network.
    let type = connection.type;
    this.#listen(connection, 'change', () => {
      const before = type;
      type = connection.type;
      if (type !== before && type !== 'none') changed();
    });
  }

  stop(): void {
    for (const stop of this.#stop) stop();
  }

  #listen(target: EventTarget, event: string, work: () => void): void {
    target.addEventListener(event, work);
    this.#stop.push(() => target.removeEventListener(event, work));
  }
}
