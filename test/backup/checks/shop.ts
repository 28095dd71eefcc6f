/** A small shop as the source of backups: a table a mode, a view, a foreign key, a heartbeat. */

import type { DatabaseFacts, RestorePoint } from '../../../src/backup/facts.js';
import { backupPolicySchema, type RdsAsset } from '../../../src/backup/model.js';
import type { Mariadb } from '../../helpers/mariadb.js';

export const DATABASE = 'shop';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1111';

export const SHOP_TABLES = [
  `CREATE TABLE shop.customers (id INT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(80) NOT NULL, UNIQUE KEY by_email (email))`,
  `CREATE TABLE shop.orders (id BIGINT PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, status VARCHAR(20) NOT NULL,
     amount DECIMAL(12,2) NOT NULL, note VARCHAR(100) NULL, KEY by_status (status),
     CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES shop.customers (id))`,
  `CREATE TABLE shop.payments (order_id BIGINT, part SMALLINT, cents BIGINT NOT NULL, PRIMARY KEY (order_id, part))`,
  `CREATE TABLE shop.audit_log (id BIGINT PRIMARY KEY AUTO_INCREMENT, at DATETIME(6) NOT NULL, what VARCHAR(60) NOT NULL)`,
  `CREATE TABLE shop.carts (id INT PRIMARY KEY, items INT NOT NULL)`,
  `CREATE TABLE shop.imports (line VARCHAR(40), n INT)`,
  `CREATE TABLE shop.tmp_export (id INT PRIMARY KEY)`,
  `CREATE TABLE shop.roc_heartbeat (id INT PRIMARY KEY, at BIGINT NOT NULL)`,
  `CREATE VIEW shop.open_orders AS SELECT id, amount FROM shop.orders WHERE status = 'PENDING'`,
];

export const SHOP_ROWS = [
  `INSERT INTO shop.customers SELECT seq, CONCAT('c', seq, '@example.com') FROM shop.seq_1_to_500`,
  `INSERT INTO shop.orders SELECT seq, 1 + seq % 500, ELT(1 + seq % 3, 'PENDING', 'PAID', 'SHIPPED'), seq / 7,
     IF(seq % 4 = 0, NULL, CONCAT('note ', seq)) FROM shop.seq_1_to_8000`,
  `INSERT INTO shop.payments SELECT 1 + seq DIV 3, seq % 3, seq * 11 FROM shop.seq_1_to_6000`,
  `INSERT INTO shop.audit_log SELECT seq, '2026-01-01' + INTERVAL seq SECOND, CONCAT('did ', seq) FROM shop.seq_1_to_3000`,
  `INSERT INTO shop.carts SELECT seq, seq % 9 FROM shop.seq_1_to_1000`,
  `INSERT INTO shop.imports SELECT CONCAT('line ', seq % 10), 1 FROM shop.seq_1_to_200`,
  `INSERT INTO shop.tmp_export SELECT seq FROM shop.seq_1_to_10`,
];

/** Fills `server` with the shop; the heartbeat is of `at`, epoch milliseconds. */
export async function fillShop(server: Mariadb, at: number): Promise<void> {
  await server.execute('CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  for (const statement of [...SHOP_TABLES, ...SHOP_ROWS]) await server.execute(statement);
  await server.execute(`INSERT INTO shop.roc_heartbeat VALUES (1, ${at})`);
  // The planner of chunks goes by the server's estimates.
  await server.execute(
    'ANALYZE TABLE shop.orders, shop.payments, shop.audit_log, shop.carts, shop.customers',
  );
}

export function shopAsset(checks: Record<string, unknown> = {}): RdsAsset {
  const policy = backupPolicySchema.parse({
    version: 1,
    policy: { id: 'BKP-01' },
    assets: [
      {
        id: 'shop-prod',
        type: 'rds-mysql',
        source: { dbInstance: 'shop-prod' },
        rpo: '15m',
        rto: '2h',
        retention: { min: '35d' },
        testEvery: '30d',
        target: { maxCostUsd: 10 },
        checks: {
          databases: [DATABASE],
          heartbeat: { table: 'roc_heartbeat', maxLag: '10m' },
          sql: [
            {
              id: 'totals',
              query: 'SELECT COUNT(*) AS c FROM orders WHERE amount < 0',
              expect: { c: 0 },
            },
          ],
          tables: {
            default: 'exact',
            appendOnly: ['audit_log'],
            mutable: ['carts', 'roc_heartbeat'],
            exclude: [{ name: 'tmp_*', reason: 'scratch of the exporter' }],
            critical: ['orders'],
            chunkRows: 1000,
          },
          ...checks,
        },
      },
    ],
  });
  return policy.assets[0] as RdsAsset;
}

export function shopPoint(at: number): RestorePoint {
  return {
    kind: 'manual',
    id: 'shop-prod-2026',
    arn: null,
    source: 'shop-prod',
    at,
    status: 'available',
    encrypted: true,
    kmsKeyId: KEY,
    sizeGb: 20,
    engineVersion: '10.11',
    tags: {},
  };
}

export function shopInstance(id: string, host: string): DatabaseFacts {
  return {
    id,
    arn: `arn:aws:rds:eu-central-1:123456789012:db:${id}`,
    resourceId: null,
    status: 'available',
    engine: 'mariadb',
    engineVersion: '10.11',
    class: 'db.t4g.micro',
    storageGb: 20,
    storageType: 'gp3',
    iops: null,
    host,
    port: 3306,
    masterUser: 'roc',
    masterSecretArn: null,
    iamAuth: true,
    encrypted: true,
    kmsKeyId: KEY,
    publiclyAccessible: false,
    multiAz: false,
    deletionProtection: false,
    caId: null,
    subnetGroup: 'iso',
    securityGroups: ['sg-1'],
    parameterGroup: null,
    optionGroup: null,
    backupRetentionDays: 0,
    latestRestorableAt: null,
    createdAt: null,
    passwordPending: false,
    tags: {},
  };
}
