import { age, showAges } from './ages';
import { morph } from './morph';

/** The server ticks every 2 s; three missed ones mean that it is gone. */
const silenceMs = 6_000;

const board = document.querySelector<HTMLElement>('[data-board]');
const freshness = document.querySelector<HTMLElement>('[data-freshness]');

if (board && freshness) follow(board, freshness);

function follow(board: HTMLElement, freshness: HTMLElement): void {
  let heard = Date.now();
  let skewMs = 0;
  const show = () => {
    showAges(board, skewMs);
    const silent = Date.now() - heard;
    const state = silent > silenceMs ? 'stale' : board.querySelector<HTMLElement>('[data-state]')?.dataset.state ?? 'loading';
    const text = silent > silenceMs
      ? `No word from this server for ${age(silent).replace(' ago', '')}`
      : { live: 'Live', stale: 'Stale', loading: 'Waiting' }[state] ?? '';
    freshness.dataset.state = state;
    if (freshness.textContent !== text) freshness.textContent = text;
  };

  // EventSource comes back by itself, for ever.
  const live = new EventSource('/console/live');
  live.addEventListener('tick', () => (heard = Date.now()));
  live.addEventListener('board', event => {
    heard = Date.now();
    const next = document.createElement('div');
    next.innerHTML = event.data as string; // Rendered and encoded by our own server; the page's policy runs no inline script.
    for (const attribute of board.attributes) next.setAttribute(attribute.name, attribute.value);
    morph(board, next);
    const at = Date.parse(board.querySelector<HTMLElement>('[data-at]')?.dataset.at ?? '');
    if (board.querySelector('[data-state="live"]') && !Number.isNaN(at)) skewMs = at - Date.now();
    show();
  });
  setInterval(show, 1_000);
  show();
}
