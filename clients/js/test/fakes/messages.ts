import type { Message } from '../../src/contracts.js';

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    channel: 'team', epoch: 1, seq, id: `m${seq}`, author: 'ann', authorName: 'Ann', text: `text ${seq}`,
    createdAt: '2026-01-01T00:00:00Z', clientMessageId: `c${seq}`, ...more,
  };
}

export function messages(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
}
