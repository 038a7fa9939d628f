import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSync } from 'esbuild';

const here = process.cwd();

/** As Vite's TypeScript template has it, and stricter where a library can be wrong: its declarations are checked as well. */
const pageConfig = {
  compilerOptions: {
    target: 'ES2022', module: 'ESNext', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], moduleResolution: 'bundler', verbatimModuleSyntax: true,
    noEmit: true, strict: true, noUnusedLocals: true, noUnusedParameters: true, skipLibCheck: false,
  },
  include: ['src'],
};

function example(): string {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(here, 'README.md'), 'utf8'))!;
  return code!;
}

test('the packed client and the first example of its README make a page', () => {
  const page = mkdtempSync(join(tmpdir(), 'realtime-page-'));
  try {
    const npm = (...options: string[]) => execFileSync('npm', options, { cwd: here, encoding: 'utf8', shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'ignore'] });
    // Built already, by whoever runs this.
    const [packed] = Object.values(JSON.parse(npm('pack', '--json', '--ignore-scripts', `--pack-destination=${page}`)) as { filename: string; files: { path: string }[] }[]);
    const names = packed!.files.map(file => file.path);
    for (const name of ['package.json', 'README.md', 'dist/src/index.js', 'dist/src/index.d.ts']) assert.ok(names.includes(name), name);
    assert.deepEqual(names.filter(name => !/^(package\.json|README\.md|dist\/src\/.*\.(js|js\.map|d\.ts))$/.test(name)), []);

    execFileSync('tar', ['-xzf', packed!.filename.replace('@', '').replace('/', '-')], { cwd: page });
    mkdirSync(join(page, 'node_modules', '@realtime'), { recursive: true });
    cpSync(join(page, 'package'), join(page, 'node_modules', '@realtime', 'client'), { recursive: true });
    symlinkSync(join(here, 'node_modules', '@microsoft'), join(page, 'node_modules', '@microsoft'), 'junction');
    mkdirSync(join(page, 'src'));
    writeFileSync(join(page, 'tsconfig.json'), JSON.stringify(pageConfig));
    writeFileSync(join(page, 'src', 'main.ts'), example());

    const checked = execFileSync(process.execPath, [join(here, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', page], { encoding: 'utf8' });
    assert.equal(checked, '');
    const { outputFiles } = buildSync({ absWorkingDir: page, entryPoints: ['src/main.ts'], bundle: true, format: 'esm', write: false, logLevel: 'silent' });
    assert.match(outputFiles[0]!.text, /RTCPeerConnection/);
  } finally {
    rmSync(page, { recursive: true, force: true });
  }
});
