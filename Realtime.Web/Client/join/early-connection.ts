import { RealtimeClient, RealtimeError, type SendOptions } from '@realtime/client';
import type { JoinWish } from './lobby';
import { fetchConfig, fetchTicket, type Ticket } from './tickets';

export interface Connecting { client: RealtimeClient; ticket: Promise<Ticket> }

/**
 * The connections of somebody who is likely to join: to signaling, in no channel and no room, and what the call's peer connection needs up to its offer. Made while
 * they still look at the lobby, so that the join is one question and one answer.
 */
export class EarlyConnection {
  readonly #video: SendOptions;
  #wish = '';
  #coming: Promise<Connecting> | undefined;

  constructor(video: SendOptions) {
    this.#video = video;
  }

  /** Connects as that person; whoever was prepared for before is forgotten. Resolves when all is ready, or cannot be. */
  async prepare(wish: JoinWish): Promise<void> {
    const key = keyOf(wish);
    if (this.#wish === key) return;
    this.#drop();
    this.#wish = key;
    const coming = (this.#coming = connect(wish));
    try {
      const { client, ticket } = await coming;
      await Promise.all([ticket, client.prepareRoom(wish.room, this.#video)]);
    } catch {
      if (this.#coming === coming) this.#drop(); // Told when they join, who then try anew.
    }
  }

  /** The connection, made already or only now; from now on it is the caller's. */
  async take(wish: JoinWish): Promise<Connecting> {
    const coming = this.#wish === keyOf(wish) ? this.#coming : undefined;
    if (coming) this.#forget();
    else this.#drop();
    const early = await coming;
    return early && early.client.status.state !== 'closed' ? early : connect(wish);
  }

  #drop(): void {
    this.#coming?.then(({ client }) => client.close()).catch(() => undefined); // There was none to close.
    this.#forget();
  }

  #forget(): void {
    this.#wish = '';
    this.#coming = undefined;
  }
}

function keyOf({ name, room }: JoinWish): string {
  return JSON.stringify([name, room]);
}

async function connect({ name, room }: JoinWish): Promise<Connecting> {
  const config = await fetchConfig();
  if (!config.canJoin) {
    throw new RealtimeError({ code: 'forbidden', message: 'tokens for this server come from your team\'s own application' });
  }
  const ticket = fetchTicket(name, room);
  let first: Promise<Ticket> | undefined = ticket;
  const client = new RealtimeClient(config.hub, async () => {
    const fresh = first ?? fetchTicket(name, room);
    first = undefined; // Good for the first connection; later ones ask anew when it has run out.
    return (await fresh).token;
  }, { clientInfo: { page: 'join' } });
  return { client, ticket };
}
