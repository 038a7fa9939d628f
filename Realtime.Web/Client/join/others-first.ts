import type { Room } from '@realtime/client';
import { element } from './dom';

/** After the room has answered; whoever is here hears the newcomer meanwhile. */
const patienceMs = 1_000;

/**
 * Resolves with the first picture of somebody else; at once when the room has none, and after a moment when it does not come. A newcomer's own encoder waits for it: where it
 * takes its CPU from the browser that is still joining, everything would be seen later.
 */
export function othersFirst(room: Room): Promise<void> {
  return new Promise(resolve => {
    const grid = element('grid');
    const done = () => {
      grid.removeEventListener('loadeddata', look, { capture: true });
      resolve();
    };
    const look = ({ target }: Event) => {
      if (target instanceof HTMLVideoElement && !target.closest('.own')) done();
    };
    // Media events do not bubble.
    grid.addEventListener('loadeddata', look, { capture: true });
    const stop = room.on('state', ({ state }) => {
      if (state === 'joining') return;
      stop();
      const pictures = room.roster.tracks.some(track => track.kind === 'video' && !track.muted && track.participant !== room.participant);
      if (!pictures) done();
      else setTimeout(done, patienceMs);
    });
  });
}
