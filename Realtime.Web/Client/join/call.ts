import { type RealtimeClient, RealtimeError, type Room, type SendOptions, type VideoCodec } from '@realtime/client';
import { Chat } from './chat';
import { DevicesInCall } from './devices-in-call';
import { announce, element } from './dom';
import { EarlyConnection } from './early-connection';
import { OwnHand } from './hands';
import type { JoinWish } from './lobby';
import { type OwnMedia, pictureBitrate } from './own-media';
import { People } from './people';
import { keepPlace } from './place';
import { ScreenShare } from './screen-share';
import { Settings } from './settings';
import { onShortcut } from './shortcuts';
import { Status } from './status';
import type { Ticket } from './tickets';
import { explain, explainDevice, explainEnd } from './words';

const retryCallMs = 3_000;
const noteMs = 20_000;

/** The call: one connection, one room, and the channel of the same name. */
export class Call {
  readonly #left: (problem: string) => void;
  readonly #people: People;
  readonly #devices: DevicesInCall;
  readonly #chat = new Chat();
  readonly #hand: OwnHand;
  readonly #screen: ScreenShare;
  readonly #settings: Settings;
  readonly #early: EarlyConnection;
  #client: RealtimeClient | undefined;
  #status: Status | undefined;
  #wish: JoinWish | undefined;
  #noteEnd: ReturnType<typeof setTimeout> | undefined;

