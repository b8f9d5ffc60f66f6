import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { messageOf, OptionError } from '../../../errors.js';
import { writePrivateFiles } from './private-files.js';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Validity of a self-signed certificate in days; Apple's systems refuse more than 825. */
const DAYS = 800;

const FILES = { cert: 'certificate.pem', key: 'key.pem' } as const;

/**
 * Reads a certificate supplied by the user.
 *
 * @throws OptionError `TLS_FILE`
 */
export async function readCertificate(paths: { cert: string; key: string }): Promise<Certificate> {
  const [cert, key] = await Promise.all(
    [paths.cert, paths.key].map((path) =>
      readFile(path, 'utf8').catch((cause) => {
        throw new OptionError('TLS_FILE', `${path} cannot be read: ${messageOf(cause)}`, {
          hint: 'Name a certificate and its key, both as PEM files.',
          cause,
        });
      }),
    ),
  );
  try {
    const x509 = new X509Certificate(cert!);
    if (!x509.checkPrivateKey(createPrivateKey(key!))) throw new Error('the key belongs to another certificate');
  } catch (cause) {
    throw new OptionError('TLS_FILE', `${paths.cert} and ${paths.key} cannot be used: ${messageOf(cause)}`, {
      hint: 'Name a certificate and the key without a passphrase that belongs to it, both as PEM files.',
      cause,
    });
  }
  return { cert: cert!, key: key! };
}

/**
 * The self-signed certificate stored in `folder`, so that a phone has to accept it only once; renewed when it expires
 * or the machine has an address that it does not include.
 */
export async function storedCertificate(folder: string): Promise<Certificate> {
  const [certPath, keyPath] = [join(folder, FILES.cert), join(folder, FILES.key)];
  const names = ['localhost', hostname(), `${hostname()}.local`];
  const addresses = ['127.0.0.1', '::1', ...lanAddresses()];
  try {
    const [cert, key] = await Promise.all([readFile(certPath, 'utf8'), readFile(keyPath, 'utf8')]);
    const x509 = new X509Certificate(cert);
    const lasts = Date.parse(x509.validTo) - Date.now() > 7 * 86_400_000;
    if (lasts && addresses.every((ip) => x509.checkIP(ip)) && names.every((name) => x509.checkHost(name))) {
      return { cert, key };
    }
  } catch {
    // Missing or damaged: a new one is made.
  }
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: `stylecast on ${hostname()}`.slice(0, 64) }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAYS * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  await writePrivateFiles(folder, { [FILES.key]: made.private, [FILES.cert]: made.cert });
  return { cert: made.cert, key: made.private };
}

/** The machine's addresses that others can reach, IPv4 first; link-local ones left out. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80|169\.254\.)/i.test(address))
    .sort((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
}
