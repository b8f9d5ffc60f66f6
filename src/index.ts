/**
 * `stylecast`: videos and pictures painted by feed-forward networks.
 *
 * `stylizeVideo` and `stylizeImage` do the whole job; `openStyle`, `openPainter`, `stylizeFrames`, `VideoSource` and
 * `VideoSink` are its parts, for programs that bring frames of their own.
 */
export type { Check, Diagnosis } from './doctor/diagnose.js';
export { diagnose } from './doctor/diagnose.js';
export type { Device, EngineOptions, OpenedPainter, RealDevice } from './engine/open.js';
export { DEVICES, openPainter } from './engine/open.js';
export { Painter } from './engine/painter/painter.js';
export type { DeviceCheck } from './engine/select/check-devices.js';
export {
  EngineError,
  GraphError,
  MediaError,
  messageOf,
  OptionError,
  PresetError,
  StylecastError,
  TrainError,
} from './errors.js';
export type { Frame, Pts, Rational, Size } from './frame.js';
export { seconds } from './frame.js';
export type { ImportedStyle, KnownConventions, NetworkRange } from './import-network/import-network.js';
export { importNetwork, NETWORK_RANGES, withConventions } from './import-network/import-network.js';
export type { RankedConventions } from './import-network/rank.js';
export type { RunningWorker, SegmentEvent, WorkerOptions } from './jobs/machines/worker.js';
export { startWorker } from './jobs/machines/worker.js';
export type { LongVideoOptions, LongVideoResult, Machines } from './jobs/options.js';
export type { QueueEntry } from './jobs/queue/entry.js';
export type { QueuedOptions } from './jobs/queue/options.js';
export type { QueueChange } from './jobs/queue/queue.js';
export { openQueue, Queue } from './jobs/queue/queue.js';
export type { QueueRunOptions } from './jobs/queue/run.js';
export { runQueue } from './jobs/queue/run.js';
export type { WatchOptions } from './jobs/queue/watch.js';
export { watchFolder } from './jobs/queue/watch.js';
export { stylizeLongVideo } from './jobs/video.js';
export type { Camera } from './media/cameras/cameras.js';
export { findCamera, listCameras } from './media/cameras/cameras.js';
export type { DecodeOptions } from './media/files/decode.js';
export { VideoSource } from './media/files/decode.js';
export type { EncoderPreset } from './media/files/encode/codecs.js';
export { ENCODER_PRESETS } from './media/files/encode/codecs.js';
export { VideoSink } from './media/files/encode/encode.js';
export type { EncodeOptions, FrameFormat } from './media/files/encode/options.js';
export type { Still } from './media/files/pictures/image.js';
export { readImage, writeImage } from './media/files/pictures/image.js';
export type { FrameOptions, SavedFrame } from './media/files/video-frame.js';
export { frameNumber, saveFrame } from './media/files/video-frame.js';
export type { MediaInfo, OtherStream, VideoInfo } from './media/probe/info.js';
export { probe } from './media/probe/probe.js';
export type { Snap, SnapOptions } from './media/snap.js';
export { snap } from './media/snap.js';
export type { VideoCodec } from './media/tracks/container.js';
export { VIDEO_CODECS } from './media/tracks/container.js';
export type { Blend, StyleChoice } from './model/blend.js';
export { blendedVector, chosenStyle } from './model/blend.js';
export { userFolder } from './model/folders.js';
export { findStyle } from './model/library/find.js';
export type { BrokenStyle, ListedStyle, StyleList } from './model/library/list.js';
export { listStyles } from './model/library/list.js';
export { isPresetName, NAME_RULE } from './model/manifest/schema.js';
export type { Credit, Manifest } from './model/manifest/types.js';
export { saveStyle } from './model/save.js';
export type { Style } from './model/style.js';
export type { PaintResult } from './paint/paint.js';
export { paintPicture } from './paint/paint.js';
export type { PaintLosses, PaintProgress } from './paint/progress.js';
export type { PaintOptions, WeightedStyle } from './paint/settings.js';
export { choosesStyle } from './pipeline/auto/candidates.js';
export type { Scene } from './pipeline/auto/scenes.js';
export type { FramePainter } from './pipeline/frame-painter.js';
export type { PipelineStage } from './pipeline/ordered.js';
export type { Progress } from './pipeline/progress.js';
export type { RegionOptions, StyleOptions } from './pipeline/style.js';
export { openStyle, stylizeFrames } from './pipeline/style.js';
export type { ImageOptions, ImageResult } from './pipeline/stylize/image.js';
export { stylizeImage } from './pipeline/stylize/image.js';
export { stylizeVideo } from './pipeline/stylize/video.js';
export type { FrameSink, VideoOptions, VideoResult } from './pipeline/stylize/video-options.js';
export type { Preview, PreviewedStyle, PreviewOptions } from './preview/preview.js';
export { previewStyles } from './preview/preview.js';
export type { Diversity } from './quality/diversity.js';