  constructor(media: OwnMedia, query: URLSearchParams, left: (problem: string) => void) {
    this.#left = left;
    this.#people = new People(media);
    const video = { codec: wantedCodec(query), maxBitrate: pictureBitrate, ...wantedLayers(query) };
    this.#devices = new DevicesInCall(media, video, on => {
      if (this.#wish) keepPlace({ ...this.#wish, ...on });
    });
    this.#hand = new OwnHand(thrown => this.#note(`Your hand stays as it is. ${explain(RealtimeError.from(thrown))}`));
    this.#screen = new ScreenShare(video.codec, text => this.#note(text));
    this.#settings = new Settings(media, id => this.#people.useSpeaker(id));
    media.on('problem', ({ device, thrown }) => this.#note(explainDevice(device, thrown)));
    media.on('changed', device => {
      if (media.track(device)) this.#note('');
    });
    this.#early = new EarlyConnection(video);
    element('leave').addEventListener('click', () => void this.leave());
    element('copy-link').addEventListener('click', () => void copyLink());
    onShortcut(() => this.#client !== undefined, {
      m: () => void this.#devices.toggle('microphone'),
      v: () => void this.#devices.toggle('camera'),
      c: () => this.#chat.toggle(),
      h: () => void this.#hand.toggle(),
      s: () => void this.#screen.toggle(),
      g: () => this.#people.toggleView(),
      l: () => void this.leave(),
    });
  }

  /** Somebody is likely to join: what can be done before is done. */
  expect(wish: JoinWish): Promise<void> {
    return this.#early.prepare(wish);
  }

  /** Resolves when the call is on screen; fails, and cleans up, when the room cannot be entered. */
  async join(wish: JoinWish): Promise<void> {
    const { client, ticket } = await this.#early.take(wish);
    const status = (this.#status = new Status());
    this.#client = client;
    this.#wish = wish;
    client.on('status', now => (status.connection = now));
    client.on('mode', mode => (status.mode = mode));
    status.connection = client.status;

    // Pictures first: the chat is entered when the room has answered.
    const entered = this.#enterRoom(client, wish.room, status);
    await Promise.all([entered, this.#show(client, ticket, entered)]);
  }

  async leave(problem = ''): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#client = this.#status = this.#wish = undefined;
    keepPlace(undefined);
    window.__realtime = undefined;
    element('call').hidden = true;
    this.#settings.close();
    this.#screen.leave();
    this.#hand.leave();
    this.#devices.leave();
    this.#people.clear();
    this.#chat.leave();
    this.#left(problem);
    announce('You left the call');
    await client.close();
  }

  /** On screen as soon as the server knows who comes; then the chat. */
  async #show(client: RealtimeClient, ticket: Promise<Ticket>, entered: Promise<void>): Promise<void> {
    const { user, room, channel } = await ticket;
    element('call').hidden = false;
    element('call-room').textContent = room;
    await Promise.all([connected(client), entered]);
    if (this.#client !== client) return; // Left while connecting.
    showInAddress(room);
    window.__realtime = { ...window.__realtime, client, channel: client.channel(channel) };
    await this.#chat.enter(client.channel(channel), client.attachments, user);
  }

  /** Comes back to a call that cannot be joined right now: the chat does not need it. */
  async #enterRoom(client: RealtimeClient, name: string, status: Status): Promise<void> {
    try {
      await client.joinRoom(name, { listen: room => this.#listen(room, client, status) });
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      if (!error.retryable) throw error;
      status.room = { state: 'failed', error };
      this.#tryLater(client, name, status, error.retryAfterMs);
    }
  }

  #listen(room: Room, client: RealtimeClient, status: Status): void {
    this.#people.follow(room);
    this.#devices.enter(room);
    this.#hand.enter(room);
    this.#screen.enter(room);
    window.__realtime = { ...window.__realtime, client, room };
    room.on('moderated', ({ track: { source }, muted, locked }) => {
      this.#devices.refresh();
      const what = source === 'camera' ? 'camera' : source === 'screen' ? 'screen' : 'microphone';
      this.#note(muted ? `A moderator turned your ${what} off.${locked ? ' Only a moderator can turn it on again.' : ''}` : `You may turn your ${what} on again.`);
    });
    room.on('quality', quality => {
      if (quality.participant === room.participant) status.quality = quality;
    });
    room.on('trackUnplayable', ({ participant, codec }) => {
      const name = room.roster.participants.find(person => person.participant === participant)?.name ?? 'Somebody';
      status.note = `This browser cannot show ${name}'s video: it comes as ${codec.toUpperCase()}.`;
    });
    room.on('state', ({ state, error }) => {
      status.room = { state, error };
      if (state === 'connecting') status.quality = undefined;
      if (state !== 'failed' || this.#client !== client || room.epoch === undefined) return;
      if (error && !error.retryable) void this.leave(explainEnd(error));
      else this.#tryLater(client, room.name, status);
    });
  }

  /** Long enough to be read; what it is about shows elsewhere as well. */
  #note(text: string): void {
    clearTimeout(this.#noteEnd);
    const status = this.#status;
    if (!status) return;
    status.note = text;
    this.#noteEnd = setTimeout(() => (status.note = ''), noteMs);
  }

  #tryLater(client: RealtimeClient, name: string, status: Status, afterMs = retryCallMs): void {
    setTimeout(() => {
      if (this.#client !== client || client.status.state === 'closed') return;
      this.#enterRoom(client, name, status).catch((error: unknown) => void this.leave(RealtimeError.from(error).message));
    }, Math.max(afterMs, retryCallMs));
  }
}

/** `?codec=h264`: for trying out how this call does with another codec than VP8. */
function wantedCodec(query: URLSearchParams): VideoCodec {
  const codecs: readonly VideoCodec[] = ['vp8', 'h264', 'vp9', 'av1'];
  return codecs.find(codec => codec === query.get('codec')) ?? 'vp8';
}

/** `?layers=L3T3_KEY`: a scalable stream (VP9, AV1); `?layers=1`: the full picture alone. Otherwise simulcast. */
function wantedLayers(query: URLSearchParams): SendOptions {
  const layers = query.get('layers');
  if (layers === '1') return { simulcast: false };
  return layers && /^[LS][1-3]T[1-3](_KEY|h)?$/.test(layers) ? { scalabilityMode: layers } : {};
}

function connected(client: RealtimeClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = ({ state, error }: RealtimeClient['status']) => {
      if (state === 'connected') resolve();
      else if (state === 'closed') reject(error ?? new RealtimeError({ code: 'unavailable', message: 'The connection was closed' }));
    };
    client.on('status', check);
    check(client.status);
  });
}

/** A reload, and a link that is copied from the address bar, lead to the same room. */
function showInAddress(room: string): void {
  const query = new URLSearchParams(location.search);
  query.set('room', room);
  if (query.get('autojoin') !== '1') query.delete('name');
  history.replaceState(null, '', `?${query}`);
}

async function copyLink(): Promise<void> {
  try {
    const room = new URLSearchParams(location.search).get('room') ?? '';
    await navigator.clipboard.writeText(`${location.origin}/?${new URLSearchParams({ room })}`);
    announce('Link copied');
    const label = element('copy-link').lastElementChild!;
    label.textContent = 'Copied';
    setTimeout(() => (label.textContent = 'Copy link'), 2_000);
  } catch {
    announce('The link is in the address bar'); // No clipboard for this page.
  }
}

declare global {
  interface Window {
    /** For tests and for curious people: the client and the call it is in. */
    __realtime?: { client: RealtimeClient; channel?: ReturnType<RealtimeClient['channel']>; room?: Room } | undefined;
  }
}
