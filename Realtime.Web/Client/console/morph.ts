/** What the reader did to the page stays: an unfolded part stays open. */
const isTheReaders = (target: Element, name: string) => name === 'open' && target.tagName === 'DETAILS';

/** Makes `target` look like `source`, touching only what differs, so that selection, focus and scrolling stay. Children with a `data-key` keep their identity. */
export function morph(target: Element, source: Element): void {
  for (const { name } of [...target.attributes]) if (!source.hasAttribute(name) && !isTheReaders(target, name)) target.removeAttribute(name);
  for (const { name, value } of source.attributes) if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  let current: ChildNode | null = target.firstChild;
  for (const wanted of [...source.childNodes]) {
    const match = find(current, wanted);
    if (!match) {
      target.insertBefore(wanted, current);
      continue;
    }
    if (match !== current) target.insertBefore(match, current);
    else current = current.nextSibling;
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (current) {
    const next: ChildNode | null = current.nextSibling;
    current.remove();
    current = next;
  }
}

function find(from: ChildNode | null, wanted: ChildNode): ChildNode | undefined {
  if (!(wanted instanceof Element)) return from?.nodeType === wanted.nodeType ? from : undefined;
  const key = wanted.getAttribute('data-key');
  for (let node = from; node; node = key === null ? null : node.nextSibling) {
    if (node instanceof Element && node.tagName === wanted.tagName && node.getAttribute('data-key') === key) return node;
  }
  return undefined;
}
