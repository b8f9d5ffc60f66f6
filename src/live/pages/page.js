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

/** Query parameters of the page's address. */
export const wish = new URLSearchParams(location.search);

/** The token in the page's address: in the fragment, which stays in the browser, or in the query. */
export const token = fragment.get('token') ?? wish.get('token') ?? undefined;

/** A path of this server with the required token. */
export function withToken(path) {
  const url = new URL(path, location.origin);
  if (token !== undefined) url.searchParams.set('token', token);
  return url.href;
}

/** Downloads a file to the user. */
export function save(blob, name) {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
