import { isIP } from 'node:net';

/** End of the name of the variable with the address of a Service. Kubernetes sets one for each Service. */
const HOST = /^(MEDIAHOOKS(?:_[A-Z0-9]+)*)_SERVICE_HOST$/;
const PORT = /^\d{1,5}$/;
const PROTOCOL = '(?:TCP|UDP|SCTP)';
const PORT_URL = /^(?:tcp|udp|sctp):\/\/(?:\[[\da-f:]+\]|[\d.]+):\d{1,5}$/i;

/**
 * Variables that Kubernetes sets for a Service, by the ends of their names after the Service's own name. A variable
 * is recognized only if its value has the form that Kubernetes gives it.
 */
const VARIABLES: readonly { readonly end: RegExp; readonly hasForm: (value: string) => boolean }[] = [
  { end: /^_SERVICE_HOST$/, hasForm: (value) => isIP(value) !== 0 },
  { end: /^_SERVICE_PORT(?:_[A-Z0-9_]+)?$/, hasForm: (value) => PORT.test(value) },
  { end: new RegExp(`^_PORT(?:_\\d+_${PROTOCOL})?$`), hasForm: (value) => PORT_URL.test(value) },
  { end: new RegExp(`^_PORT_\\d+_${PROTOCOL}_PROTO$`), hasForm: (value) => /^(?:tcp|udp|sctp)$/.test(value) },
  { end: new RegExp(`^_PORT_\\d+_${PROTOCOL}_PORT$`), hasForm: (value) => PORT.test(value) },
  { end: new RegExp(`^_PORT_\\d+_${PROTOCOL}_ADDR$`), hasForm: (value) => isIP(value) !== 0 },
];

/**
 * Returns the names of the variables that Kubernetes has set in `env` for Services whose names begin with
 * `mediahooks`: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 *
 * They look like settings, and one of them has the name of a setting: for a Service `mediahooks`, `MEDIAHOOKS_PORT`
 * is `tcp://10.0.0.11:8080`. A Service is recognized by the two variables that it always has.
 */
export function serviceVariables(env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const found = new Set<string>();
  for (const service of servicesIn(env)) {
    for (const [name, value = ''] of Object.entries(env)) {
      if (!name.startsWith(service)) continue;
      const end = name.slice(service.length);
      if (VARIABLES.some((variable) => variable.end.test(end) && variable.hasForm(value))) found.add(name);
    }
  }
  return found;
}

/** Returns the beginnings of the names of each Service's variables, such as `MEDIAHOOKS`. */
function servicesIn(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, address = '']) => {
    const [, service] = HOST.exec(name) ?? [];
    const isService = service && isIP(address) !== 0 && PORT.test(env[`${service}_SERVICE_PORT`] ?? '');
    return isService ? [service] : [];
  });
}
