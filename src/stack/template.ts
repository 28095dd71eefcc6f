/** A CloudFormation template as data, and what one deployment of the stack needs besides it. */
import { createHash } from 'node:crypto';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly [attribute: string]: unknown;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
  readonly [section: string]: unknown;
}

/** One stack, ready to be planned. Its template names no value that another run would resolve differently. */
export interface Blueprint {
  readonly stackName: string;
  /** `prod`, `staging`, `dev` or own: the tag `roc:env`, and what a person types to destroy it. */
  readonly env: string;
  /** Production: destroy asks for the name, and protections must be taken off on purpose. */
  readonly isProduction: boolean;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Where the configuration pins it; a plan elsewhere is refused. */
  readonly account: string | null;
  readonly region: string | null;
  /** The certificate of the load balancer, checked before anything is made; null where the stack makes its own. */
  readonly certificateArn: string | null;
}

/** The minified text that AWS gets. */
export function templateBody(template: Template): string {
  return JSON.stringify(template);
}

/** SHA-256 of the minified text, lower-case hex. */
export function templateSha(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
