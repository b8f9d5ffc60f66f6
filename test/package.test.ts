import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ffmpeg, freshFolder, listing, look, makeClip } from './cli/run.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = freshFolder();
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

test('packed, installed in an empty folder without install scripts: the command and the library work', async () => {
  execFileSync(npm, ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    stdio: 'pipe',
  });
  const [tarball] = readdirSync(folder);

  const files = execFileSync('tar', ['tzf', tarball!], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  const tops = new Set(files.map((file) => file.split('/').slice(1, 3).join('/')));
  expect([...tops].filter((top) => !/^(dist|docs|presets)\//.test(top)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
    'src/cli',
    'src/evaluate',
    'src/live',
  ]);
  expect(files).toContain('package/presets/great-wave/model.onnx');
  expect(files).toContain('package/dist/index.d.ts');
  expect(files.filter((file) => /(^|\/)(test|samples|node_modules)\/|\.test\./.test(file))).toEqual([]);
  expect(files).toContain('package/src/live/pages/overlay/overlay.html');
  expect(files).toContain('package/src/evaluate/blind/page/blind.html');
  const pages = /^package\/src\/(live\/pages|evaluate\/blind\/page)\//;
  const written = files.filter((file) => file.startsWith('package/src/') && !pages.test(file));
  expect(written).toEqual(['package/src/cli/launch.js']);

  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const types = `@types/node@${devDependencies['@types/node']}`;
  execFileSync(npm, ['install', ...flags, join(folder, tarball!), types], { cwd: app, stdio: 'pipe' });

  makeClip(app, 'clip.mp4');
  ffmpeg(app, '-i', 'clip.mp4', '-frames:v', '1', 'photo.png');
  const npx = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(npm, ['exec', '--silent', '--', 'stylecast', ...args], {
      cwd: app,
      encoding: 'utf8',
    });
    return { status, text: `${stdout}${stderr}` };
  };
  const video = npx('video', 'clip.mp4', '--style', 'great-wave', '-o', 'stylized.mp4');
  expect(video.text).toMatch(/^stylized\.mp4: 25 frames, 160x90, /m);
  expect(video.status).toBe(0);
  expect(look(join(app, 'stylized.mp4'))).toMatchObject({ frames: 25, width: 160, height: 90 });
  // Packages that few need are not installed by themselves.
  const worker = npx('worker', '--redis', 'redis://127.0.0.1', '--shared', '.');
  expect(worker).toMatchObject({ status: 1, text: expect.stringContaining('npm install bullmq ioredis') });
  const image = npx('image', 'photo.png', '--style', 'great-wave', '-o', 'painting.png');
  expect(image.text).toMatch(/^painting\.png: 160x90, /m);
  expect(image.status).toBe(0);

  const evaluated = npx('eval', 'great-wave', '--clips', 'clip.mp4', '--frames', '2');
  expect(evaluated).toEqual({
    status: 1,
    text:
      'stylecast: The motion of clips is measured by OpenCV, whose package @techstark/opencv-js cannot be loaded: ' +
      'it is not installed.\n  Measure photographs alone with --photos, or run ' +
      `"npm install @techstark/opencv-js@${devDependencies['@techstark/opencv-js']}", ` +
      'with -g where stylecast was installed with it.\n',
  });
  mkdirSync(join(app, 'photos'));
  cpSync(join(app, 'photo.png'), join(app, 'photos', 'photo.png'));
  const photographs = npx('eval', 'great-wave', '--photos', 'photos', '--device', 'cpu');
  // Without a picture of its style there is no distance to it: that column is left out.
  expect(photographs.text).toMatch(/^style +light +colour +person +content +SSIM +MSE$/m);
  expect(photographs.text).toMatch(/^great-wave +\d/m);
  expect(photographs.status).toBe(0);

  cpSync(join(root, 'test/fixtures/consumer/program.ts'), join(app, 'program.ts'));
  for (const moduleResolution of ['node16', 'nodenext', 'bundler']) {
    const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
    const strict = { target: 'es2022', types: ['node'], strict: true, skipLibCheck: false, noEmit: true };
    const compilerOptions = { module, moduleResolution, ...strict };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', app], { encoding: 'utf8' });
    expect({ moduleResolution, status, stdout }).toEqual({ moduleResolution, status: 0, stdout: '' });
  }
  for (const file of ['program.ts', 'tsconfig.json']) rmSync(join(app, file));

  const program = `
    import { openStyle, stylizeVideo, stylizeImage } from 'stylecast';
    const style = await openStyle('great-wave');
    const { frames } = await stylizeVideo({ input: 'clip.mp4', output: 'library.mp4', style, duration: 0.4 });
    const { width } = await stylizeImage({ input: 'photo.png', output: 'library.png', style });
    console.log(JSON.stringify([style.name, frames, width]));`;
  writeFileSync(join(app, 'program.js'), program);
  const said = execFileSync(process.execPath, ['program.js'], { cwd: app, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual(['great-wave', 10, 160]);
  expect(listing(app).filter((file) => !file.startsWith('node_modules'))).toEqual([
    'clip.mp4',
    'library.mp4',
    'library.png',
    'package-lock.json',
    'package.json',
    'painting.png',
    'photo.png',
    'photos',
    'photos/photo.png',
    'program.js',
    'stylized.mp4',
  ]);
}, 300_000);

test('where nothing was built, the command says to build', () => {
  const clone = join(folder, 'clone');
  mkdirSync(join(clone, 'src/cli'), { recursive: true });
  cpSync(join(root, 'package.json'), join(clone, 'package.json'));
  cpSync(join(root, 'src/cli/launch.js'), join(clone, 'src/cli/launch.js'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/launch.js', 'styles'], {
    cwd: clone,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'stylecast: it is not built yet (install scripts were skipped).\n  Run: npm run build\n',
  });
});
