import { type ErrorCode, RealtimeError } from '@realtime/client';
import { browserId } from './memory';

export interface JoinConfig { hub: string; canJoin: boolean }
export interface Ticket { token: string; expires: string; user: string; room: string; channel: string }

const timeoutMs = 15_000;

let config: Promise<JoinConfig> | undefined;

/** Asked for once; again after a failure. */
export function fetchConfig(): Promise<JoinConfig> {
  return (config ??= call<JoinConfig>('/join/config').catch((error: unknown) => {
    config = undefined;
    throw error;
  }));
}

export function fetchTicket(name: string, room: string): Promise<Ticket> {
  return call<Ticket>('/join/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, room, browser: browserId() }),
  });
}

async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    throw new RealtimeError({ code: 'unavailable', message: 'This page\'s server does not answer' });
  }
  const body = await response.json().catch(() => undefined) as (T & Problem) | undefined;
  if (response.ok && body !== undefined) return body;
  throw new RealtimeError({
    code: body?.code ?? 'unavailable',
    message: body?.message ?? `the server answered with status ${response.status}`,
    field: body?.field,
    retryAfterMs: body?.retryAfterMs,
  });
}

interface Problem { code?: ErrorCode; message?: string; field?: string; retryAfterMs?: number }
