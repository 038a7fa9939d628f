import { CloseCode, type ConnectionStatus, type QualityEvent, type RealtimeError } from '@realtime/client';

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

/** Why a device cannot be used, and what to do about it. Nothing thrown: it was there a moment ago. */
export function explainDevice(what: string, thrown: unknown): string {
  if (thrown === undefined) return `Your ${what} was unplugged or taken away.`;
  const name = thrown instanceof DOMException ? thrown.name : '';
  switch (name) {
    case 'NotAllowedError':
      return /system/i.test((thrown as DOMException).message)
        ? `Your system does not let this browser use your ${what}. Allow it in the system’s privacy settings, then try again.`
        : /dismiss/i.test((thrown as DOMException).message)
          ? `Your browser asked whether this page may use your ${what}, and got no answer. Try again and choose “Allow”.`
          : `Your browser does not let this page use your ${what}. Click the icon beside the address, allow the ${what}, then try again.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${what.replace(' and ', ' or ')} was found.`;
    case 'NotReadableError':
      return `Your ${what} is in use by another program. Close that one, then try again.`;
    default:
      return window.isSecureContext
        ? `Your ${what} cannot be used.`
        : `Browsers give a ${what} only to pages that come by https or from this computer.`;
  }
}

/** Why the call is over, when it was not one's own wish. */
export function explainEnd(error: RealtimeError): string {
  switch (error.scope) {
    case 'kicked':
      return 'A moderator removed you from the call.';
    case 'closed':
      return 'A moderator ended the call for everybody.';
    case 'circuitOpen':
    case 'quota':
      return 'The call ended: too much of what your browser sent could not be used.';
    default:
      return `The call ended. ${explain(error)}`;
  }
}

/** Why one's own connection is not good, and what helps. */
export function explainQuality({ quality, reason, direction }: Pick<QualityEvent, 'quality' | 'reason' | 'direction'>): string {
  const up = direction === 'up';
  const help = quality === 'poor' ? up ? ' Turning your camera off helps.' : ' Moving closer to your Wi-Fi, or closing other downloads, helps.' : '';
  switch (reason) {
    case 'loss':
      return (up ? 'Your upload is weak: the others may see and hear you badly.' : 'Your download is weak: pictures and sound may break up.') + help;
    case 'rtt':
      return 'Your connection is slow: what you say arrives late.';
    case 'jitter':
      return (up ? 'Your upload is unsteady: the others may hear you with breaks.' : 'Your download is unsteady: sound may have breaks.') + help;
    case 'bandwidth':
      return 'Your download is too narrow for all pictures: some are smaller, or not shown.';
    default:
      return `Your connection is ${quality === 'poor' ? 'weak' : 'unsteady'}.${help}`;
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
