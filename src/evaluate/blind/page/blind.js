/* global rank -- from bradley-terry.js, which stands before this in the page */
const { matches, sources, paintings } = JSON.parse(document.querySelector('#data').textContent);
const find = (id) => document.getElementById(id);
const key = `stylecast votes ${document.documentElement.dataset.votes}`;

/** Votes so far, the newest last. The browser keeps them, so that closing the page loses nothing. */
const votes = stored();
/** Pairs that are still to be seen, in random order, each with random sides. */
const left = shuffled(matches)
  .filter((match) => !votes.some((vote) => isOf(vote, match)))
  .map(({ photograph, painters }) => ({ photograph, painters: shuffled(painters) }));

function stored() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function store() {
  try {
    localStorage.setItem(key, JSON.stringify(votes));
  } catch {
    // A browser that keeps nothing for files: the votes can be saved all the same.
  }
}

function isOf(vote, { photograph, painters }) {
  return vote.photograph === photograph && painters.includes(vote.left) && painters.includes(vote.right);
}

function shuffled(list) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

function show() {
  const pair = left.at(-1);
  find('voting').hidden = !pair;
  find('finished').hidden = Boolean(pair);
  if (!pair) return finish();
  const { photograph, painters } = pair;
  find('left').firstElementChild.src = paintings[photograph][painters[0]];
  find('right').firstElementChild.src = paintings[photograph][painters[1]];
  find('source').firstElementChild.src = sources[photograph];
  find('progress').textContent = `pair ${votes.length + 1} of ${votes.length + left.length}`;
  find('undo').disabled = votes.length === 0;
}

function vote(choice) {
  const pair = left.pop();
  if (!pair) return;
  votes.push({ photograph: pair.photograph, left: pair.painters[0], right: pair.painters[1], choice });
  store();
  show();
}

function undo() {
  const last = votes.pop();
  if (!last) return;
  left.push({ photograph: last.photograph, painters: [last.left, last.right] });
  store();
  show();
}

function toggleSource() {
  const { hidden } = find('source');
  find('source').hidden = !hidden;
  find('show').setAttribute('aria-pressed', String(hidden));
}

function finish() {
  find('voting').hidden = true;
  find('finished').hidden = false;
  find('count').textContent = `${votes.length} of ${votes.length + left.length} pairs`;
  find('back').hidden = votes.length === 0 && left.length === 0;
  find('rankings').replaceChildren(...rank(votes).flatMap(({ ranked }) => table(ranked)));
}

function back() {
  // After the last pair there is none to go back to but that one.
  if (left.length === 0) undo();
  else show();
}

function table(ranked) {
  const element = document.createElement('table');
  element.createTHead().append(row('th', ['painter', 'won', 'equal', 'lost', 'liked', 'from', 'to', '0 to 1']));
  const body = element.createTBody();
  for (const { name, won, equal, lost, chance, low, high } of ranked) {
    const cells = [name, won, equal, lost, ...[chance, low, high].map((value) => value.toFixed(2)), ''];
    const line = row('td', cells);
    line.lastElementChild.append(scale(chance, low, high));
    body.append(line);
  }
  return element;
}

function row(tag, cells) {
  const element = document.createElement('tr');
  for (const text of cells) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    element.append(cell);
  }
  return element;
}

function scale(chance, low, high) {
  const element = document.createElement('span');
  element.className = 'scale';
  const [interval, point] = [document.createElement('i'), document.createElement('b')];
  interval.style.left = `${low * 100}%`;
  interval.style.right = `${(1 - high) * 100}%`;
  point.style.left = `${chance * 100}%`;
  element.append(interval, point);
  return element;
}

function save() {
  const file = new Blob([JSON.stringify({ kind: 'stylecast votes', votes }, null, 1)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = 'votes.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const voting = {
  ArrowLeft: () => vote('left'),
  ArrowRight: () => vote('right'),
  ArrowDown: () => vote('equal'),
  u: undo,
  p: toggleSource,
  f: finish,
};
const finished = { s: save, b: back };

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const keys = find('voting').hidden ? finished : voting;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
for (const [id, action] of Object.entries({
  left: () => vote('left'),
  right: () => vote('right'),
  'vote-left': () => vote('left'),
  'vote-right': () => vote('right'),
  'vote-equal': () => vote('equal'),
  undo,
  show: toggleSource,
  finish,
  save,
  back,
})) {
  find(id).addEventListener('click', action);
}
show();
