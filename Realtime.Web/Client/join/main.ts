import { RealtimeError, warmUp } from '@realtime/client';
import { Call } from './call';
import { element } from './dom';
import { Lobby } from './lobby';
import { OwnMedia } from './own-media';
import { keepPlace, placeBeforeReload } from './place';
import { fetchConfig } from './tickets';

const query = new URLSearchParams(location.search);
const media = new OwnMedia();

const call = new Call(media, query, problem => {
  lobby.show(problem);
});

const before = placeBeforeReload();
const reloaded = before && before.room === query.get('room') ? before : undefined;
if (reloaded) query.set('name', reloaded.name);

const lobby = new Lobby(media, query, reloaded, wish => call.expect(wish), async wish => {
  try {
    lobby.hide();
    await call.join(wish);
  } catch (thrown) {
    keepPlace(undefined);
    await call.leave();
    lobby.show();
    throw RealtimeError.from(thrown);
  }
});

// A page that comes back from the browser's cache has left its call: start anew.
addEventListener('pageshow', event => {
  if (event.persisted) location.reload();
});

fetchConfig().catch(() => undefined); // Known before anybody joins; a failure is told then, and asked about again.

// Nobody waits for the devices: they are sent as soon as they are open.
const opened = lobby.openDevices();
if (query.get('autojoin') === '1' || reloaded) {
  await lobby.submit();
} else {
  // Nobody to prepare for yet: then at least the browser is.
  await Promise.all([opened, lobby.expect().then(expected => expected ? undefined : warmUp())]);
  element('lobby').dataset.ready = 'true'; // For tests: from here on a click finds everything done.
}
