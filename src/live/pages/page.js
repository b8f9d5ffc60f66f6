/** The first element that matches. */
export const find = (selector) => document.querySelector(selector);

/** An element with attributes and children (text or elements). */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const fragment = new URLSearchParams(location.hash.slice(1));

/** What the page's address asks for, `?like=this`. */
export const wish = new URLSearchParams(location.search);

/** The token in the page's address: behind `#`, which stays in the browser, or behind `?`. */
export const token = fragment.get('token') ?? wish.get('token') ?? undefined;

/** A path of this server with the token that it wants. */
export function withToken(path) {
  const url = new URL(path, location.origin);
  if (token !== undefined) url.searchParams.set('token', token);
  return url.href;
}

/** Hands the person a file. */
export function save(blob, name) {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
