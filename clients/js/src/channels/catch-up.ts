import type { Message } from '../contracts.js';

/** What catching up needs of a channel. */
export interface CatchUpSource {
  position(): { epoch: number; seq: number } | undefined;
  /** The last event that is known to exist: one that waits behind a hole, or one that the server told of. */
  known(): number;
  history(range: { after?: number; limit: number }): Promise<Message[]>;
  accept(message: Message): void;
  closeGaps(seq: number): void;
  /** Goes on after `seq`; what lies between is told as skipped. */
  skipTo(epoch: number, seq: number): void;
}

export const historyPage = 100;

/** Further behind than this, the messages between are skipped; `history` still has them. */
export const catchUpPages = 5;

/**
 * Reads on from the channel's position until history ends. History has messages as they stand now and no entries for changes:
 * the holes it leaves are closed, without a word.
 */
export async function catchUp(source: CatchUpSource): Promise<void> {
  for (let page = 0; page < catchUpPages; page++) {
    const position = source.position();
    if (!position) return;
    // Only what was known before this question is answered by it; what arrives meanwhile may have holes of its own.
    const known = source.known();
    const messages = inOrder(await source.history({ after: position.seq, limit: historyPage }));
    for (const message of messages) source.accept(message);
    const complete = messages.length < historyPage;
    source.closeGaps(Math.max(messages.at(-1)?.seq ?? 0, complete ? known : 0));
    if (complete) return;
  }
  const known = source.known();
  const newest = inOrder(await source.history({ limit: historyPage }));
  const position = source.position();
  const first = newest[0];
  if (!first || !position) return;
  if (first.seq > position.seq + 1) source.skipTo(first.epoch, first.seq - 1);
  for (const message of newest) source.accept(message);
  source.closeGaps(Math.max(newest.at(-1)!.seq, known));
}

export function inOrder(messages: readonly Message[]): Message[] {
  return [...messages].sort((a, b) => a.seq - b.seq);
}
