import { describe, expect, it } from 'vitest';
import { classify, HARMLESS_NAMES, MODELLED } from './table.ts';

describe('the table of directives', () => {
  it('puts each in one place', () => {
    expect([...MODELLED].filter((name) => HARMLESS_NAMES.has(name))).toEqual([]);
  });

  it('knows nothing of what it does not list', () => {
    expect(classify('frobnicate')).toBe('unknown');
    expect(classify('proxy_set_header')).toBe('harmless');
    expect(classify('access_by_lua_block')).toMatchObject({ module: 'lua', phase: 'access' });
    expect(classify('log_by_lua_block')).toBe('harmless');
    expect(classify('deny')).toBe('modelled');
  });
});
