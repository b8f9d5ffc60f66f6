/** A camera of this machine. */
export interface Camera {
  /** What ffmpeg opens: a device on Linux, a number on macOS, a name on Windows. */
  readonly id: string;
  /** The name that the system gives it. */
  readonly name: string;
}

/** Parses the output of `ffmpeg -f avfoundation -list_devices true`; screens are left out. */
export function readAvfoundation(text: string): Camera[] {
  const cameras: Camera[] = [];
  let video = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /AVFoundation (video|audio) devices/.exec(line);
    if (section) video = section[1] === 'video';
    const device = /\[(\d+)\] (.+?)\s*$/.exec(line);
    if (video && device && !/^Capture screen \d+$/.test(device[2]!)) cameras.push({ id: device[1]!, name: device[2]! });
  }
  return cameras;
}

/**
 * Parses the output of `ffmpeg -f dshow -list_devices true`: two sections before version 5, the kind behind each
 * name since then. Two cameras of one name are distinguished by their alternative names.
 */
export function readDshow(text: string): Camera[] {
  const cameras: Camera[] = [];
  let section = '';
  let video = false;
  for (const line of text.split(/\r?\n/)) {
    section = /DirectShow (video|audio) devices/.exec(line)?.[1] ?? section;
    const alternative = /Alternative name "(.+)"/.exec(line);
    const last = cameras.at(-1);
    if (alternative) {
      if (video && last) cameras[cameras.length - 1] = { ...last, id: alternative[1]! };
      continue;
    }
    const device = /\]\s+"(.+)"(?: \(([\w, ]+)\))?\s*$/.exec(line);
    if (!device) continue;
    video = device[2] === undefined ? section === 'video' : device[2].includes('video');
    if (video) cameras.push({ id: device[1]!, name: device[1]! });
  }
  return cameras;
}
