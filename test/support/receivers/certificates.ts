import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = ['-days', '2'];

/**
 * Makes TLS certificates for tests with openssl, in a folder. The files are `<name>.pem` and `<name>.key`.
 */
export class Certificates {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Makes a self-signed certificate. @param extensions arguments of openssl, such as `-addext` and its value
   */
  selfSigned(name: string, ...extensions: string[]): Certificate {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    this.#openssl('req', '-x509', ...KEY, ...files, ...DAYS, '-subj', `/CN=${name}`, ...extensions);
    return this.#read(name);
  }

  /**
   * Makes a certificate that `authority` has signed. @param san subject alternative name, such as
   * `IP:127.0.0.1` or `DNS:receiver.example`
   */
  issuedBy(authority: string, name: string, san: string): Certificate {
    this.#openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(this.#dir, `${name}.ext`), `subjectAltName=${san}\n`);
    const issuer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
    const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.pem`];
    this.#openssl('x509', '-req', ...issuer, ...files, ...DAYS);
    return this.#read(name);
  }

  #read(name: string): Certificate {
    const text = (type: string) => readFileSync(join(this.#dir, `${name}.${type}`), 'utf8');
    return { key: text('key'), cert: text('pem') };
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#dir, stdio: 'pipe' });
  }
}
