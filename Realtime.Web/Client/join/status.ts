import type { ConnectionStatus, ModeEvent, RealtimeError, RoomState } from '@realtime/client';
import { element } from './dom';
import { connectionWord, explain, explainClosing } from './words';

/** Tells how the connection is doing: two words in the bar, and a banner when somebody should know more. */
export class Status {
  #connection: ConnectionStatus = { state: 'connecting' };
  #mode: ModeEvent | undefined;
  #room: { state: RoomState; error?: RealtimeError } = { state: 'joining' };
  #note = '';

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

  /** Something about this page itself, a device for instance. */
  set note(text: string) {
    this.#note = text;
    this.#show();
  }

  #show(): void {
    const pill = element('connection');
    pill.dataset.state = this.#connection.state;
    pill.textContent = connectionWord(this.#connection);
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
    return [this.#note, 'warn'];
  }
}
