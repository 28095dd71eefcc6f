import { afterAll, beforeAll } from 'vitest';
import { storeContract } from '../../contracts/store.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';

describeWith('mysql', 'the store on MariaDB', () => {
  let server: Mariadb;
  let url: string;

  beforeAll(async () => {
    server = await startMariadb();
    url = await server.createDatabase();
  });
  afterAll(() => server?.stop());

  storeContract({ name: 'mysql', url: () => url, emptyUrl: () => server.createDatabase() });
});
