/** The one thing that a controller scales, behind the same few verbs whether it is instances or tasks. */
import type { Activity, Contenders, Group, TargetHealth, Written } from './facts.js';

export interface Fleet {
  /** `group`: instances that roc drains and ends one by one. `service`: tasks that ECS drains by itself. */
  readonly kind: 'group' | 'service';
  group(): Promise<Group>;
  contenders(): Promise<Contenders>;
  activities(): Promise<readonly Activity[]>;
  targets(arn: string): Promise<TargetHealth>;
  /** An absolute number. */
  setDesired(desired: number): Promise<Written>;
  deregister(arn: string, instanceId: string): Promise<Written>;
  register(arn: string, instanceId: string): Promise<Written>;
  /** Ends the instance and lowers the desired capacity by one. */
  terminate(instanceId: string): Promise<Written>;
}
