/** A server that speaks MongoDB's protocol, for the tests that need one. */
export interface TestMongo {
  readonly name: string;
  uri(database: string): string;
  stop(): Promise<void>;
}

/**
 * MONGODB_TEST_URI names a server (CI starts mongo-java-server and FerretDB). Without it, mongodb-memory-server runs a
 * mongod if that is allowed. With REQUIRE_MONGO=1, a missing server is a failure.
 */
export async function findMongo(): Promise<TestMongo | undefined> {
  const given = process.env['MONGODB_TEST_URI'];
  if (given !== undefined && given !== '') {
    const base = given.replace(/\/+$/, '');
    return {
      name: process.env['MONGODB_TEST_NAME'] ?? 'a given server',
      uri: (database) => `${base}/${database}`,
      stop: () => Promise.resolve(),
    };
  }
  // `npm test` itself needs no network. A mongod is downloaded only with TALANOA_FETCH_MONGOD=1.
  const wanted =
    process.env['TALANOA_FETCH_MONGOD'] === '1' || process.env['MONGOMS_SYSTEM_BINARY'] !== undefined;
  if (wanted) {
    const { MongoMemoryReplSet } = await import('mongodb-memory-server');
    const server = await MongoMemoryReplSet.create({ replSet: { count: 1, ip: '127.0.0.1' } });
    return {
      name: 'mongodb-memory-server',
      uri: (database) => server.getUri(database),
      stop: async () => {
        await server.stop();
      },
    };
  }
  if (process.env['REQUIRE_MONGO'] === '1')
    throw new Error('REQUIRE_MONGO=1, but MONGODB_TEST_URI names no server');
  return undefined;
}
