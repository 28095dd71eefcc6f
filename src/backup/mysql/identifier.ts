/** Names of databases, tables and columns as SQL: quoted, so that no name is ever a statement. */
import { RocError } from '../../kernel/errors.js';

export function quoteName(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new RocError('ROC_INVALID_INPUT', 'a name of the database is empty or holds a NUL');
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quoteTable({ database, name }: { readonly database: string; readonly name: string }): string {
  return `${quoteName(database)}.${quoteName(name)}`;
}

/** A character set or collation, which SQL takes bare. */
export function bareName(name: string): string {
  if (!/^\w{1,64}$/.test(name))
    throw new RocError('ROC_INVALID_INPUT', `"${name}" is no character set or collation`);
  return name;
}
