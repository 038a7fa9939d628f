/** What this browser remembers between visits. Without storage (private windows, policies) everything works, only forgotten. */
const keys = { browser: 'realtime.browser', name: 'realtime.name', microphone: 'realtime.microphone', camera: 'realtime.camera' } as const;

export function recall(key: keyof typeof keys): string {
  try {
    return localStorage.getItem(keys[key]) ?? '';
  } catch {
    return ''; // No storage: nothing is remembered.
  }
}

export function remember(key: keyof typeof keys, value: string): void {
  try {
    localStorage.setItem(keys[key], value);
  } catch {
    return; // No storage: it will be asked again.
  }
}

let browser = recall('browser');

/** A UUID that stays the same in this browser: the same person again after a reload. */
export function browserId(): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(browser)) {
    const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
    browser = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    remember('browser', browser);
  }
  return browser;
}
