/** The first deployment makes the registry that the servers pull from: until something is pushed there are none of them. */
import { awsDomain } from '../kernel/aws-partition.js';
import { RocError } from '../kernel/errors.js';
import { architectureOf } from './architecture.js';
import type { StackSettings } from './settings.js';
import type { Template } from './template.js';

export interface ImagePlace {
  /** Null: of the caller. */
  readonly account: string | null;
  readonly region: string | null;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
  /** As `docker build --platform` takes it; an image for other processors cannot start, and its tag never moves. */
  readonly platform: 'linux/amd64' | 'linux/arm64';
}

export function imagePlace({
  stackName,
  app,
  compute,
}: Pick<StackSettings, 'stackName' | 'app' | 'compute'>): ImagePlace {
  const isArm = compute === 'ec2' && architectureOf(app.instanceType) === 'arm64';
  const platform = isArm ? 'linux/arm64' : 'linux/amd64';
  if (app.image === null)
    return {
      ...{ account: null, region: null, digest: null, platform },
      ...{ repository: `${stackName}/orchestrator`, tag: app.version },
    };
  const [, account = '', region = '', repository = '', tag = '', digest] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(app.image) ?? [];
  return { account, region, repository, tag, digest: digest ?? null, platform };
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
  const region = missing.region ?? place.region;
  const registry = `${missing.account ?? place.account}.dkr.ecr.${region}.${awsDomain(region)}`;
  const image = `${registry}/${missing.repository}${missing.digest === null ? `:${missing.tag}` : `@${missing.digest}`}`;
  const push = [
    `docker build --platform ${missing.platform} --tag ${image} .`,
    `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registry}`,
    `docker push ${image}`,
  ];
  if (before !== null && hasServers(before))
    throw new RocError(
      'ROC_REFUSED',
      `the registry has no image ${image}, and servers run: none could be replaced`,
      {
        hint: `Push it first, from a checkout of roc at the version of that tag: ${push.join(' && ')}`,
      },
    );
  return [
    `the registry has no image ${image} yet, so there are no servers: push it, then raise them`,
    `  (in a checkout of roc, at the version of that tag)`,
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
