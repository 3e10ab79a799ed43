import { bytesOf, type RequestSpec } from '../generate/requests.ts';
import { portsOf, type Site } from '../generate/site.ts';
import { type Places, print } from '../generate/statement.ts';
import { certificates } from '../certificates.ts';
import { InvalidConfiguration, type Lab, type LabPlaces, startLab } from '../server.ts';
import { type Answer, ask } from '../wire.ts';

const AT_ONCE = 8;

export const placesOf = ({ root, directory, ports }: LabPlaces): Places => ({
  root,
  dir: directory,
  ...Object.fromEntries(ports.map((port, number) => [`port${number}`, String(port)])),
});

/** The site on a real nginx; null when nginx doesn't take its configuration. */
export async function startSite(
  site: Site,
  http: (places: LabPlaces) => string = (places) => print([...site.http, ...site.behind], placesOf(places), '  '),
): Promise<Lab | null> {
  try {
    return await startLab({
      tree: site.tree,
      files: { ...site.surroundings, ...(site.isTls ? certificates().files : {}) },
      stubs: site.stubs,
      ports: portsOf(site),
      http,
    });
  } catch (error) {
    if (error instanceof InvalidConfiguration) return null;
    throw error;
  }
}

export function sendTo(lab: Lab, request: RequestSpec): Promise<Answer | null> {
  const unix = request.to.startsWith('unix:');
  const endpoint = unix
    ? { path: `${lab.directory}/${request.to.slice('unix:'.length)}` }
    : { host: request.to, port: lab.port(request.port) };
  return ask(endpoint, bytesOf(request), {
    ...(unix ? {} : { from: request.from }),
    ...(request.tls === null
      ? {}
      : {
          tls: {
            serverName: request.tls.serverName,
            client: request.tls.certificate === 'none' ? null : certificates().clients[request.tls.certificate],
          },
        }),
  });
}

/**
 * All answers, in the order of the requests; several are under way at once. A request on which a worker of nginx
 * dies takes others along, which are then asked once more, by themselves.
 */
export async function answersOf(lab: Lab, requests: readonly RequestSpec[]): Promise<readonly (Answer | null)[]> {
  const answers: (Answer | null)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index];
      if (request !== undefined) answers[index] = await sendTo(lab, request);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (answers.includes(null) && lab.errorLog().includes('exited on signal')) {
    for (const [index, request] of requests.entries()) if (answers[index] === null) answers[index] = await sendTo(lab, request);
  }
  return answers;
}
