/** The element of the page with that id; its absence is a mistake in the page. */
export function element<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found as unknown as T;
}

/** A new element; its content is only ever text. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function icon(name: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A round button that is on or off: its picture, its label and what assistive technology hears. */
export function showToggle(button: HTMLButtonElement, on: boolean, name: 'mic' | 'camera'): void {
  button.setAttribute('aria-pressed', String(on));
  button.querySelector('use')?.setAttribute('href', `#icon-${name}${on ? '' : '-off'}`);
  const what = name === 'mic' ? 'microphone' : 'camera';
  button.title = `Turn ${what} ${on ? 'off' : 'on'}`;
}

/** Says it once to who cannot see it. */
export function announce(text: string): void {
  element('announce').textContent = text;
}
