import { RealtimeClient, RealtimeError } from '@realtime/client';
import type { JoinWish } from './lobby';
import { fetchConfig, fetchTicket, type Ticket } from './tickets';

export interface Connecting { client: RealtimeClient; ticket: Promise<Ticket> }

/**
 * The connection to signaling of somebody who is likely to join: made while they still look at the lobby, in no channel and no room, so that
 * the join finds it done.
 */
export class EarlyConnection {
  #wish = '';
  #coming: Promise<Connecting> | undefined;

  /** Connects as that person; whoever was prepared for before is forgotten. */
  prepare(wish: JoinWish): void {
    const key = keyOf(wish);
    if (this.#wish === key) return;
    this.#drop();
    this.#wish = key;
    const coming = (this.#coming = connect(wish));
    coming.then(({ ticket }) => ticket).catch(() => {
      if (this.#coming === coming) this.#drop(); // Told when they join, who then try anew.
    });
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
