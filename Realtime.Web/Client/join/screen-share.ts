import type { LocalTrack, Room, VideoCodec } from '@realtime/client';
import { announce, element } from './dom';

/** Letters stay sharp; more pictures a second would only help films. */
const screenPicture = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } };

/** Bit/s: what text that scrolls takes. */
const screenBitrate = 2_500_000;

/** Shows the others a screen, a window or a tab, with its sound where the browser gives it. */
export class ScreenShare {
  readonly #button = element<HTMLButtonElement>('share');
  readonly #note = element('sharing');
  readonly #codec: VideoCodec;
  readonly #problem: (text: string) => void;
  #room: Room | undefined;
  #stream: MediaStream | undefined;
  #tracks: LocalTrack[] = [];
  #asking = false;

  constructor(codec: VideoCodec, problem: (text: string) => void) {
    this.#codec = codec;
    this.#problem = problem;
    this.#button.hidden = !navigator.mediaDevices?.getDisplayMedia; // Phones have none.
    this.#button.addEventListener('click', () => void this.toggle());
    element('sharing-stop').addEventListener('click', () => this.stop());
  }

  /** A room that is entered anew, after it could not be, gets what is shared already. */
  enter(room: Room): void {
    this.#room = room;
    if (this.#stream) this.#publish(room, this.#stream);
    this.#show();
  }

  leave(): void {
    this.stop();
    this.#room = undefined;
  }

  async toggle(): Promise<void> {
    if (this.#stream) return this.stop();
    if (!this.#room || this.#asking || this.#button.hidden) return;
    this.#asking = true;
    try {
      const options: DisplayMediaStreamOptions & Record<string, unknown> = { video: screenPicture, audio: true, selfBrowserSurface: 'exclude', surfaceSwitching: 'include' };
      const stream = await navigator.mediaDevices.getDisplayMedia(options);
      if (!this.#room) return end(stream); // Left meanwhile.
      this.#start(this.#room, stream);
    } catch (thrown) {
      const name = thrown instanceof DOMException ? thrown.name : '';
      // Whoever changed their mind knows; a browser or system that forbids it says the same, but there nothing was asked.
      if (name !== 'NotAllowedError') this.#problem('Your screen cannot be shared from this browser.');
      else if (/system|policy/i.test((thrown as DOMException).message)) this.#problem('Your system does not let this browser record the screen. Allow it in the system’s privacy settings.');
    } finally {
      this.#asking = false;
      this.#show();
    }
  }

  stop(): void {
    if (!this.#stream) return;
    end(this.#stream);
    this.#stream = undefined;
    for (const track of this.#tracks.splice(0)) this.#room?.unpublish(track);
    this.#show();
    announce('You stopped sharing your screen');
  }

  #start(room: Room, stream: MediaStream): void {
    this.#stream = stream;
    const [picture] = stream.getVideoTracks();
    picture!.contentHint = 'detail';
    // Ended in the browser's own bar.
    picture!.addEventListener('ended', () => {
      if (this.#stream === stream) this.stop();
    });
    this.#publish(room, stream);
    announce('You are sharing your screen');
  }

  #publish(room: Room, stream: MediaStream): void {
    this.#tracks = stream.getTracks().map(media => media.kind === 'video'
      ? room.publish('video', media, { source: 'screen', codec: this.#codec, maxBitrate: screenBitrate, simulcast: false })
      : room.publish('audio', media, { source: 'screen' }));
  }

  #show(): void {
    this.#button.ariaPressed = String(this.#stream !== undefined);
    this.#button.title = this.#stream ? 'Stop sharing your screen' : 'Share your screen';
    this.#note.hidden = !this.#stream;
  }
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
