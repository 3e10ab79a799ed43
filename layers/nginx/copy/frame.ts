import type { CopyPlan } from './copy-plan.ts';

/** What the writing of http {} brought to light and the frame around it has to provide. */
export interface Draft {
  readonly http: string[];
  /** Statuses that something behind answers with. */
  readonly stubs: Set<number>;
  readonly authTargets: Set<number>;
  usesServerAddress: boolean;
  /** Variables of servers that were left out. */
  readonly declared: Set<string>;
}

/** Marks an answer that came from a stub. */
export const STUB_HEADER = 'Why403-Stub';

/** The location that answers instead of an auth_request's real target. */
export function authTarget(status: number): string {
  return `/.why403-auth-${status}`;
}

/** Modules with a folder for temporary files, by the word in their directives and configure switches. */
const SPOOLING = ['proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** The configuration around the site's own: nothing is listened on, read or written outside the copy. */
export function frame(plan: CopyPlan, main: string, draft: Draft): string {
  const { directory } = plan;
  const http = draft.http.map((line) => (line === '#auth\n' ? authTargets(plan, draft) : line)).join('');
  return `${main}worker_processes 1;
pid ${directory}/nginx.pid;
lock_file ${directory}/nginx.lock;
error_log ${plan.errorLog} ${plan.logLevel};
events { worker_connections 512; }
http {
access_log off;
log_not_found on;
client_body_temp_path ${directory}/temp-body;
${SPOOLING.filter((name) => !(plan.build ?? []).includes(`--without-http_${name}_module`))
  .map((name) => `${name}_temp_path ${directory}/temp-${name};\n`)
  .join('')}${plan.clientAddress === 'told' ? 'set_real_ip_from unix:;\nreal_ip_header proxy_protocol;\n' : ''}${
  draft.usesServerAddress ? serverAddress(plan) : ''
}${stubs(plan, draft)}${declaring(plan, draft)}${http}}
`;
}

/** The real server's address and port again, wherever the configuration asks for them. */
function serverAddress(plan: CopyPlan): string {
  const endpoints = [...plan.endpoints.values()].flatMap(({ plain, address, port }) =>
    plain === undefined ? [] : [{ plain, address, port }],
  );
  const entries = (name: 'address' | 'port'): string =>
    endpoints.map((endpoint) => `"${endpoint.plain.replace(/[[\]]/g, '')}" "${endpoint[name]}";\n`).join('');
  // Over a Unix socket the PROXY protocol's header tells both (1.17.6).
  return `map "$server_addr:$server_port" $why403_server_addr {\n${entries('address')}default $proxy_protocol_server_addr;\n}
map "$server_addr:$server_port" $why403_server_port {\n${entries('port')}default $proxy_protocol_server_port;\n}
`;
}

/** One server for each status that something behind answers with. */
function stubs(plan: CopyPlan, draft: Draft): string {
  return [...draft.stubs]
    .map(
      // `return` ends a request before the access phase, so nothing inherited from http {} can refuse it; the
      // error_page of its own keeps an inherited one from taking over.
      (status) => `server {
listen unix:${plan.sockets}/stub-${status};
error_page 599 /none;
add_header ${STUB_HEADER} ${status} always;
return ${status}${needsUrl(status) ? ' /' : ''};
}
`,
    )
    .join('');
}

/** A server that nobody asks, in which the variables of those left out are set. */
function declaring({ sockets }: CopyPlan, { declared }: Draft): string {
  if (declared.size === 0) return '';
  return `server {\nlisten unix:${sockets}/declaring;\n${[...declared].map((name) => `set $${name} "";\n`).join('')}}\n`;
}

function authTargets(plan: CopyPlan, draft: Draft): string {
  return [...draft.authTargets]
    .map((status) => `location = ${authTarget(status)} {\ninternal;\nproxy_pass http://unix:${plan.sockets}/stub-${status};\n}\n`)
    .join('');
}

/** Redirects by `return` want to know where to. */
function needsUrl(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
