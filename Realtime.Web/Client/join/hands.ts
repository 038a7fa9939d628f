import type { ParticipantInfo, Room } from '@realtime/client';
import { announce, element } from './dom';

/** Somebody's metadata is whatever their client said: read with care. */
function raisedAt({ metadata }: ParticipantInfo): string | undefined {
  const hand = typeof metadata === 'object' && metadata !== null ? (metadata as { hand?: unknown }).hand : undefined;
  return typeof hand === 'string' && !Number.isNaN(Date.parse(hand)) ? hand : undefined;
}

/** Whose turn it is: participant → 1 for who raised their hand first. */
export function handsInOrder(people: readonly ParticipantInfo[]): Map<string, number> {
  const raised = people.flatMap(person => {
    const at = raisedAt(person);
    return at === undefined ? [] : [{ participant: person.participant, at: Date.parse(at) }];
  });
  raised.sort((a, b) => a.at - b.at || (a.participant < b.participant ? -1 : 1));
  return new Map(raised.map(({ participant }, index) => [participant, index + 1]));
}

/** Our own hand: it stays up through reconnects, until it is lowered or we leave. */
export class OwnHand {
  readonly #button = element<HTMLButtonElement>('hand');
  readonly #problem: (thrown: unknown) => void;
  #room: Room | undefined;
  #raised = false;
  #busy = false;

  constructor(problem: (thrown: unknown) => void) {
    this.#problem = problem;
    this.#button.addEventListener('click', () => void this.toggle());
  }

  enter(room: Room): void {
    // A room that is entered anew, after it could not be, knows nothing of us.
    this.#room = room;
    this.#raised = false;
    this.#show();
  }

  leave(): void {
    this.#room = undefined;
  }

  async toggle(): Promise<void> {
    if (!this.#room || this.#busy) return;
    this.#busy = true;
    try {
      await this.#room.setMetadata(this.#raised ? {} : { hand: new Date().toISOString() });
      this.#raised = !this.#raised;
      announce(this.#raised ? 'Your hand is up' : 'Your hand is down');
    } catch (thrown) {
      this.#problem(thrown);
    } finally {
      this.#busy = false;
      this.#show();
    }
  }

  #show(): void {
    this.#button.ariaPressed = String(this.#raised);
    this.#button.title = this.#raised ? 'Lower your hand' : 'Raise your hand';
  }
}
