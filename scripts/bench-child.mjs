// Runs one bundled benchmark and hands its rows to the parent, with the tables that it makes of them for a page.
import { pathToFileURL } from 'node:url';

const { bench, tables } = await import(pathToFileURL(process.argv[2]).href);
const rows = await bench();
process.send({ rows, page: tables?.(rows) ?? null }, () => process.exit(0));
