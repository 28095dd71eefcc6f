/** The first deployment makes the registry that the servers pull from: until something is pushed there are none of them. */
import { RocError } from '../kernel/errors.js';
import type { StackSettings } from './settings.js';
import type { Template } from './template.js';

export interface ImagePlace {
  /** Null: of the caller. */
  readonly account: string | null;
  readonly region: string | null;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
}

export function imagePlace({ stackName, app }: Pick<StackSettings, 'stackName' | 'app'>): ImagePlace {
  if (app.image === null)
    return {
      ...{ account: null, region: null, digest: null },
      ...{ repository: `${stackName}/orchestrator`, tag: app.version },
    };
  const [, account = '', region = '', repository = '', tag = '', digest] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(app.image) ?? [];
  return { account, region, repository, tag, digest: digest ?? null };
}

/**
 * What is to be done after the deployment; empty where the image is there.
 * @param before what is deployed; null for a first plan
 * @throws RocError ROC_REFUSED where servers run already: each would be replaced by one that cannot start
 */
export function stepsForImage(
  missing: ImagePlace | null,
  before: Template | null,
  place: { readonly account: string; readonly region: string },
): string[] {
  if (missing === null) return [];
  const registry = `${missing.account ?? place.account}.dkr.ecr.${missing.region ?? place.region}.amazonaws.com`;
  const image = `${registry}/${missing.repository}${missing.digest === null ? `:${missing.tag}` : `@${missing.digest}`}`;
  const push = [
    `docker build --platform linux/amd64 --tag ${image} .`,
    `aws ecr get-login-password --region ${missing.region ?? place.region} | docker login --username AWS --password-stdin ${registry}`,
    `docker push ${image}`,
  ];
  if (before !== null && hasServers(before))
    throw new RocError(
      'ROC_REFUSED',
      `the registry has no image ${image}, and servers run: none could be replaced`,
      {
        hint: `Push it first: ${push.join(' && ')}`,
      },
    );
  return [
    `the registry has no image ${image} yet, so there are no servers: push it, then raise them`,
    ...push.map((line) => `  ${line}`),
    '  roc provision apply',
  ];
}

function hasServers({ Resources }: Template): boolean {
  const group = Resources['Servers']?.Properties;
  const service = Resources['Service']?.Properties;
  if (group !== undefined) return Number(group['MinSize']) > 0;
  return service !== undefined && service['DesiredCount'] !== 0;
}
