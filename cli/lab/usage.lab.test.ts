import { describe, expect, it } from 'vitest';
import { expectFault } from './clear.ts';
import { why403 } from './why403.ts';

const URL = 'http://127.0.0.1:1/';
const CANARY = 'Zq9CANARYtyped';

describe('a command line that can not be understood', () => {
  it.concurrent.each<readonly [name: string, args: readonly string[], says: readonly (string | RegExp)[]]>([
    ['no URL', ['diagnose'], ['a URL is missing', 'Try: why403 diagnose http']],
    ['an empty URL', ['diagnose', ''], ['The URL is empty']],
    ['a space in the URL', ['diagnose', 'http://127.0.0.1/a b'], [/the URL:19: .*space/, '%20']],
    ['a control character', ['diagnose', 'http://127.0.0.1/\u001b[31m'], ['control character (code 27)']],
    ['a port too large', ['diagnose', 'http://127.0.0.1:99999/'], ['Port 99999 does not exist', '1 to 65535']],
    ['a port of letters', ['diagnose', 'http://127.0.0.1:http/'], ['is no port']],
    ['another scheme', ['diagnose', 'ftp://127.0.0.1/'], ['"ftp" is not http or https']],
    ['no host', ['diagnose', 'http://'], ['names no host']],
    ['two URLs', ['diagnose', URL, URL], ['more than one URL']],
    ['a file for a URL', ['diagnose', './package.json'], ['is a file or folder here', '--nginx FILE']],
    ['an unknown flag', ['diagnose', '--jsno', URL], ['no flag --jsno', 'Did you mean --json?']],
    [
      'an unknown flag with a secret',
      ['diagnose', `--heder=Authorization: Bearer ${CANARY}`, URL],
      ['no flag --heder', 'Did you mean --header?'],
    ],
    ['a flag that is near none', ['diagnose', '--frobnicate', URL], ['no flag --frobnicate', '--help']],
    ['an unknown command', ['diganose', URL], ['no command diganose', 'Did you mean diagnose?']],
    ['a flag of curl without its value', ['diagnose', URL, '-H'], ['--header needs a value: --header <field>']],
    ['a flag for evidence without its value', ['diagnose', URL, '--nginx'], ['--nginx needs a value']],
    ['an empty value', ['diagnose', URL, '--nginx', ''], ['--nginx: ', 'empty']],
    ['a flag of curl that is not carried out', ['diagnose', '--ntlm', URL], ['does not carry out --ntlm']],
    ['a time that is none', ['diagnose', '--max-time', 'soon', URL], ['--max-time: ', 'seconds']],
    ['an address that is none', ['diagnose', '--from', 'garbage', URL], ['--from needs one IPv4 or IPv6 address']],
    ['a network for an address', ['diagnose', '--from', '10.0.0.0/8', URL], ['--from needs one IPv4 or IPv6 address']],
    ['sending and supposing at once', ['diagnose', '--from', '10.0.0.1', '--probe', URL], ['--probe', '--from', 'Leave one of them away']],
    ['a header that is none', ['diagnose', '-H', `X-Api-Key: ${CANARY}\r\nEvil: 1`, URL], [/header|line end/i]],
    ['a secret in a bad URL', ['diagnose', `http://user:${CANARY}@127.0.0.1:99999/?token=${CANARY}`], ['Port 99999']],
    [
      'a root that is not there',
      ['diagnose', '--root', '/nonexistent/tree', URL],
      ['--root: /nonexistent/tree does not exist', 'Name a folder'],
    ],
    ['a root that is a file', ['diagnose', '--root', '/etc/passwd', URL], ['/etc/passwd is a file, and a folder is needed']],
    ['a log that is not there', ['diagnose', '--error-log', '/nonexistent.log', URL], ['--error-log: /nonexistent.log does not exist']],
    ['a log that is a folder', ['diagnose', '--access-log', '/etc', URL], ['/etc is a folder, and a file is needed']],
    ['a log that is a device', ['diagnose', '--audit-log', '/dev/null', URL], ['is a device or pipe', 'Save what comes out']],
    [
      'a configuration that is not there',
      ['diagnose', '--nginx', '/nonexistent.conf', URL],
      ['/nonexistent.conf', 'No such file', '--nginx FILE'],
    ],
    ['a configuration that is a folder', ['diagnose', '--nginx', '/etc', URL], ['/etc', 'Is a directory']],
    ['a configuration that is a device', ['diagnose', '--nginx', '/dev/zero', URL], ['/dev/zero is a device or pipe']],
  ])('%s', async (_name, args, says) => {
    const ended = await why403(args);
    expectFault(ended, 2, says);
    expect(ended.stderr).not.toContain(CANARY);
  });

  it('hides escapes of the command line in what it says of it', async () => {
    expectFault(await why403(['diagnose', '--as', 'a\u001b[31m\u202e', '--nginx', '/dev/full\u001b[2J', URL]), 2, ['\\x1b']);
    expectFault(await why403(['diagnose', '--fr\u001b[31mom', URL]), 2, ['no flag', '\\x1b']);
  });

  it('shows the help without a command, and says that nothing was done', async () => {
    const { code, stdout, stderr } = await why403([]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('Usage: why403');
  });
});
