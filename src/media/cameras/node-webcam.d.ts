/** Types of the parts of node-webcam that are used; the package has none. */
declare module 'node-webcam' {
  interface Options {
    readonly width?: number;
    readonly height?: number;
    readonly delay?: number;
    readonly device?: string | false;
    readonly output?: 'jpeg' | 'png';
    readonly quality?: number;
    readonly callbackReturn?: 'location' | 'buffer';
    readonly saveShots?: boolean;
  }
  interface Webcam {
    list(done: (cameras: string[]) => void): void;
    capture(location: string, done: (error: Error | null, result?: string) => void): void;
  }
  const NodeWebcam: { create(options: Options): Webcam };
  export default NodeWebcam;
}
