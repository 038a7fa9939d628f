import { CloseCode, type ConnectionStatus, type RealtimeError } from '@realtime/client';

/** What went wrong, as one would say it to somebody who only wants to talk. */
export function explain(error: RealtimeError): string {
  switch (error.code) {
    case 'rateLimited':
      return `That was too fast. Try again ${soon(error.retryAfterMs)}.`;
    case 'unavailable':
    case 'degraded':
      return `Not possible right now: ${sentence(error.message)}`;
    case 'unknownOutcome':
      return 'The server did not answer.';
    case 'unauthenticated':
      return 'Your access has ended. Join again.';
    case 'forbidden':
      return `Not allowed: ${sentence(error.message)}`;
    case 'internal':
      return `Something broke on the server.${error.incident ? ` Incident ${error.incident}.` : ''}`;
    default:
      return sentence(error.message);
  }
}

/** Why a device cannot be used. */
export function explainDevice(what: 'microphone' | 'camera', thrown: unknown): string {
  const name = thrown instanceof DOMException ? thrown.name : '';
  switch (name) {
    case 'NotAllowedError':
      return `The browser does not let this page use your ${what}. Allow it in the address bar.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${what} was found.`;
    case 'NotReadableError':
      return `Your ${what} is in use by another program.`;
    default:
      return window.isSecureContext
        ? `Your ${what} cannot be used.`
        : `Browsers give a ${what} only to pages that come by https or from this computer.`;
  }
}

/** What the connection does, in two words. */
export function connectionWord({ state }: ConnectionStatus): string {
  return { connecting: 'Connecting…', connected: 'Connected', reconnecting: 'Reconnecting…', closed: 'Disconnected' }[state];
}

/** Why the server closed for good. */
export function explainClosing({ closing, error }: ConnectionStatus): string {
  switch (closing?.code) {
    case CloseCode.revoked:
      return 'Your access was withdrawn.';
    case CloseCode.banned:
      return 'You were banned.';
    case CloseCode.quarantined:
    case CloseCode.badProtocol:
      return `The server ended the connection.${closing.incident ? ` Incident ${closing.incident}.` : ''}`;
    default:
      return error ? explain(error) : 'The connection has ended.';
  }
}

function soon(ms: number | undefined): string {
  const seconds = Math.ceil((ms ?? 0) / 1000);
  if (seconds < 2) return 'in a moment';
  return seconds < 90 ? `in ${seconds} seconds` : `in ${Math.round(seconds / 60)} minutes`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
