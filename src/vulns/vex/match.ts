/** Does a VEX statement speak of this finding? By package URL and digest only: a bare CVE never matches everything. */
import type { Matcher } from '../decide/match.js';
import type { Merged, PackageRef } from '../model.js';
import { type Purl, parsePurl } from './purl.js';
import type { VexStatement } from './statement.js';

export function vexMatcher(statement: VexStatement): Matcher {
  const ids = new Set(statement.vulnerability.map((id) => id.toUpperCase()));
  const products = statement.products.map(productTest);
  const parts = statement.subcomponents.map(productTest);
  return (finding) =>
    finding.lane === 'vuln' &&
    [finding.cve, finding.advisory, ...(finding.aliases ?? [])].some(
      (id) => id !== undefined && ids.has(id.toUpperCase()),
    ) &&
    products.some((fits) => fits(finding)) &&
    (parts.length === 0 || parts.some((fits) => fits(finding)));
}

function productTest(product: string): Matcher {
  const purl = parsePurl(product);
  if (purl === null) return (finding) => plainProduct(product, finding);
  if (purl.type === 'oci' || purl.type === 'docker') return (finding) => isImage(purl, finding);
  return (finding) => isPackage(purl, finding);
}

/** `registry/repo@sha256:…`, a repository name or an image ARN, exactly. */
function plainProduct(product: string, { resource }: Merged): boolean {
  if (product === resource.id) return true;
  const [name, digest] = product.split('@');
  const isRepo =
    resource.repo !== undefined && (name === resource.repo || name?.endsWith(`/${resource.repo}`) === true);
  return isRepo && (digest === undefined || digest === resource.digest);
}

// https://github.com/package-url/purl-spec: an oci version is the digest, and the name the last part of the repository.
function isImage(purl: Purl, { resource }: Merged): boolean {
  if (resource.repo === undefined) return false;
  if (purl.version?.startsWith('sha256:') === true) return purl.version === resource.digest;
  const url = purl.qualifiers.get('repository_url');
  const repository = url?.slice(url.indexOf('/') + 1);
  const name = resource.repo.slice(resource.repo.lastIndexOf('/') + 1);
  return (
    name === purl.name && (repository === undefined || repository === resource.repo) && purl.version === null
  );
}

// A statement about one package does not speak of the others that a finding covers.
function isPackage(purl: Purl, { package: pkg, alsoIn = [] }: Merged): boolean {
  return pkg !== undefined && [pkg, ...alsoIn].every((one) => isOne(purl, one));
}

function isOne(purl: Purl, pkg: PackageRef): boolean {
  const own = pkg.purl === undefined ? null : parsePurl(pkg.purl);
  if (own !== null && own.type !== purl.type) return false;
  const names =
    purl.namespace === null
      ? [purl.name]
      : [purl.name, `${purl.namespace}/${purl.name}`, `${purl.namespace}:${purl.name}`];
  return names.includes(pkg.name) && (purl.version === null || purl.version === pkg.version);
}
