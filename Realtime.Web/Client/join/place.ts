/** Where somebody is, kept by their tab: a reload leads back there, with the devices as they were. */
export interface CallPlace { room: string; name: string; microphone: boolean; camera: boolean }

const callKey = 'realtime.call';
const draftKey = 'realtime.draft';

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return ''; // No storage: a reload leads to the lobby.
  }
}

function write(key: string, value: string): void {
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    return; // No storage, or none left.
  }
}

export function keepPlace(place: CallPlace | undefined): void {
  write(callKey, place ? JSON.stringify(place) : '');
}

/** Only after a reload: who comes by a link has chosen to look at the lobby. */
export function placeBeforeReload(): CallPlace | undefined {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (navigation?.type !== 'reload') return undefined;
  try {
    const { room, name, microphone, camera } = JSON.parse(read(callKey)) as Partial<CallPlace>;
    if (typeof room !== 'string' || typeof name !== 'string') return undefined;
    return { room, name, microphone: microphone === true, camera: camera === true };
  } catch {
    return undefined; // In no call.
  }
}

/** What was being written in that room. */
export function keepDraft(room: string, text: string): void {
  write(draftKey, text ? JSON.stringify([room, text]) : '');
}

export function draftOf(room: string): string {
  try {
    const [in_, text] = JSON.parse(read(draftKey)) as unknown[];
    return in_ === room && typeof text === 'string' ? text : '';
  } catch {
    return ''; // There is none.
  }
}
