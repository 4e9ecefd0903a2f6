/**
 * Makes the children of `from` like those of `to` by the smallest changes, so that focus, selection, scroll and open details
 * stay. Elements with `data-key` are matched by it, others by place and name. What is inside `data-client` is left alone.
 */
export function morph(from: ParentNode & Node, to: ParentNode & Node): void {
  const keyed = new Map<string, Element>();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key !== null) keyed.set(key, child);
  }
  let here: ChildNode | null = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = wanted instanceof Element ? keyOf(wanted) : null;
    const match = key === null ? here : (keyed.get(key) ?? null);
    if (match !== null && alike(match, wanted)) {
      if (match === here) here = here.nextSibling;
      else from.insertBefore(match, here);
      update(match, wanted);
    } else {
      from.insertBefore(wanted, here);
    }
  }
  while (here !== null) {
    const next: ChildNode | null = here.nextSibling;
    here.remove();
    here = next;
  }
}

function keyOf(element: Element): string | null {
  const key = element.getAttribute('data-key');
  return key === null ? null : `${element.nodeName} ${key}`;
}

function alike(a: Node, b: Node): boolean {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return !(a instanceof Element && b instanceof Element) || keyOf(a) === keyOf(b);
}

function update(node: Node, wanted: Node): void {
  if (!(node instanceof Element && wanted instanceof Element)) {
    if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
    return;
  }
  const client = node.hasAttribute('data-client');
  for (const { name } of [...node.attributes]) {
    const readersOwn = client || (name === 'open' && node.nodeName === 'DETAILS');
    if (!wanted.hasAttribute(name) && !readersOwn) node.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (client && name === 'class') continue;
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  if (!client) morph(node, wanted);
}
