/**
 * The first thing that runs: loads main.js with what V8 compiled of it in an earlier run. Node's own compile
 * cache keeps only what is compiled before the first line runs, which is a small part; this keeps every function
 * that a diagnosis came by, and so halves the time of the next one.
 *
 * What is kept lies in dist/ and not in the shared temporary folder, where another account of the machine could
 * plant some. It belongs to one text of main.js, one Node and one architecture; V8 refuses what doesn't fit.
 */
export function bootText(textHash: string, encoding: 'latin1' | 'utf8'): string {
  return `'use strict';
const fs = require('node:fs');
const vm = require('node:vm');
const filename = __dirname + '/main.js';
const kept = __dirname + '/.compiled/${textHash}-' + process.version + '-' + process.arch;
let cachedData;
try {
  cachedData = fs.readFileSync(kept);
} catch {
  // Nothing was kept yet.
}
const text = '(function (exports, require, module, __filename, __dirname) {' + fs.readFileSync(filename, '${encoding}') + '\\n})';
const script = new vm.Script(text, { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
// Only a run that comes by most of the program is worth keeping.
if (process.argv[2] === 'diagnose' && (cachedData === undefined || script.cachedDataRejected)) {
  process.once('exit', () => {
    try {
      fs.mkdirSync(__dirname + '/.compiled', { recursive: true });
      fs.writeFileSync(kept + '.' + process.pid, script.createCachedData());
      fs.renameSync(kept + '.' + process.pid, kept);
    } catch {
      // dist/ belongs to somebody else: then it stays as slow as it was.
    }
  });
}
`;
}
