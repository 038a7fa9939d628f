import type { Clock } from '../clock.js';

export interface TransportWatchListener {
  connected(): void;
  /** Media has stopped; an ICE restart is under way. */
  interrupted(): void;
  /** Ask for new ICE credentials in the next offer, and make one. */
  restart(): void;
  /** The restart did not help. */
  lost(): void;
}

/** Follows a peer connection's state: a short silence is waited out, a long one restarts ICE, and when that fails it is lost. */
export class TransportWatch {
  /** ICE reports a silence after 2.5 s; most heal by themselves soon after. */
  static readonly patienceMs = 2_500;
  static readonly restartMs = 8_000;
  /** The first connection may take a while: negotiation and handshake included. */
  static readonly firstMs = 15_000;

  readonly #pc: RTCPeerConnection;
  readonly #clock: Clock;
  readonly #listener: TransportWatchListener;
  readonly #changed = () => this.#check();
  #cancel: (() => void) | undefined;
  #restarting = false;

  constructor(pc: RTCPeerConnection, clock: Clock, listener: TransportWatchListener) {
    this.#pc = pc;
    this.#clock = clock;
    this.#listener = listener;
    pc.addEventListener('connectionstatechange', this.#changed);
  }

  /** An answer arrived: from now on a connection is expected. */
  answered(): void {
    if (this.#pc.connectionState === 'connected' || this.#cancel) return;
    this.#later(this.#restarting ? TransportWatch.restartMs : TransportWatch.firstMs, () => this.#restart());
  }

  /** Another network: the path may be dead without anybody having noticed. The old one is used until the new one stands. */
  networkChanged(): void {
    if (this.#restarting) return;
    if (this.#pc.connectionState === 'connected') this.#listener.restart();
    else if (this.#pc.connectionState !== 'new') this.#restart();
  }

  stop(): void {
    this.#pc.removeEventListener('connectionstatechange', this.#changed);
    this.#cancel?.();
  }

  #check(): void {
    switch (this.#pc.connectionState) {
      case 'connected':
        this.#cancel?.();
        this.#cancel = undefined;
        this.#restarting = false;
        return this.#listener.connected();
      case 'disconnected':
        if (!this.#restarting) this.#later(TransportWatch.patienceMs, () => this.#restart());
        return this.#listener.interrupted();
      case 'failed':
        return this.#restart();
    }
  }

  #restart(): void {
    if (this.#restarting) {
      this.stop();
      return this.#listener.lost();
    }
    this.#restarting = true;
    this.#listener.interrupted();
    this.#listener.restart();
    this.#later(TransportWatch.restartMs, () => this.#restart());
  }

  #later(ms: number, work: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined;
      work();
    });
  }
}
