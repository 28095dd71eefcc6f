/** OpenVEX's five justifications and statuses, and CycloneDX's words for them, both ways. */
import type { Justification, VexStatus } from './statement.js';

/** CycloneDX has nine labels where OpenVEX has five. */
export const FROM_CYCLONEDX: ReadonlyMap<string, Justification> = new Map<string, Justification>([
  ['code_not_present', 'vulnerable_code_not_present'],
  ['code_not_reachable', 'vulnerable_code_not_in_execute_path'],
  ['requires_configuration', 'vulnerable_code_cannot_be_controlled_by_adversary'],
  ['requires_dependency', 'component_not_present'],
  ['requires_environment', 'vulnerable_code_cannot_be_controlled_by_adversary'],
  ['protected_by_compiler', 'inline_mitigations_already_exist'],
  ['protected_at_runtime', 'inline_mitigations_already_exist'],
  ['protected_at_perimeter', 'inline_mitigations_already_exist'],
  ['protected_by_mitigating_control', 'inline_mitigations_already_exist'],
]);

export const TO_CYCLONEDX: Readonly<Record<Justification, string>> = {
  component_not_present: 'requires_dependency',
  vulnerable_code_not_present: 'code_not_present',
  vulnerable_code_not_in_execute_path: 'code_not_reachable',
  vulnerable_code_cannot_be_controlled_by_adversary: 'requires_configuration',
  inline_mitigations_already_exist: 'protected_by_mitigating_control',
};

export const STATUS_FROM_CYCLONEDX: ReadonlyMap<string, VexStatus> = new Map<string, VexStatus>([
  ['not_affected', 'not_affected'],
  ['false_positive', 'not_affected'],
  ['exploitable', 'affected'],
  ['in_triage', 'under_investigation'],
  ['resolved', 'fixed'],
  ['resolved_with_pedigree', 'fixed'],
]);

export const STATUS_TO_CYCLONEDX: Readonly<Record<VexStatus, string>> = {
  not_affected: 'not_affected',
  affected: 'exploitable',
  under_investigation: 'in_triage',
  fixed: 'resolved',
};

/** OpenVEX's labels, in the order of its specification. */
export const JUSTIFICATION_LABELS = Object.keys(TO_CYCLONEDX) as readonly Justification[];
