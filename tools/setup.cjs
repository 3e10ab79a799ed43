#!/usr/bin/env node
// The door of every `npm run`. Written in old syntax, with no imports but Node's own, because on a fresh
// machine it is read by whatever Node is there. It installs what the lock names if that isn't installed,
// builds what changed if a task needs that, and hands over to the task on a Node that can run it.
'use strict';
var childProcess = require('child_process');
var fs = require('fs');
var path = require('path');

var ROOT = path.resolve(__dirname, '..');

// `build: true`: the task runs dist/ or bin/why403, so they must be up to date.
var TASKS = {
  bench: { script: 'bench/run.ts', build: true },
  build: { script: 'tools/build.ts' },
  check: { script: 'tools/check.ts' },
  demo: { script: 'tools/demo.ts', build: true },
  format: { script: 'node_modules/@biomejs/biome/bin/biome', args: ['format', '--write', '.'] },
  gen: { script: 'tools/gen.ts' },
  lab: { script: 'tools/lab.ts', build: true },
  'lab:mutations': { script: 'layers/nginx/lab/mutations/run.ts' },
  'new-cause': { script: 'tools/new-cause.ts' },
  test: { script: 'tools/test.ts', build: true },
};

function fail(message) {
  process.stderr.write(message + '\n');
  process.exit(4);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

// npm writes node_modules/.package-lock.json last, so an interrupted install has none.
function isInstalled() {
  var wanted = readJson(path.join(ROOT, 'package-lock.json'));
  var installed = readJson(path.join(ROOT, 'node_modules', '.package-lock.json'));
  if (wanted === null) fail('package-lock.json is missing or broken: restore it with `git checkout package-lock.json`.');
  if (installed === null) return false;
  return Object.keys(wanted.packages).every(function (name) {
    var want = wanted.packages[name];
    var have = installed.packages[name];
    if (name.indexOf('node_modules/') === -1) return true;
    if (have === undefined) return want.optional === true || want.peer === true;
    return want.link === true ? have.resolved === want.resolved : have.version === want.version;
  });
}

function install() {
  var npm = process.env.npm_execpath;
  var args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  process.stderr.write('Installing the packages that package-lock.json names (once, a minute or so)…\n');
  var result =
    npm === undefined
      ? childProcess.spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit' })
      : childProcess.spawnSync(process.execPath, [npm].concat(args), { cwd: ROOT, stdio: 'inherit' });
  if (result.status !== 0) fail('npm could not install the packages; see its message above. Then run this again.');
}

function isNewEnough(version) {
  var numbers = version.replace(/^v/, '').split('.').map(Number);
  return numbers[0] > 22 || (numbers[0] === 22 && numbers[1] >= 19);
}

// Everything is developed and tested on the Node that the lock names, so it comes first here; bin/why403
// prefers the machine's.
function findNode() {
  var own = path.join(ROOT, 'node_modules', '.bin', 'node');
  var result = childProcess.spawnSync(own, ['-v'], { encoding: 'utf8' });
  if (result.status === 0 && isNewEnough(result.stdout.trim())) return own;
  if (isNewEnough(process.version)) return process.execPath;
  return fail(
    'why403 needs Node 22.19 or newer. This machine has ' +
      process.version +
      ', and npm has none for ' +
      process.platform +
      ' on ' +
      process.arch +
      ': install one from https://nodejs.org/',
  );
}

function run(node, args) {
  var child = childProcess.spawn(node, args, { stdio: 'inherit' });
  // A Ctrl-C reaches the child from the terminal; a kill reaches only us. Either way the child cleans up first.
  process.on('SIGINT', function () {});
  ['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('exit', function (code, signal) {
    process.exit(code === null ? 128 + (require('os').constants.signals[signal] || 0) : code);
  });
}

function main() {
  var task = TASKS[process.argv[2]];
  if (task === undefined) fail('usage: node tools/setup.cjs ' + Object.keys(TASKS).join('|') + ' [ARGUMENT…]');
  if (!isInstalled()) install();
  var node = findNode();
  process.env.PATH = path.join(ROOT, 'node_modules', '.bin') + path.delimiter + process.env.PATH;
  process.chdir(ROOT);
  if (task.build === true) {
    var built = childProcess.spawnSync(node, ['tools/build.ts', '--if-changed'], { stdio: 'inherit' });
    if (built.status !== 0) fail('why403 could not be built; see the message above.');
  }
  run(node, [task.script].concat(task.args || [], process.argv.slice(3)));
}

main();
