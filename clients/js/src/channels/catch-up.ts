import type { Message } from '../contracts.js';
import type { ChannelLog } from './channel-log.js';

/** What catching up needs of a channel. */
export interface CatchUpSource {
  log: ChannelLog;
  history(range: { after?: number; limit: number }): Promise<Message[]>;
  deliver(messages: Message[]): void;
  skipped(from: number, to: number): void;
}

export const historyPage = 100;

/** Further behind than this, the messages between are skipped; `history` still has them. */
export const catchUpPages = 5;

/** Reads on from the log's position until history ends, and closes the holes that history does not fill. */
export async function catchUp({ log, history, deliver, skipped }: CatchUpSource): Promise<void> {
  for (let page = 0; page < catchUpPages; page++) {
    if (!log.position) return;
    // Only what waited before this question is answered by it; what arrives meanwhile may have holes of its own.
    const waited = log.farthest;
    const messages = inOrder(await history({ after: log.position.seq, limit: historyPage }));
    for (const message of messages) deliver(log.accept(message));
    const complete = messages.length < historyPage;
    deliver(log.closeGaps(Math.max(messages.at(-1)?.seq ?? 0, complete ? waited : 0)));
    if (complete) return;
  }
  const newest = inOrder(await history({ limit: historyPage }));
  const first = newest[0];
  if (!first || !log.position) return;
  if (first.seq > log.position.seq + 1) {
    skipped(log.position.seq + 1, first.seq - 1);
    deliver(log.startAt(first.epoch, first.seq - 1));
  }
  for (const message of newest) deliver(log.accept(message));
}

export function inOrder(messages: readonly Message[]): Message[] {
  return [...messages].sort((a, b) => a.seq - b.seq);
}
