/**
 * stylecast: video stylization with feed-forward networks.
 *
 * `stylizeVideo` and `stylizeImage` do the whole job; `openStyle`, `openPainter`, `stylizeFrames`, `VideoSource` and
 * `VideoSink` are its parts, for programs that bring frames of their own.
 */
export type { Check, Diagnosis } from './doctor/diagnose.js';
export { diagnose } from './doctor/diagnose.js';
export type { DeviceCheck } from './engine/check-devices.js';
export type { Device, EngineOptions, OpenedPainter, RealDevice } from './engine/open.js';
export { DEVICES, openPainter } from './engine/open.js';
export { Painter } from './engine/painter.js';
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
export { evaluateStyles } from './evaluate/evaluate.js';
export type { EvaluateOptions } from './evaluate/options.js';
export {
  type JudgedPainting,
  type JudgedPaintings,
  type JudgeOptions,
  judgePaintings,
  paintingRows,
} from './evaluate/paintings.js';
export type { EvaluationProgress } from './evaluate/progress.js';
export { evaluationPage } from './evaluate/report.js';
export type { ClipFigures, EvaluatedStyle, Evaluation, ReportPicture, Speed } from './evaluate/results.js';
export { conditions, figureRows, matrixRows } from './evaluate/table.js';
export type { Frame, Pts, Rational, Size } from './frame.js';
export { seconds } from './frame.js';
export type { Broadcast } from './live/broadcast.js';
export { startBroadcast } from './live/broadcast.js';
export type { LiveOptions, LiveResult, LiveRun } from './live/live.js';
export { startLive } from './live/live.js';
export type { OutputSpec } from './live/outputs/open.js';
export type { LiveUrls } from './live/protocol.js';
export type { ServerOptions } from './live/server.js';
export type { LiveShow } from './live/show.js';
export { saveSnapshot } from './live/snapshot.js';
export type { LiveSettings, LiveStats, MaskMode, Show, StyleCard } from './live/types.js';
export type { Camera } from './media/cameras.js';
export { findCamera, listCameras } from './media/cameras.js';
export type { VideoCodec } from './media/container.js';
export { VIDEO_CODECS } from './media/container.js';
export type { DecodeOptions } from './media/decode.js';
export { VideoSource } from './media/decode.js';
export type { EncodeOptions, FrameFormat } from './media/encode.js';
export { VideoSink } from './media/encode.js';
export type { EncoderPreset } from './media/encoder.js';
export { ENCODER_PRESETS } from './media/encoder.js';
export type { Still } from './media/image.js';
export { readImage, writeImage } from './media/image.js';
export type { LiveFrame } from './media/live-frame.js';
export type { SourceSpec } from './media/live-source.js';
export { LiveSource } from './media/live-source.js';
export type { MediaInfo, OtherStream, VideoInfo } from './media/probe.js';
export { probe } from './media/probe.js';
export type { Snap, SnapOptions } from './media/snap.js';
export { snap } from './media/snap.js';
export type { Blend, StyleChoice } from './model/blend.js';
export { blendedVector, chosenStyle } from './model/blend.js';
export { findStyle } from './model/find.js';
export { userFolder } from './model/folders.js';
export type { BrokenStyle, ListedStyle, StyleList } from './model/list.js';
export { listStyles } from './model/list.js';
export type { Credit, Manifest } from './model/manifest.js';
export type { RankedConventions } from './model/probe.js';
export { saveStyle } from './model/save.js';
export { isPresetName, NAME_RULE } from './model/schema.js';
export type { Style } from './model/style.js';
export type { Diversity } from './paint/diversity.js';
export type { PaintResult } from './paint/paint.js';
export { paintPicture } from './paint/paint.js';
export type { PaintLosses, PaintProgress } from './paint/progress.js';
export type { PaintOptions, WeightedStyle } from './paint/settings.js';
export type { AdoptedStyle, KnownConventions, NetworkRange } from './pipeline/adopt.js';
export { adoptNetwork, NETWORK_RANGES, withConventions } from './pipeline/adopt.js';
export { choosesStyle } from './pipeline/auto/candidates.js';
export type { Scene } from './pipeline/auto/scenes.js';
export type { ImageOptions, ImageResult } from './pipeline/image.js';
export { stylizeImage } from './pipeline/image.js';
export type { Stage } from './pipeline/ordered.js';
export type { Progress } from './pipeline/progress.js';
export type { FramePainter, RegionOptions, StyleOptions } from './pipeline/style.js';
export { openStyle, stylizeFrames } from './pipeline/style.js';
export type { FrameSink, VideoOptions, VideoResult } from './pipeline/video.js';
export { stylizeVideo } from './pipeline/video.js';
export type { TrainResult } from './train/course.js';
export type { FetchOptions } from './train/fetch-loss-network.js';
export { fetchLossNetwork } from './train/fetch-loss-network.js';
export { trainStyle } from './train/method.js';
export type { TrainOptions } from './train/settings.js';
