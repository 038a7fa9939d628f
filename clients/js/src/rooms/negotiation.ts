import type { Clock } from '../clock.js';
import type { TrackLabel } from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';

/** An offer, and what its sending sections carry. */
export interface Offer { sdp: string; tracks: TrackLabel[] }

export interface NegotiationOptions {
  pc: RTCPeerConnection;
  clock: Clock;
  /** Labels for the sending sections of the offer that was just made. */
  labels: () => TrackLabel[];
  /** Carries the offer to the server and returns its answer. */
  exchange: (sdp: string, labels: TrackLabel[]) => Promise<string>;
  /** The answer as the browser is to see it. */
  read: (answer: string) => string;
  answered: () => void;
  /** The server will not take an offer of this connection any more. */
  refused: (error: RealtimeError) => void;
}

/**
 * The client always offers, one negotiation at a time; whoever asks during one gets another afterwards, however many asked.
 * An offer whose answer was lost is simply made again.
 */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #task: PersistentTask;
  #offerWanted = false;
  #accepting: Promise<void> | undefined;

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#task = new PersistentTask(options.clock, () => this.#negotiate(), options.refused);
  }

  /** An offer that somebody else carries to the server; its answer comes back by `accept`. */
  async offer(): Promise<Offer> {
    const { pc } = this.#options;
    await pc.setLocalDescription(await pc.createOffer());
    return this.offered();
  }

  /** The offer that was made last, with what is sent in its sections by now. */
  offered(): Offer {
    const { pc, labels } = this.#options;
    return { sdp: pc.localDescription!.sdp, tracks: labels() };
  }

  /** The answer to `offer`: given to the browser at once, before anything else is done with the news it came with. */
  accept(answer: string): void {
    this.#accepting = this.#take(answer);
    this.#task.request();
  }

  request(): void {
    this.#offerWanted = true;
    this.#task.request();
  }

  /** There is a connection again. */
  requestNow(): void {
    this.#offerWanted = true;
    this.#task.requestNow();
  }

  stop(): void {
    this.#task.stop();
  }

  async #negotiate(): Promise<void> {
    const { pc, exchange } = this.#options;
    const accepting = this.#accepting;
    this.#accepting = undefined;
    await accepting;
    if (!this.#offerWanted || pc.signalingState === 'closed' || pc.getTransceivers().length === 0) return;
    this.#offerWanted = false;
    try {
      const { sdp, tracks } = await this.offer();
      await this.#take(await exchange(sdp, tracks));
    } catch (thrown) {
      this.#offerWanted = true;
      throw thrown;
    }
  }

  async #take(answer: string): Promise<void> {
    const { pc, read, answered } = this.#options;
    if (pc.signalingState === 'closed') return;
    await pc.setRemoteDescription({ type: 'answer', sdp: read(answer) });
    answered();
  }
}
