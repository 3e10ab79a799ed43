import { hasNginx, startLab } from '@why403/nginx/lab';
import { readReport } from '@why403/doctor/report';
import { describe, expect, it } from 'vitest';
import { why403 } from './why403.ts';

describe.skipIf(!hasNginx)('diagnose -L', () => {
  it('makes a question of each hop and ends with the last one', async () => {
    await using lab = await startLab({
      tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
      http: ({ root, port }) => `server {
        listen 127.0.0.1:${port(0)};
        root ${root};
        location = /old { return 302 /private/; }
        location /private/ { deny all; }
      }`,
    });
    const url = `http://127.0.0.1:${lab.port(0)}/old`;
    const followed = await why403(['diagnose', '--json', '--no-proof', '-L', url]);
    const reports = followed.stdout.trimEnd().split('\n').map(readReport);
    expect(reports.map((report) => [report.outcome, report.observed?.status])).toEqual([
      ['allowed', 302],
      ['refused', 403],
    ]);
    expect(followed.code).toBe(1);
    const alone = await why403(['diagnose', '--json', '--no-proof', url]);
    expect(alone.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(alone.code).toBe(0);
  });
});
