/**
 * `stylecast/eval`: how near styles come to their pictures, how much they keep, how they flicker and what they cost.
 */
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
export { evaluationPage } from './evaluate/report/report.js';
export { conditions, figureRows, matrixRows } from './evaluate/report/table.js';
export type { ClipFigures, EvaluatedStyle, Evaluation, ReportPicture, Speed } from './evaluate/results.js';
