/** Which rights each command that asks AWS needs: one literal table, from which policies and messages are made. */
import {
  BACKUP_READS,
  BACKUP_RESTORES,
  BACKUP_SAMPLES,
  BACKUP_STORE,
  BACKUP_SWEEPS,
} from './backup-rights.js';
import {
  BASTION_DATABASE,
  BASTION_DOCTOR,
  BASTION_EXEC,
  BASTION_LIST,
  BASTION_SESSION,
} from './bastion-rights.js';
import { POSTURE } from './posture-rights.js';
import {
  ACCOUNT_SERVICES,
  APP_USER,
  DEPLOY,
  DISARM,
  FACTS,
  READ_STACK,
  TEMPLATE_BUCKET,
  VERIFY,
} from './provision-rights.js';
import type { Right } from './right.js';
import { SCALE_APPLY, SCALE_PLAN, SCALE_WATCH } from './scale-rights.js';
import { SERVER, VULNS } from './server-rights.js';
import { CREATE_STACK_RESOURCES } from './stack-rights.js';
import { STATUS } from './status-rights.js';

const SESSION = [...BASTION_LIST, ...BASTION_SESSION];

/** By command as it is typed. What asks nothing of AWS is not here. */
export const COMMAND_RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  'bastion list': BASTION_LIST,
  'bastion connect': SESSION,
  'bastion forward': SESSION,
  'bastion socks': SESSION,
  'bastion ssh-proxy': SESSION,
  'bastion exec': [...SESSION, ...BASTION_EXEC],
  'bastion db': [...SESSION, ...BASTION_DATABASE],
  'bastion doctor': [...BASTION_LIST, ...BASTION_DOCTOR],
  'backup list': [...BACKUP_READS, ...BACKUP_STORE],
  'backup plan': BACKUP_READS,
  'backup run': [...BACKUP_READS, ...BACKUP_STORE, ...BACKUP_RESTORES],
  'backup manifest': [...BACKUP_READS, ...BACKUP_STORE, ...SESSION],
  'backup verify': [
    ...BACKUP_READS,
    ...BACKUP_STORE,
    ...BACKUP_RESTORES,
    ...BACKUP_SAMPLES,
    ...BACKUP_SWEEPS,
    ...SESSION,
  ],
  'backup restore': [...BACKUP_READS, ...BACKUP_STORE, ...BACKUP_RESTORES, ...SESSION],
  'backup resume': [...BACKUP_READS, ...BACKUP_STORE, ...BACKUP_RESTORES, ...BACKUP_SWEEPS, ...SESSION],
  'backup sweep': [...BACKUP_READS, ...BACKUP_STORE, ...BACKUP_SWEEPS],
  'vulns report': VULNS,
  'scale plan': SCALE_PLAN,
  'scale apply': SCALE_APPLY,
  'scale watch': SCALE_WATCH,
  status: STATUS,
  'posture check': POSTURE,
  serve: SERVER,
  'signing-keys list': SERVER,
  'signing-keys rotate': SERVER,
  'kms rewrap': SERVER,
  'provision plan': [...FACTS, ...READ_STACK, ...TEMPLATE_BUCKET, ...DEPLOY],
  'provision apply': [...FACTS, ...READ_STACK, ...TEMPLATE_BUCKET, ...DEPLOY, ...CREATE_STACK_RESOURCES],
  'provision import': [...FACTS, ...READ_STACK, ...TEMPLATE_BUCKET, ...DEPLOY, ...CREATE_STACK_RESOURCES],
  provision: [...FACTS, ...READ_STACK, ...TEMPLATE_BUCKET, ...DEPLOY, ...CREATE_STACK_RESOURCES],
  'provision destroy': [...READ_STACK, ...DEPLOY, ...DISARM, ...CREATE_STACK_RESOURCES],
  'provision recover': [...READ_STACK, ...DEPLOY, ...CREATE_STACK_RESOURCES],
  'provision status': READ_STACK,
  'provision events': READ_STACK,
  'provision outputs': READ_STACK,
  'provision drift': [...READ_STACK, ...VERIFY],
  'provision verify': [...READ_STACK, ...VERIFY],
  'provision template': FACTS,
  'provision account': ACCOUNT_SERVICES,
  'provision app-user': APP_USER,
};
