import { RealtimeError } from '@realtime/client';
import { Call } from './call';
import { Lobby } from './lobby';
import { OwnMedia } from './own-media';

const query = new URLSearchParams(location.search);
const media = new OwnMedia();

const call = new Call(media, problem => {
  lobby.show(problem);
});

const lobby = new Lobby(media, query, async wish => {
  try {
    lobby.hide();
    await call.join(wish);
  } catch (thrown) {
    await call.leave();
    lobby.show();
    throw RealtimeError.from(thrown);
  }
});

// A page that comes back from the browser's cache has left its call: start anew.
addEventListener('pageshow', event => {
  if (event.persisted) location.reload();
});

await lobby.openDevices();
if (query.get('autojoin') === '1') await lobby.submit();
