import { describe, expect, it } from 'vitest';
import { parseDenials } from './denial.ts';

const AVC =
  'type=AVC msg=audit(1364481363.243:24287): avc:  denied  { read open } for  pid=1234 comm="nginx" name="index.html" dev="dm-0" ino=5 scontext=system_u:system_r:httpd_t:s0 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0';

function one(line: string): unknown {
  return parseDenials('/log', line)[0];
}

describe('SELinux records', () => {
  it('reads process, object, time and what was asked', () => {
    expect(one(AVC)).toMatchObject({
      system: 'selinux',
      file: '/log',
      line: 1,
      time: 1_364_481_363_243,
      pid: 1234,
      comm: 'nginx',
      name: 'index.html',
      path: null,
      asked: ['read', 'open'],
      source: 'httpd_t',
      target: 'user_home_t',
      class: 'file',
      isEnforced: true,
    });
  });

  it('takes the whole path from the record of the same event', () => {
    const path = 'type=PATH msg=audit(1364481363.243:24287): item=0 name="/home/a/index.html" inode=5';
    const other = 'type=PATH msg=audit(1364481363.243:24288): item=0 name="/wrong" inode=5';
    expect(parseDenials('/log', [AVC, other, path].join('\n'))).toMatchObject([{ path: '/home/a/index.html' }]);
  });

  it('reads names in hexadecimal, as audit writes those with blanks', () => {
    expect(one(AVC.replace('name="index.html"', 'name=6D792066696C65'))).toMatchObject({ name: 'my file' });
  });

  it('marks what is only reported', () => {
    expect(one(AVC.replace('permissive=0', 'permissive=1'))).toMatchObject({ isEnforced: false });
  });

  it('passes over what was granted and what is cut off', () => {
    expect(one(AVC.replace('denied', 'granted'))).toBeUndefined();
    expect(one(AVC.slice(0, 120))).toBeUndefined();
  });
});

describe('AppArmor records', () => {
  const line =
    'Jan  1 00:00:00 h kernel: audit: type=1400 audit(1700000000.5:3): apparmor="DENIED" operation="open" profile="/usr/sbin/nginx" name="/srv/a" pid=7 comm="nginx" requested_mask="r" denied_mask="r"';

  it('reads profile, path and mask', () => {
    expect(one(line)).toMatchObject({
      system: 'apparmor',
      profile: '/usr/sbin/nginx',
      path: '/srv/a',
      name: 'a',
      asked: ['r'],
      operation: 'open',
      pid: 7,
    });
  });

  it('marks complain mode', () => {
    expect(one(line.replace('DENIED', 'ALLOWED'))).toMatchObject({ isEnforced: false });
  });

  it('passes over status messages', () => {
    expect(one(line.replace('DENIED', 'STATUS'))).toBeUndefined();
  });
});

it('leaves lines without a number when only the end of a log was read', () => {
  expect(parseDenials('/log', AVC, null)).toMatchObject([{ line: null }]);
});
