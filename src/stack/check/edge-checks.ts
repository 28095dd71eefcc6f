/** The balancer: plain HTTP only sends on, servers are asked by TLS, held requests have targets of their own. */
import { heldPatterns } from '../../protocol/url-classes.js';
import type { CheckInput } from './check-input.js';
import { asRecord, breaking, listOf, ofType, refersTo } from './read.js';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

/** A listener without TLS that does anything but send people to HTTPS. */
export function plainHttp({ template }: CheckInput): string[] {
  return breaking(ofType(template, LISTENER), (listener) => {
    if (listener['Protocol'] === 'HTTPS') return listOf(listener['Certificates']).length === 0;
    const actions = listOf(listener['DefaultActions']).map(asRecord);
    const sendsOn = actions.every(
      (action) => action['Type'] === 'redirect' && asRecord(action['RedirectConfig'])['Protocol'] === 'HTTPS',
    );
    return actions.length === 0 || !sendsOn;
  });
}

export function targetsByTls({ template }: CheckInput): string[] {
  return breaking(
    ofType(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'),
    (group) => group['Protocol'] !== 'HTTPS' || group['HealthCheckProtocol'] !== 'HTTPS',
  );
}

/** Held patterns must lead to another group than the default one. */
export function heldApart({ template }: CheckInput): string[] {
  const defaults = ofType(template, LISTENER)
    .filter(([, listener]) => listener['Protocol'] === 'HTTPS')
    .flatMap(([, listener]) => [...refersTo(listener['DefaultActions'])]);
  const held = ofType(template, 'AWS::ElasticLoadBalancingV2::ListenerRule').filter(([, rule]) => {
    const text = JSON.stringify(rule['Conditions'] ?? []);
    return heldPatterns().every((pattern) => text.includes(JSON.stringify(pattern)));
  });
  if (held.length === 0) return ['stack'];
  return breaking(held, (rule) => [...refersTo(rule['Actions'])].some((target) => defaults.includes(target)));
}
