/** Whom an encrypted package belongs to: bound into every chunk and into the wrapping of its data key. */

export interface PackageContext {
  /** The tenant's id. */
  readonly tenant: string;
  /** `project/name`. */
  readonly robot: string;
  readonly version: string;
}

export function packageContext(of: {
  readonly tenant: string;
  readonly project: string;
  readonly robot: string;
  readonly version: string;
}): PackageContext {
  return { tenant: of.tenant, robot: `${of.project}/${of.robot}`, version: of.version };
}
