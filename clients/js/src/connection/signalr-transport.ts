import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { type HubEvent, hubEvents } from '../contracts.js';
import type { TransportFactory } from './transport.js';

/** A server that has said nothing for this long (not even a ping) is gone. */
const serverSilenceMs = 15_000;
const pingEveryMs = 5_000;

/** The transport the contract asks for: WebSockets alone, without a negotiate request. */
export const signalRTransport: TransportFactory = (url, token, listener) => {
  const hub = new HubConnectionBuilder()
    .withUrl(url, {
      skipNegotiation: true,
      transport: HttpTransportType.WebSockets,
      accessTokenFactory: () => token,
    })
    .configureLogging(LogLevel.None)
    .withServerTimeout(serverSilenceMs)
    .withKeepAliveInterval(pingEveryMs)
    .build();

  for (const name of hubEvents) hub.on(name, payload => listener.event({ name, payload } as HubEvent));
  hub.onclose(error => listener.closed(error));

  return {
    start: () => hub.start(),
    stop: () => hub.stop().catch(() => undefined), // Stopping what never started or has gone is done already.
    invoke: (method, request) => hub.invoke(method, request),
    send: (method, request) => hub.send(method, request).catch(() => undefined), // A farewell: the close that follows says it too.
  };
};
