// AssemblyScript, compiled to WebAssembly: what JavaScript calls.
export { measureDetail, restoreDetail } from './detail';
export { upsample } from './field';
export { halve, luma } from './luma';
export { refine, search, smooth } from './motion-field';
export { markOccluded } from './occlusion';
export { blend, compare } from './temporal-filter';
export { openField } from './warp';
