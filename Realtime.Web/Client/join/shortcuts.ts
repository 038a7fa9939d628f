/** Single-key shortcuts: not while somebody types, not with a modifier, not for a key held down. */
export function onShortcut(active: () => boolean, actions: Record<string, () => void>): void {
  document.addEventListener('keydown', event => {
    if (!active() || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
