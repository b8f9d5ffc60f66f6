/** What each tier is called where a painting can be chosen in several; the quickest first. */
const TIERS = { lite: 'Fast', standard: 'Better', fine: 'Best', tiny: 'Smallest' };
const ORDER = Object.keys(TIERS);

/**
 * The paintings that styles are of, each once: those of one title, whatever network paints them. Its `variants` are the
 * styles, presets of its own before styles of a preset of many, the quickest first, each with a `label`. `key` stays the
 * same for a painting.
 */
export function paintingsOf(cards) {
  const groups = new Map();
  for (const card of cards) groups.set(card.title, [...(groups.get(card.title) ?? []), card]);
  return [...groups.values()].map((group) => {
    const variants = labelled([...group].sort((a, b) => rank(a) - rank(b)));
    const [{ name, title, thumbnail }] = variants;
    const pictured = variants.find((one) => one.thumbnail);
    const artist = variants.find((one) => one.artist)?.artist;
    return { key: name, title, artist, thumbnail: thumbnail ?? pictured?.thumbnail, variants };
  });
}

/** Whether a painting is meant by words: each is in its title, its artist or a name of its styles. */
export function matches({ title, artist, variants }, words) {
  const text = plain([title, artist ?? '', ...variants.map(({ name }) => name ?? '')].join(' '));
  return plain(words)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The preset that has a style as one of many, `preset:style`. */
export function networkOf(name) {
  const at = name?.lastIndexOf(':') ?? -1;
  return at > 0 ? name.slice(0, at) : undefined;
}

function rank({ name, tier }) {
  const at = ORDER.indexOf(tier);
  return (networkOf(name) === undefined ? 0 : 10) + (at < 0 ? ORDER.length : at);
}

function labelled(cards) {
  const labels = cards.map(({ name, tier }) => networkOf(name) ?? TIERS[tier] ?? name);
  return cards.map((card, at) => {
    const alone = labels.filter((label) => label === labels[at]).length === 1;
    const label = alone ? labels[at] : card.name;
    return { ...card, label: label.charAt(0).toUpperCase() + label.slice(1) };
  });
}

/** Without accents and capitals. */
function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
