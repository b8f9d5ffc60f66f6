/** Since which opset, newest first. */
const IR_VERSIONS: readonly (readonly [opset: number, ir: number])[] = [
  [23, 11],
  [21, 10],
  [19, 9],
];

/** The IR version that came with an opset, at least 8: runtimes refuse an opset that is newer than the IR. */
export function irVersionOf(opset: number): number {
  return IR_VERSIONS.find(([first]) => opset >= first)?.[1] ?? 8;
}
