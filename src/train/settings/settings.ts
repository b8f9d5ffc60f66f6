import { ONNX_DEVICES } from '../../engine/runtime/devices.js';
import { MOST_THREADS } from '../../engine/threads/most-threads.js';
import { NETWORK_MULTIPLE } from '../../nets/network.js';
import { TIERS, type TierName } from '../../nets/tiers.js';
import { optionError } from '../../options.js';
import type { LossWeights } from '../objective/step.js';
import { trainCommand } from './command.js';
import type { TrainOptions } from './options.js';

/** Everything that decides the result of a training. */
export interface TrainSettings {
  /** The command of the training, for the record; of a resumed training the original one. */
  readonly command: string;
  readonly method: string;
  readonly tier: TierName;
  readonly minutes: number | undefined;
  readonly steps: number | undefined;
  readonly size: number;
  /** Photographs a step. */
  readonly batch: number;
  readonly styleScale: number;
  readonly weights: LossWeights;
  readonly seed: number;
  /** Structure distance that the balance aims at; smaller is nearer to the photograph. */
  readonly structure: number;
  readonly rate: number;
  readonly warmUp: number;
  readonly clip: number;
  /** Share of the steps in the first stage, without motion. */
  readonly firstShare: number;
  /** Whether to fold the norms' statistics into the weights before the second stage. */
  readonly freeze: boolean;
  /** Photographs whose statistics replace the norms. */
  readonly statistics: number;
  /** Names of the styles, where one network learns many. */
  readonly styles?: readonly string[];
  /** Numbers of the frames that were painted over. */
  readonly painted?: readonly number[];
  /** Number of additional, unnamed styles. */
  readonly others?: number;
  readonly sources?: TrainingSources;
}

/** The inputs of a training that must be the same when it is resumed. */
export interface TrainingSources {
  /** SHA-256 of the pictures of the style, one after the other. */
  readonly pictures: string;
  readonly photographs: 'given' | 'made';
  readonly lossNetwork: string;
}

/** Methods whose style is defined by a folder of pictures. */
const DOMAIN_METHODS: ReadonlySet<string> = new Set(['adversarial', 'gan']);

/** Default structure distance on crops: pictures are painted boldly and can still be read. */
const STRUCTURE = 0.65;

/**
 * The terms' weights, for `temporal`, `styleStrength` and `contentStrength` of 1. A mesh is seen where its term is some
 * 1e-5; smoothness, range, tint and cast are squared levels as well, the other terms are shares.
 */
const WEIGHTS: LossWeights = {
  content: 0.5,
  light: 0.3,
  colour: 0.3,
  tint: 100,
  cast: 5,
  style: 45,
  smoothness: 1,
  range: 10,
  temporal: 3,
  pixels: 0,
  mesh: 40_000,
  adversarial: 0,
};

/** Initial weight of the content where training begins with a network that can paint: the balance would fall to it. */
const CONTENT_OF_PAINTERS = 0.3;

/** Light and colour for many styles, whose crops must each show their style and lose more of both to it. */
const MANY_STYLES = { light: 2, colour: 1.5 };

/**
 * Validates options once, at the entry.
 *
 * @throws OptionError OPTION_VALUE naming the option, what was expected and what it got.
 */
export function settingsOf(options: TrainOptions): TrainSettings {
  const {
    tier = 'lite',
    minutes,
    steps,
    size = 256,
    temporal = 1,
    styleScale = 1,
    styleStrength = 1,
    contentStrength = 1,
    adversarial = 0,
    seed = 1,
  } = options;
  const known = Object.keys(TIERS);
  if (!known.includes(tier)) throw optionError('tier', `one of ${known.join(', ')}`, tier);
  const { device = 'cpu', threads = 1 } = options;
  check(
    'threads',
    threads,
    `a whole number from 1 to ${MOST_THREADS}`,
    (value) => Number.isInteger(value) && value > 0 && value <= MOST_THREADS,
  );
  if (!ONNX_DEVICES.includes(device)) throw optionError('device', `one of ${ONNX_DEVICES.join(', ')}`, device);
  const { method = 'single', domain, pictures } = options;
  if (DOMAIN_METHODS.has(method)) {
    if (domain === undefined) throw optionError('domain', 'a folder of pictures', 'none');
    if (options.adversarial !== undefined)
      throw optionError(
        'adversarial',
        `none with the method ${method}, whose --style-strength it is`,
        String(options.adversarial),
      );
    if (pictures.length > 0) throw optionError('pictures', 'none beside a domain', pictures.join(', '));
  } else {
    if (domain !== undefined) throw optionError('domain', `none with the method ${method}`, domain);
    if (pictures.length === 0)
      throw optionError('pictures', 'at least one picture', 'none', 'Name a picture of the style.');
  }
  if (minutes !== undefined && steps !== undefined)
    throw optionError('minutes', 'minutes or steps, not both', `${minutes} and ${steps}`);
  check('minutes', minutes ?? 1, 'more than 0, at most 10000', (value) => value > 0 && value <= 10_000);
  check(
    'steps',
    steps ?? 1,
    'a whole number from 1 to 10000000',
    (value) => Number.isInteger(value) && value >= 1 && value <= 1e7,
  );
  const unit = NETWORK_MULTIPLE * 4;
  check(
    'size',
    size,
    `a multiple of ${unit} from 64 to 1024`,
    (value) => value % unit === 0 && value >= 64 && value <= 1024,
  );
  check('temporal', temporal, 'a number from 0 to 100', (value) => value >= 0 && value <= 100);
  check('styleScale', styleScale, 'a number from 0.25 to 4', (value) => value >= 0.25 && value <= 4);
  check('styleStrength', styleStrength, 'a number from 0.01 to 100', (value) => value >= 0.01 && value <= 100);
  check('contentStrength', contentStrength, 'a number from 0.01 to 100', (value) => value >= 0.01 && value <= 100);
  check('adversarial', adversarial, 'a number from 0 to 100', (value) => value >= 0 && value <= 100);
  if (adversarial > 0 && options.freeze) throw optionError('freeze', 'no freezing beside a discriminator', 'it');
  check('seed', seed, 'a whole number from 0 to 2^53', (value) => Number.isSafeInteger(value) && value >= 0);
  const { light, colour } = method === 'modulated' || options.into !== undefined ? MANY_STYLES : WEIGHTS;
  const scratch = options.from === 'scratch' || (tier === 'tiny' && options.from === undefined);
  const weights = {
    ...WEIGHTS,
    content: scratch ? WEIGHTS.content : CONTENT_OF_PAINTERS,
    light: light * contentStrength,
    colour: colour * contentStrength,
    style: WEIGHTS.style * styleStrength,
    temporal: WEIGHTS.temporal * temporal,
    adversarial,
  };
  return {
    command: trainCommand(options),
    method,
    tier,
    minutes: steps === undefined ? (minutes ?? 25) : undefined,
    steps,
    size,
    batch: 1,
    styleScale,
    weights,
    structure: (STRUCTURE * styleStrength) / contentStrength,
    seed,
    rate: 1.5e-3,
    warmUp: 50,
    clip: 1,
    firstShare: 0.3,
    freeze: options.freeze ?? false,
    statistics: 80,
  };
}

function check(name: string, value: number, expected: string, holds: (value: number) => boolean): void {
  if (!Number.isFinite(value) || !holds(value)) throw optionError(name, expected, String(value));
}
