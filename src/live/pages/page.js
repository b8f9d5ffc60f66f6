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

/** Where the token is kept for a reload of this page: its own place for each tab, which no other site reads. */
const KEY = 'stylecast-token';

/** The token that the page's address brought, behind `#` or `?`, or that it brought before a reload. */
export const token = fragment.get('token') ?? wish.get('token') ?? kept();

if (fragment.has('token') || wish.has('token')) {
  keep(token);
  // Out of the address bar at once: it is not for screen recordings, histories and bookmarks.
  const address = new URL(location.href);
  address.searchParams.delete('token');
  fragment.delete('token');
  address.hash = String(fragment);
  history.replaceState(null, '', address);
}

function kept() {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(value) {
  try {
    sessionStorage.setItem(KEY, value);
  } catch {
    // Forbidden by the browser's settings: the address has to be opened again after a reload.
  }
}

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
