import type { Clock } from '../clock.js';
import type { IceErrorReport, TransportReport } from '../contracts.js';

/**
 * What the server cannot see by itself (it is ICE-lite and knows no TURN server): which ICE servers failed, which pair is used, how often ICE had to be restarted. Told when a
 * connection stands, and when it has to be restarted; at most once in a while, and nothing waits for it.
 */
export class TransportReports {
  static readonly maxErrors = 20;
  static readonly atMostEveryMs = 5_000;

  readonly #pc: RTCPeerConnection;
  readonly #clock: Clock;
  readonly #send: (report: TransportReport) => void;
  readonly #failed = (event: Event) => this.#take(event as RTCPeerConnectionIceErrorEvent);
  #errors: IceErrorReport[] = [];
  #restarts = 0;
  #sentAt: number | undefined;

  constructor(pc: RTCPeerConnection, clock: Clock, send: (report: TransportReport) => void) {
    this.#pc = pc;
    this.#clock = clock;
    this.#send = send;
    pc.addEventListener('icecandidateerror', this.#failed);
  }

  async connected(): Promise<void> {
    const selectedPair = await selectedPairOf(this.#pc).catch(() => undefined); // Closed meanwhile.
    if (selectedPair) this.#tell({ selectedPair });
  }

  restarted(): void {
    this.#restarts++;
    this.#tell({});
  }

  stop(): void {
    this.#pc.removeEventListener('icecandidateerror', this.#failed);
  }

  #take({ url, errorCode, errorText }: RTCPeerConnectionIceErrorEvent): void {
    if (url && this.#errors.length < TransportReports.maxErrors) this.#errors.push({ url, code: errorCode, text: errorText });
  }

  #tell(more: Pick<TransportReport, 'selectedPair'>): void {
    const now = this.#clock.now();
    if (this.#sentAt !== undefined && now - this.#sentAt < TransportReports.atMostEveryMs && more.selectedPair === undefined) return;
    this.#sentAt = now;
    this.#send({ iceErrors: this.#errors, restarts: this.#restarts, ...more });
    this.#errors = [];
    this.#restarts = 0;
  }
}

/** The pair in use, by the statistics; nothing before there is one. */
async function selectedPairOf(pc: RTCPeerConnection): Promise<TransportReport['selectedPair']> {
  const stats = await pc.getStats?.();
  if (!stats) return undefined;
  const all = new Map<string, Record<string, unknown>>();
  stats.forEach((entry: Record<string, unknown>, id: string) => all.set(id, entry));
  const transport = [...all.values()].find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  const pair = transport
    ? all.get(transport['selectedCandidatePairId'] as string)
    : [...all.values()].find(({ type, selected }) => type === 'candidate-pair' && selected); // Firefox.
  const local = pair && all.get(pair['localCandidateId'] as string);
  const remote = pair && all.get(pair['remoteCandidateId'] as string);
  if (!local || !remote) return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { local: text(local['candidateType']), remote: text(remote['candidateType']), protocol: text(remote['protocol']), relayUrl: text(local['url']) };
}
