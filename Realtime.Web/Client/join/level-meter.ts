/** Shows how loud a microphone is, about twelve times a second, while it is shown at all. */
export class LevelMeter {
  readonly #meter: HTMLMeterElement;
  #context: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(meter: HTMLMeterElement) {
    this.#meter = meter;
  }

  show(track: MediaStreamTrack | null): void {
    this.stop();
    if (!track) return;
    this.#context = new AudioContext();
    // Before a gesture the browser keeps it suspended: the meter then rests at zero.
    void this.#context.resume().catch(() => undefined);
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#source = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.#meter.value = loudness(samples);
    }, 80);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = undefined;
    // Left open, it plays silence for as long as the page is there: a twentieth of a core.
    void this.#context?.close().catch(() => undefined);
    this.#context = undefined;
    this.#meter.value = 0;
  }
}

/** 0 at -60 dB and below, 1 at full scale. */
function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
