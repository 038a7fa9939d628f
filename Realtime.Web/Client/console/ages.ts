/** Turns every `<time data-age>` into how long ago that was. */
export function showAges(root: ParentNode, skewMs: number): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-age]')) {
    const at = Date.parse(time.dataset.age ?? '');
    const text = age(Date.now() + skewMs - at);
    if (time.textContent !== text) time.textContent = text;
    time.title = new Date(at).toLocaleString();
  }
}

export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2) return 'now';
  if (seconds < 120) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}
