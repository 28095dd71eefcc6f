// Runs one bundled benchmark and hands its rows to the parent.
import { pathToFileURL } from 'node:url';

const { bench } = await import(pathToFileURL(process.argv[2]).href);
const rows = await bench();
process.send(rows, () => process.exit(0));
