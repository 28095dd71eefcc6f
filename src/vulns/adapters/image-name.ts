/** Container image references, `[registry/]repository[:tag][@digest]`, as resources that compare across tools. */
import type { ResourceRef } from '../model.js';

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

interface ImageName {
  readonly registry: string;
  readonly repo: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** The image that a scanner's report is about. */
export function imageResource(
  name: string,
  known: { digest?: string | undefined; tags?: readonly string[] },
): ResourceRef {
  const image = parseImageName(name);
  const tags = (known.tags ?? []).map((tag) => parseImageName(tag).tag ?? tag);
  const imageTags = [...new Set([...tags, ...(image.tag === undefined ? [] : [image.tag])])].sort();
  const ecr = ECR_HOST.exec(image.registry);
  return {
    type: 'image',
    id: name,
    repo: image.repo,
    digest: known.digest ?? image.digest,
    imageTags: imageTags.length === 0 ? undefined : imageTags,
    ...(ecr === null ? { registry: image.registry } : { account: ecr[1], region: ecr[2] }),
  };
}

// https://github.com/distribution/reference: the first part is a host when it has a dot or a port, or is localhost.
function parseImageName(name: string): ImageName {
  const at = name.indexOf('@');
  const digest = at === -1 ? undefined : name.slice(at + 1);
  const withTag = at === -1 ? name : name.slice(0, at);
  const colon = withTag.lastIndexOf(':');
  const hasTag = colon > withTag.lastIndexOf('/');
  const path = hasTag ? withTag.slice(0, colon) : withTag;
  const slash = path.indexOf('/');
  const host = slash === -1 ? '' : path.slice(0, slash);
  const isHost = host.includes('.') || host.includes(':') || host === 'localhost';
  const rest = isHost ? path.slice(slash + 1) : path;
  const registry = isHost ? host.replace(/^(?:index|registry-1)\.docker\.io$/, 'docker.io') : 'docker.io';
  return {
    registry,
    repo: registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest,
    tag: hasTag ? withTag.slice(colon + 1) : undefined,
    digest,
  };
}
