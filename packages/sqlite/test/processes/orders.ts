/** Tables of an application that knows nothing of this project: orders that expire, with what belongs to them. */
import type Database from 'better-sqlite3'

export const ORDERS = {
  table: 'orders',
  key: ['shop', 'number'],
  expiresAt: 'expires_at',
  type: 'datetime',
  namespace: 'shop',
} as const

const SCHEMA = `
  CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE orders (
    shop TEXT NOT NULL, number INTEGER NOT NULL, customer INTEGER NOT NULL REFERENCES customers (id), note TEXT,
    expires_at DATETIME, PRIMARY KEY (shop, number));
  CREATE INDEX orders_customer ON orders (customer);
  CREATE INDEX orders_expires_at ON orders (expires_at);
  CREATE TABLE lines (
    id INTEGER PRIMARY KEY, shop TEXT, number INTEGER, text TEXT,
    FOREIGN KEY (shop, number) REFERENCES orders ON DELETE CASCADE);
  CREATE INDEX lines_order ON lines (shop, number);
  CREATE TABLE visits (id INTEGER PRIMARY KEY, shop TEXT, number INTEGER,
    FOREIGN KEY (shop, number) REFERENCES orders ON DELETE SET NULL);
  CREATE INDEX visits_order ON visits (shop, number);`

/** Of five orders four expired long ago, in no order; one lives, or has no deadline. One in five has lines, one in ten a visit. */
export function fillOrders(db: Database.Database, rows: number): void {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(SCHEMA)
  db.exec(`
    BEGIN;
    INSERT INTO customers VALUES (1, 'ada');
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
    INSERT INTO orders SELECT 'shop' || (i % 7), i, 1, printf('%.100c', 'x'), CASE
      WHEN i % 5 > 0 THEN datetime(1000000000 + (i * 7919) % 10000000, 'unixepoch')
      WHEN i % 2 = 0 THEN datetime('now', '+1 year') END FROM c;
    INSERT INTO lines (shop, number, text) SELECT shop, number, 'line' FROM orders WHERE number % 25 < 5;
    INSERT INTO visits (shop, number) SELECT shop, number FROM orders WHERE number % 10 = 1;
    COMMIT`)
}

/** What is wrong with the database, if anything. */
export function faults(db: Database.Database): unknown[] {
  const integrity = db.pragma('integrity_check', { simple: true })
  return [...(integrity === 'ok' ? [] : [integrity]), ...(db.pragma('foreign_key_check') as unknown[])]
}
