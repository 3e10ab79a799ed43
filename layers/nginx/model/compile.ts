import type { Facts, Plan } from './trace.ts';
import type { Configuration, Directive } from './syntax/ast.ts';
import { readingOf, type Workshop } from './location/compile.ts';
import { seal } from './plan.ts';
import { compileServer, groupServers } from './server/compile.ts';
import { defaultSettings } from './settings/defaults.ts';
import { textOf, type Zones } from './settings/reading.ts';
import { readSettings } from './settings/read.ts';
import type { CompiledText } from './values/expand.ts';
import { type Definitions, define } from './values/define.ts';

/** Makes a configuration ready for many requests: inheritance settled, names sorted, patterns compiled. */
export function compile(configuration: Configuration, facts: Facts): Plan {
  const definitions = define(configuration);
  const http = configuration.directives.find(({ name, block }) => name === 'http' && block !== null);
  const shop: Workshop = { configuration, definitions, zones: http === undefined ? new Map() : zonesOf(definitions, http) };
  const servers = http === undefined ? [] : serversOf(shop, http, facts);
  const unread = configuration.unread.filter(({ path }) => !path.endsWith('mime.types'));
  return seal({ configuration, definitions, facts, servers, groups: groupServers(servers), unread });
}

function serversOf(shop: Workshop, http: Directive, facts: Facts) {
  const settings = readSettings(readingOf(shop, http, 'http', ''), defaultSettings(shop.configuration));
  return (http.block ?? []).filter(({ name }) => name === 'server').map((server) => compileServer(shop, server, http, settings, facts));
}

function zonesOf(definitions: Definitions, http: Directive): Zones {
  const zones = new Map<string, CompiledText>();
  for (const directive of http.block ?? []) {
    if (directive.name !== 'limit_req_zone' && directive.name !== 'limit_conn_zone') continue;
    const zone =
      directive.args
        .find((arg) => arg.startsWith('zone='))
        ?.slice('zone='.length)
        .split(':')[0] ?? '';
    zones.set(`${directive.name.replace('_zone', '')} ${zone}`, textOf(directive.args[0] ?? '', definitions.encodingOf(directive)));
  }
  return zones;
}
