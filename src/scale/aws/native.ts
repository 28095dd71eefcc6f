/** The writes of AWS's own scaling, bound to one group. */
import type { NativeWrites } from '../group/native.js';
import type { AwsAccess } from './access.js';
import { enableGroupMetrics, putFloor, setWarmup } from './group-writes.js';

export function nativeWrites(access: AwsAccess, name: string): NativeWrites {
  return {
    putFloor: (floor) => putFloor(access, name, floor),
    setWarmup: (seconds) => setWarmup(access, name, seconds),
    enableMetrics: () => enableGroupMetrics(access, name),
  };
}
