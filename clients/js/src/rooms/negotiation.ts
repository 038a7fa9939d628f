import type { Clock } from '../clock.js';
import type { TrackLabel } from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';

export interface NegotiationOptions {
  pc: RTCPeerConnection;
  clock: Clock;
  /** Labels for the sending sections of the offer that was just made. */
  labels: () => TrackLabel[];
  /** Carries the offer to the server and returns its answer. */
  exchange: (sdp: string, labels: TrackLabel[]) => Promise<string>;
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

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#task = new PersistentTask(options.clock, () => this.#negotiate(), options.refused);
  }

  request(): void {
    this.#task.request();
  }

  /** There is a connection again. */
  requestNow(): void {
    this.#task.requestNow();
  }

  stop(): void {
    this.#task.stop();
  }

  async #negotiate(): Promise<void> {
    const { pc, labels, exchange, answered } = this.#options;
    if (pc.signalingState === 'closed' || pc.getTransceivers().length === 0) return;
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await exchange(pc.localDescription!.sdp, labels());
    if (closed(pc)) return;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    answered();
  }
}

/** Separate from the check above: it changes while the answer is awaited. */
function closed(pc: RTCPeerConnection): boolean {
  return pc.signalingState === 'closed';
}
