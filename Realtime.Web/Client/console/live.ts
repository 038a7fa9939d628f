import { age, showAges } from './ages';
import { morph } from './morph';

/** The server ticks every 2 s; three missed ones mean that it is gone. */
const silenceMs = 6_000;

/** Keeps a region live: puts in what the server sends, and says how far that can be trusted. */
export function follow(region: HTMLElement, freshness: HTMLElement): void {
  let heard = Date.now();
  let skewMs = 0;
  const show = () => {
    showAges(document, skewMs);
    const silent = Date.now() - heard;
    const state = silent > silenceMs ? 'stale' : region.querySelector<HTMLElement>('[data-state]')?.dataset.state ?? 'loading';
    const text = silent > silenceMs
      ? `No word from this server for ${age(silent).replace(' ago', '')}`
      : { live: 'Live', stale: 'Stale', loading: 'Waiting', unreachable: 'Cut off' }[state] ?? '';
    freshness.dataset.state = state;
    if (freshness.textContent !== text) freshness.textContent = text;
  };

  // EventSource comes back by itself after a cut, but not after a refusal (a restart's 503, a session that has ended): then it is opened anew.
  const open = () => {
    const live = new EventSource(region.dataset.live!);
    live.addEventListener('tick', () => (heard = Date.now()));
    live.addEventListener('error', () => {
      if (live.readyState !== EventSource.CLOSED) return;
      setTimeout(open, 3_000 + Math.random() * 2_000);
    });
    live.addEventListener('board', event => {
      heard = Date.now();
      const next = document.createElement('div');
      next.innerHTML = event.data as string; // Rendered and encoded by our own server; the page's policy runs no inline script.
      for (const attribute of region.attributes) next.setAttribute(attribute.name, attribute.value);
      morph(region, next);
      const at = Date.parse(region.querySelector<HTMLElement>('[data-at]')?.dataset.at ?? '');
      if (region.querySelector('[data-state="live"]') && !Number.isNaN(at)) skewMs = at - Date.now();
      show();
    });
  };
  open();
  setInterval(show, 1_000);
  show();
}
