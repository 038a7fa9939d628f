import type { ConnectionStatus, ModeEvent, QualityEvent, RealtimeError, RoomState } from '@realtime/client';
import { element } from './dom';
import { connectionWord, explain, explainClosing, explainQuality } from './words';

/** Tells how the connection is doing: two words in the bar, and a banner when somebody should know more. */
export class Status {
  #connection: ConnectionStatus = { state: 'connecting' };
  #mode: ModeEvent | undefined;
  #room: { state: RoomState; error?: RealtimeError } = { state: 'joining' };
  #quality: QualityEvent | undefined;
  #note = '';
  #explaining = false;

  constructor() {
    element('quality').onclick = () => {
      this.#explaining = !this.#explaining;
      this.#show();
    };
  }

  set connection(status: ConnectionStatus) {
    this.#connection = status;
    this.#show();
  }

  set mode(mode: ModeEvent) {
    this.#mode = mode;
    this.#show();
  }

  set room(room: { state: RoomState; error?: RealtimeError }) {
    this.#room = room;
    this.#show();
  }

  /** How good our own way to the call is. */
  set quality(quality: QualityEvent | undefined) {
    this.#quality = quality?.quality === 'good' ? undefined : quality;
    if (!this.#quality) this.#explaining = false;
    this.#show();
  }

  /** Something about this page itself, a device for instance. */
  set note(text: string) {
    this.#note = text;
    this.#show();
  }

  #show(): void {
    const pill = element('connection');
    pill.dataset.state = this.#connection.state;
    pill.textContent = connectionWord(this.#connection);
    const weak = element('quality');
    weak.hidden = !this.#quality || this.#connection.state !== 'connected';
    weak.dataset.quality = this.#quality?.quality ?? 'good';
    if (this.#quality) {
      weak.title = explainQuality(this.#quality);
      weak.lastElementChild!.textContent = this.#quality.quality === 'poor' ? 'Weak connection' : 'Unsteady connection';
    }
    const [text, mood] = this.#banner();
    const banner = element('banner');
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = text === '';
    banner.dataset.mood = mood;
  }

  #banner(): [text: string, mood: 'bad' | 'warn'] {
    if (this.#connection.state === 'closed') return [explainClosing(this.#connection), 'bad'];
    if (this.#connection.state === 'reconnecting') {
      return [this.#room.state === 'connected'
        ? 'The connection to the server was lost. Your call goes on while we reconnect.'
        : 'The connection to the server was lost. Reconnecting…', 'warn'];
    }
    if (this.#room.state === 'interrupted') return ['Sound and picture are interrupted. Trying to bring them back…', 'warn'];
    if (this.#room.state === 'failed') {
      return [`The call cannot be joined right now${this.#room.error ? `: ${explain(this.#room.error)}` : '.'} The chat works; trying again…`, 'bad'];
    }
    if (this.#mode && this.#mode.mode !== 'normal') {
      const refused = this.#mode.refused.length > 0 ? ` Not possible for now: ${this.#mode.refused.join(', ')}.` : '';
      return [`The service runs with restrictions (${this.#mode.mode}).${refused}`, 'warn'];
    }
    if (this.#note) return [this.#note, 'warn'];
    return [this.#quality && (this.#explaining || this.#quality.quality === 'poor') ? explainQuality(this.#quality) : '', 'warn'];
  }
}
