/**
 * `stylecast/eval`: how near styles come to their pictures, how much they keep, how they flicker and what they cost.
 */
export { blindPage } from './evaluate/blind/blind-page.js';
export type { Chance, Ranked, Ranking, Vote } from './evaluate/blind/bradley-terry.js';
export { rankVotes, readVotes } from './evaluate/blind/votes.js';
export { evaluateStyles } from './evaluate/evaluate.js';
export type { EvaluateOptions, GivenPaintings } from './evaluate/options.js';
export {
  type JudgedPainting,
  type JudgedPaintings,
  type JudgeOptions,
  judgePaintings,
  paintingRows,
} from './evaluate/paintings.js';
export type { EvaluationProgress } from './evaluate/progress.js';
export { evaluationPage } from './evaluate/report/report.js';
export { conditions, figureTables, matrixRows } from './evaluate/report/table.js';
export type { ClipFigures, EvaluatedStyle, Evaluation, ReportPicture, Speed } from './evaluate/results.js';
